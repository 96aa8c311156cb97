//! Pages: `offset` and `max` of the published lists, `cursor` and `max` of ours, and the `Link` header
//! (RFC 5988) on top of the contexts' page tokens.
//!
//! A published list's next link carries the offset, for clients that read it, and the cursor, so that
//! following the link costs the same on every page and never repeats a row.

use http::{HeaderValue, header::LINK};

use crate::{failure::Failure, query::Query};

/// The page that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Rows to skip, when there is no token.
    pub(crate) offset: i32,
    /// Rows at most.
    pub(crate) size: i32,
    /// Where the page before ended; empty for none.
    pub(crate) token: String,
    /// Where the page begins, for the links.
    start: i32,
}

impl Page {
    /// A page of a published list.
    pub(crate) fn offset(query: &Query, default: i32, top: i32) -> Result<Self, Failure> {
        let start = query.number("offset", i32::MAX)?.unwrap_or(0);
        let cursor = Self::cursor(query, default, top)?;
        let offset = if cursor.token.is_empty() { start } else { 0 };
        Ok(Self {
            offset,
            start,
            ..cursor
        })
    }

    /// A page of one of our own lists.
    pub(crate) fn cursor(query: &Query, default: i32, top: i32) -> Result<Self, Failure> {
        // nobody wants no rows: 0 is the default, as for the contexts
        let size = query
            .number("max", top)?
            .filter(|size| *size > 0)
            .unwrap_or(default);
        Ok(Self {
            offset: 0,
            size,
            token: query.text("cursor")?,
            start: 0,
        })
    }

    /// The `Link` header of a published list; none when this is the only page.
    pub(crate) fn offset_links(
        &self,
        url: &str,
        query: &Query,
        rows: usize,
        next: &str,
    ) -> Option<(http::HeaderName, HeaderValue)> {
        let rows = i32::try_from(rows).unwrap_or(self.size);
        let link = |offset: i32, token: &str, relation: &str| {
            let mut pairs = vec![
                ("offset", offset.to_string()),
                ("max", self.size.to_string()),
            ];
            if !token.is_empty() {
                pairs.push(("cursor", token.to_owned()));
            }
            format!("<{}>; rel=\"{relation}\"", address(url, query, &pairs))
        };
        let mut links = Vec::new();
        if !next.is_empty() && rows > 0 {
            links.push(link(self.start.saturating_add(rows), next, "next"));
        }
        if self.start > 0 {
            links.push(link(0, "", "first"));
            links.push(link(
                self.start.saturating_sub(self.size).max(0),
                "",
                "prev",
            ));
        }
        header(&links)
    }

    /// The `Link` header of one of our own lists; none on the last page.
    pub(crate) fn cursor_links(
        &self,
        url: &str,
        query: &Query,
        next: &str,
    ) -> Option<(http::HeaderName, HeaderValue)> {
        if next.is_empty() {
            return None;
        }
        let pairs = [("max", self.size.to_string()), ("cursor", next.to_owned())];
        header(&[format!("<{}>; rel=\"next\"", address(url, query, &pairs))])
    }
}

/// The list's own URL with its filters and other page parameters. The serializer escapes commas, which
/// a client in the field splits at.
fn address(url: &str, query: &Query, pairs: &[(&str, String)]) -> String {
    const OURS: [&str; 3] = ["offset", "max", "cursor"];
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.pairs().filter(|(name, _)| !OURS.contains(name)));
    text.extend_pairs(pairs);
    format!("{url}?{}", text.finish())
}

fn header(links: &[String]) -> Option<(http::HeaderName, HeaderValue)> {
    if links.is_empty() {
        return None;
    }
    Some((LINK, HeaderValue::try_from(links.join(", ")).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://api.example.net/v1/wholesale/customers";

    fn links(text: &str, rows: usize, next: &str) -> Option<String> {
        let query = Query::parse(Some(text));
        let page = Page::offset(&query, 100, 1000).unwrap();
        let (_, value) = page.offset_links(URL, &query, rows, next)?;
        Some(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_first_page_links_to_the_next_with_filters_kept_and_commas_escaped() {
        assert_eq!(
            links("status=a,b&max=2", 2, "T0K").as_deref(),
            Some(
                "<https://api.example.net/v1/wholesale/customers?status=a%2Cb&offset=2&max=2&cursor=T0K>; rel=\"next\""
            )
        );
    }

    #[test]
    fn the_last_page_has_no_next() {
        assert_eq!(links("max=2", 1, ""), None);
        let last = links("max=2&offset=3", 1, "").unwrap();
        assert!(!last.contains("next"));
        assert!(last.contains("?offset=0&max=2>; rel=\"first\""));
        assert!(last.contains("?offset=1&max=2>; rel=\"prev\""));
    }

    #[test]
    fn a_cursor_replaces_the_offset_but_links_count_on() {
        let query = Query::parse(Some("offset=4&max=2&cursor=T0K"));
        let page = Page::offset(&query, 100, 1000).unwrap();
        assert_eq!((page.offset, page.token.as_str()), (0, "T0K"));
        let (_, value) = page.offset_links(URL, &query, 2, "NEXT").unwrap();
        assert!(
            value
                .to_str()
                .unwrap()
                .contains("?offset=6&max=2&cursor=NEXT>; rel=\"next\"")
        );
    }

    #[test]
    fn sizes_are_clamped_and_garbage_is_refused() {
        let size = |text: &str| Page::offset(&Query::parse(Some(text)), 50, 100);
        assert_eq!(size("").unwrap().size, 50);
        assert_eq!(size("max=0").unwrap().size, 50);
        assert_eq!(size("max=5000").unwrap().size, 100);
        assert_eq!(size("max=-1").unwrap_err().status(), 400);
        assert_eq!(size("offset=x").unwrap_err().status(), 400);
    }
}
