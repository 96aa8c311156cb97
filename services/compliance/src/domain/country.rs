//! Countries, as far as evidence needs them.

use std::{collections::HashMap, fmt, sync::LazyLock};

/// ISO 3166-1 alpha-2 code of a known country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Country(&'static str);

/// Names and codes, as [`fold`] makes them; data stands in `lists/countries.txt`.
static COUNTRIES: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
    let mut countries = HashMap::new();
    for line in include_str!("../../lists/countries.txt").lines() {
        let Some((code, names)) = line.split_once(' ').filter(|(code, _)| code.len() == 2) else {
            continue;
        };
        countries.insert(fold(code), Country(code));
        for name in names.split('|') {
            countries.insert(fold(name), Country(code));
        }
    }
    countries
});

impl Country {
    /// Reads a code or an English name; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        COUNTRIES.get(&fold(text)).copied()
    }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_publishers_names_are_understood() {
        let code = |text: &str| Country::parse(text).map(|country| country.to_string());
        assert_eq!(code("ir").as_deref(), Some("IR"));
        assert_eq!(code("Korea, North").as_deref(), Some("KP"));
        assert_eq!(code(" United Kingdom ").as_deref(), Some("GB"));
        assert_eq!(code("Region: Gaza").as_deref(), Some("PS"));
        assert_eq!(code("undetermined"), None);
        assert_eq!(code(""), None);
    }
}
