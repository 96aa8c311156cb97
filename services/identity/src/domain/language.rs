//! Languages of the pages that people sign in with.

use serde::{Deserialize, Serialize};

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
    /// German.
    De,
    /// Korean.
    Ko,
}

impl Language {
    /// The first that is known of those wanted, best first; else English. `de-AT` is German.
    pub(crate) fn choose<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |tag: &str| {
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            match primary.to_ascii_lowercase().as_str() {
                "en" => Some(Self::En),
                "ja" => Some(Self::Ja),
                "de" => Some(Self::De),
                "ko" => Some(Self::Ko),
                _ => None,
            }
        };
        wanted.into_iter().find_map(known).unwrap_or_default()
    }

    /// Its tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
            Self::De => "de",
            Self::Ko => "ko",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_language_is_chosen() {
        assert_eq!(Language::choose(["fr", "de-AT", "ja"]), Language::De);
        assert_eq!(Language::choose(["KO_kr"]), Language::Ko);
        assert_eq!(Language::choose(["fr", "", "japanese"]), Language::En);
        assert_eq!(Language::choose([]), Language::En);
        for language in [Language::En, Language::Ja, Language::De, Language::Ko] {
            assert_eq!(Language::choose([language.tag()]), language);
        }
    }
}
