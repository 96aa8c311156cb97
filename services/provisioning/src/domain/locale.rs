//! Languages. Nothing here fails: what is not understood becomes English.

/// Supported locales; the first of a language is its default.
const SUPPORTED: [&str; 30] = [
    "en_US", "en_AU", "en_GB", "en_CA", "fr_FR", "fr_CA", "cs_CZ", "da_DK", "de_DE", "hu_HU",
    "id_ID", "it_IT", "ja_JP", "ko_KR", "es_ES", "es_CO", "es_MX", "nl_NL", "nb_NO", "pl_PL",
    "pt_PT", "pt_BR", "ru_RU", "ro_RO", "zh_CN", "zh_TW", "sv_SE", "ar_SA", "tr_TR", FALLBACK,
];

/// What an unknown language becomes.
const FALLBACK: &str = "en_US";

/// Locales that meeting sites lack.
const NOT_ON_SITES: [&str; 4] = ["es_CO", "id_ID", "nb_NO", "pt_PT"];

/// The locale of a request: `ll` or `ll_CC`, in any case; nothing asked for means the template's.
pub(crate) fn resolve(
    asked: &str,
    template_country: &str,
    template_language: &str,
) -> &'static str {
    let asked = asked.trim();
    if asked.is_empty() {
        return if template_language.trim().is_empty() {
            FALLBACK
        } else {
            resolve(template_language, template_country, "")
        };
    }
    let (language, country) = asked
        .split_once(['_', '-'])
        .unwrap_or((asked, template_country));
    let language = language.to_ascii_lowercase();
    let wanted = format!("{language}_{}", country.to_ascii_uppercase());
    let of_language = |locale: &&&str| locale.split_once('_').is_some_and(|(ll, _)| ll == language);
    SUPPORTED
        .iter()
        .find(|locale| **locale == wanted)
        .or_else(|| SUPPORTED.iter().find(of_language))
        .copied()
        .unwrap_or(FALLBACK)
}

/// The locale of the meeting site of an organization with this one.
pub(crate) fn of_site(locale: &str) -> &str {
    if NOT_ON_SITES.contains(&locale) {
        FALLBACK
    } else {
        locale
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn r304_two_letters_try_the_template_s_country_first() {
        assert_eq!(resolve("en", "AU", "de_DE"), "en_AU");
        assert_eq!(resolve("en", "DE", "de_DE"), "en_US");
        assert_eq!(resolve("fr", "CA", ""), "fr_CA");
        assert_eq!(resolve("pt", "US", ""), "pt_PT");
        assert_eq!(resolve("zh", "US", ""), "zh_CN");
    }

    #[test]
    fn r304_an_unsupported_locale_becomes_its_language_s_default() {
        assert_eq!(resolve("de_AT", "AT", ""), "de_DE");
        assert_eq!(resolve("es_AR", "US", ""), "es_ES");
        assert_eq!(resolve("en_us", "DE", ""), "en_US");
    }

    #[test]
    fn r304_nothing_asked_for_means_the_template_s() {
        assert_eq!(resolve("", "DE", "fr_CA"), "fr_CA");
        assert_eq!(resolve("", "AU", "en"), "en_AU");
        assert_eq!(resolve("", "DE", ""), "en_US");
    }

    #[test]
    fn r304_an_unknown_language_is_english() {
        assert_eq!(resolve("xx_YY", "DE", "de_DE"), "en_US");
        assert_eq!(resolve("klingon", "DE", "de_DE"), "en_US");
    }

    #[test]
    fn r305_sites_lack_four_locales() {
        for missing in NOT_ON_SITES {
            assert!(SUPPORTED.contains(&missing));
            assert_eq!(of_site(missing), "en_US");
        }
        assert_eq!(of_site("pt_BR"), "pt_BR");
    }

    proptest! {
        #[test]
        fn r304_every_request_ends_in_a_supported_locale(asked in ".{0,8}", country in "[A-Z]{0,2}", language in ".{0,8}") {
            prop_assert!(SUPPORTED.contains(&resolve(&asked, &country, &language)));
        }

        #[test]
        fn r304_a_supported_locale_is_itself_everywhere(index in 0..SUPPORTED.len(), country in "[A-Z]{2}", lower: bool) {
            let locale = SUPPORTED[index];
            let asked = if lower { locale.to_lowercase() } else { locale.to_owned() };
            prop_assert_eq!(resolve(&asked, &country, "ja_JP"), locale);
        }

        #[test]
        fn r304_resolving_again_changes_nothing(asked in "[a-z]{2}(_[A-Z]{2})?", country in "[A-Z]{2}") {
            let once = resolve(&asked, &country, "");
            prop_assert_eq!(resolve(once, &country, ""), once);
        }
    }
}
