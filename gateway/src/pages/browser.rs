//! What a browser sends and keeps: cookies, languages, and where its forms come from.

use chrono::{DateTime, Utc};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{ACCEPT_LANGUAGE, COOKIE, ORIGIN, USER_AGENT},
};
use kit::{fault::reason, time::from_proto};
use proto::identity::v1::{Browser, Cookie, CookieKind};

use crate::{call::Call, failure::Failure, query::Query};

/// Longest text of a cookie of ours.
const LONGEST_COOKIE: usize = 512;
/// Longest user agent that is told.
const LONGEST_AGENT: usize = 256;
/// Most languages that are looked at.
const MOST_LANGUAGES: usize = 16;

/// Browsers take a cookie of this name only over TLS, for this host and all of its paths, so no
/// neighbour of ours can plant one.
const HOST_ONLY: &str = "__Host-";
const SESSION: &str = "entrepot";
const FLOW: &str = "entrepot-flow";
const SSO: &str = "entrepot-sso";

/// What is known of the browser that calls.
pub(super) fn of(call: &Call) -> Browser {
    let cookies = Cookies::read(call);
    let agent = call.headers.get(USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    Browser {
        session_cookie: cookies.text(SESSION),
        flow_cookie: cookies.text(FLOW),
        sso_cookie: cookies.text(SSO),
        address: call.peer.map(|peer| peer.to_string()).unwrap_or_default(),
        agent: agent
            .unwrap_or_default()
            .chars()
            .take(LONGEST_AGENT)
            .collect(),
        languages: languages(&call.headers, &call.query),
    }
}

/// The cookies of a request.
struct Cookies<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    /// Only names that browsers guard count.
    guarded: bool,
}

impl<'a> Cookies<'a> {
    fn read(call: &'a Call) -> Self {
        let headers = call.headers.get_all(COOKIE).iter();
        let texts = headers.filter_map(|value| value.to_str().ok());
        let pairs: Vec<_> = texts
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .collect();
        let seen = [SESSION, FLOW, SSO]
            .iter()
            .any(|name| pairs.iter().any(|(known, _)| is_guarded(known, name)));
        let guarded = seen || call.url("").starts_with("https:");
        Self { pairs, guarded }
    }

    /// The text of a cookie; empty when there is none, or two that differ.
    fn text(&self, name: &str) -> String {
        let named = |known: &str| {
            if self.guarded {
                is_guarded(known, name)
            } else {
                known == name
            }
        };
        let mut texts = self
            .pairs
            .iter()
            .filter(|(known, _)| named(known))
            .map(|(_, text)| *text);
        let first = texts.next().filter(|text| is_opaque(text));
        first
            .filter(|first| texts.all(|text| text == *first))
            .unwrap_or_default()
            .to_owned()
    }
}

fn is_guarded(known: &str, name: &str) -> bool {
    known.strip_prefix(HOST_ONLY) == Some(name)
}

/// A text as ours are: base64url.
fn is_opaque(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() <= LONGEST_COOKIE && text.bytes().all(known)
}

/// A `Set-Cookie` header; none when it would not be one of ours.
pub(super) fn set_cookie(cookie: &Cookie, now: DateTime<Utc>) -> Option<HeaderValue> {
    let name = match cookie.kind() {
        CookieKind::Unspecified => return None,
        CookieKind::Session => SESSION,
        CookieKind::Flow => FLOW,
        CookieKind::Sso => SSO,
    };
    if !is_opaque(&cookie.text) {
        return None;
    }
    let (prefix, secure) = if cookie.secure {
        (HOST_ONLY, "; Secure")
    } else {
        ("", "")
    };
    // the answer of a provider is a post from its site; browsers want TLS for this
    let same_site = if cookie.kind() == CookieKind::Sso && cookie.secure {
        "None"
    } else {
        "Lax"
    };
    let ends = cookie.ends_at.as_ref().and_then(from_proto);
    let seconds = match ends {
        _ if cookie.text.is_empty() => Some(0),
        Some(end) => Some((end - now).num_seconds().max(0)),
        None => None,
    };
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let text = &cookie.text;
    HeaderValue::try_from(format!(
        "{prefix}{name}={text}; Path=/; HttpOnly; SameSite={same_site}{secure}{age}"
    ))
    .ok()
}

