//! A line of the list of sessions.

use proto::identity::v1::Choice;

/// Where somebody is signed in.
pub(super) struct Session<'a> {
    pub(super) key: &'a str,
    pub(super) agent: String,
    pub(super) address: &'a str,
    /// For programs.
    pub(super) instant: &'a str,
    /// For people.
    pub(super) time: String,
}

impl<'a> Session<'a> {
    pub(super) fn of(choice: &'a Choice) -> Self {
        let detail = choice.detail.as_str();
        let (address, instant) = detail.split_once(' ').unwrap_or((detail, ""));
        // 2026-11-21T13:07:45Z
        let time = match (instant.get(..10), instant.get(11..16)) {
            (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
            _ => String::new(),
        };
        Self {
            key: &choice.key,
            agent: agent(&choice.label),
            address,
            instant,
            time,
        }
    }
}

/// Names by which people know browsers; a browser names its ancestors too, so the order counts.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// A user agent as people say it.
fn agent(text: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(part, _)| text.contains(part));
        found.map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => text.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_named_as_people_say_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(agent(edge), "Edge, Windows");
        assert_eq!(agent(phone), "Safari, iPhone");
        assert_eq!(agent("curl/8.1"), "curl/8.1");
    }

    #[test]
    fn a_detail_is_an_address_and_a_time() {
        let choice = |detail: &str| Choice {
            detail: detail.to_owned(),
            ..Choice::default()
        };
        let full = choice("203.0.113.7 2026-11-21T13:07:45Z");
        let full = Session::of(&full);
        assert_eq!(
            (full.address, full.time.as_str()),
            ("203.0.113.7", "2026-11-21 13:07 UTC")
        );
        assert_eq!(Session::of(&choice("::1")).time, "");
    }
}