/// Refuses a form that another site's page sent, as far as the browser says.
pub(super) fn expect_own_form(call: &Call) -> Result<(), Failure> {
    let site = HeaderName::from_static("sec-fetch-site");
    for value in call.headers.get_all(site) {
        if !matches!(value.as_bytes(), b"same-origin" | b"none") {
            return Err(foreign());
        }
    }
    for value in call.headers.get_all(ORIGIN) {
        if !value.to_str().is_ok_and(|origin| is_own(call, origin)) {
            return Err(foreign());
        }
    }
    Ok(())
}

/// Whether an origin is ours. Without a base URL only the host is known for sure: a proxy before us may
/// speak TLS and not say so.
fn is_own(call: &Call, origin: &str) -> bool {
    let own = call.url("");
    let known = call.surface.config.base_url.is_some();
    match (parts(&own), parts(origin)) {
        (Some((scheme, host)), Some((other_scheme, other_host))) => {
            host.eq_ignore_ascii_case(other_host) && (scheme == other_scheme || !known)
        }
        _ => false,
    }
}

/// Scheme and authority of a URL, without a port that goes without saying.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next().unwrap_or(rest);
    let usual = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    Some((scheme, host.strip_suffix(usual).unwrap_or(host)))
}

/// The form is not one that we gave this browser.
pub(super) fn foreign() -> Failure {
    let message = "the form comes from another place";
    Failure::new(StatusCode::FORBIDDEN, reason::CALLER_NOT_ALLOWED, message)
}

/// Languages that are asked for, best first: by the client (`ui_locales`), then by the browser.
pub(super) fn languages(headers: &HeaderMap, query: &Query) -> Vec<String> {
    let wanted = query.text("ui_locales").unwrap_or_default();
    let header = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let mut accepted: Vec<(i32, &str)> = header
        .unwrap_or_default()
        .split(',')
        .take(MOST_LANGUAGES)
        .filter_map(weighed)
        .collect();
    accepted.sort_by_key(|(weight, _)| -weight);
    wanted
        .split_whitespace()
        .chain(accepted.into_iter().map(|(_, tag)| tag))
        .filter(|tag| is_tag(tag))
        .take(MOST_LANGUAGES)
        .map(str::to_ascii_lowercase)
        .collect()
}

/// `de-DE;q=0.8` as thousandths and tag.
fn weighed(entry: &str) -> Option<(i32, &str)> {
    let mut parts = entry.split(';').map(str::trim);
    let tag = parts.next()?;
    let weight = match parts.find_map(|part| part.strip_prefix("q=")) {
        None => 1000,
        Some(text) => {
            let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
            format!("{whole}{rest:0<3.3}").parse().ok()?
        }
    };
    (weight > 0).then_some((weight, tag))
}

fn is_tag(tag: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=35).contains(&tag.len()) && tag.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(header: &'static str, query: &str) -> Vec<String> {
        let header = (ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        let headers = HeaderMap::from_iter([header]);
        languages(&headers, &Query::parse(Some(query)))
    }

    #[test]
    fn languages_come_in_the_order_in_which_they_are_wanted() {
        assert_eq!(
            asked("en;q=0.3, de-DE, ko;q=0.85, *;q=0.1", ""),
            ["de-de", "ko", "en"]
        );
        assert_eq!(asked("en", "ui_locales=ja+de"), ["ja", "de", "en"]);
        assert_eq!(asked("en;q=0, de;q=x, <b>, ;;,", ""), Vec::<String>::new());
        assert_eq!(asked("a,".repeat(500).leak(), "").len(), MOST_LANGUAGES);
    }

    #[test]
    fn a_usual_port_goes_without_saying() {
        assert_eq!(
            parts("https://a.example:443/x"),
            Some(("https", "a.example"))
        );
        assert_eq!(parts("http://[::1]:8080"), Some(("http", "[::1]:8080")));
        assert_eq!(parts("null"), None);
    }
}
