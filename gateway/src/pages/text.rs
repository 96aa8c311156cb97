//! What pages say, in four languages: one struct of words, so that a missing one does not compile.

use http::StatusCode;

mod de;
mod en;
mod ja;
mod ko;

/// A heading and what it means.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) title: &'static str,
    pub(crate) message: &'static str,
}

/// All words of all pages. `{}` stands for a name.
#[derive(Debug)]
pub(crate) struct Text {
    /// Tag of the language.
    pub(crate) language: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) continue_to: &'static str,
    pub(crate) email: &'static str,
    pub(crate) next: &'static str,
    pub(crate) enter_password: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) other_address: &'static str,
    pub(crate) choose_password: &'static str,
    pub(crate) password_rule: &'static str,
    pub(crate) new_password: &'static str,
    pub(crate) repeated: &'static str,
    pub(crate) save: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) account: &'static str,
    pub(crate) sessions: &'static str,
    pub(crate) this_browser: &'static str,
    pub(crate) last_used: &'static str,
    pub(crate) end: &'static str,
    pub(crate) end_session: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) test_result: &'static str,
    pub(crate) begin_again: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) signed_out: Notice,
    pub(crate) problems: Problems,
    pub(crate) notices: Notices,
}

/// What was wrong with what was filled in.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) wrong_credentials: &'static str,
    pub(crate) too_many_tries: &'static str,
    pub(crate) invalid_email: &'static str,
    pub(crate) too_short: &'static str,
    pub(crate) too_long: &'static str,
    pub(crate) too_common: &'static str,
    pub(crate) is_address: &'static str,
    pub(crate) differ: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) other: &'static str,
}

/// Why there is no page to go on with.
#[derive(Debug)]
pub(crate) struct Notices {
    pub(crate) unreadable: Notice,
    pub(crate) foreign: Notice,
    pub(crate) missing: Notice,
    pub(crate) too_many: Notice,
    pub(crate) unavailable: Notice,
    pub(crate) internal: Notice,
    pub(crate) ended: Notice,
    pub(crate) client_unknown: Notice,
    pub(crate) redirect_unknown: Notice,
}

/// The first is what everybody gets who wants none of them.
const LANGUAGES: &[&Text] = &[&en::TEXT, &ja::TEXT, &de::TEXT, &ko::TEXT];

/// The words in the first of these languages that we speak.
pub(crate) fn of<T: AsRef<str>>(wanted: &[T]) -> &'static Text {
    let spoken = |tag: &str| {
        let language = tag.split('-').next().unwrap_or(tag);
        LANGUAGES
            .iter()
            .find(|text| text.language.eq_ignore_ascii_case(language))
    };
    wanted
        .iter()
        .find_map(|tag| spoken(tag.as_ref()))
        .unwrap_or(&&en::TEXT)
}

/// Puts a name where it belongs.
pub(crate) fn fill(pattern: &str, name: &str) -> String {
    pattern.replacen("{}", name, 1)
}

impl Text {
    /// What was wrong; empty when nothing was.
    pub(crate) fn problem(&self, reason: &str) -> &'static str {
        let problems = &self.problems;
        match reason {
            "" => "",
            "WRONG_CREDENTIALS" => problems.wrong_credentials,
            "TOO_MANY_TRIES" => problems.too_many_tries,
            "INVALID_EMAIL" => problems.invalid_email,
            "PASSWORD_TOO_SHORT" => problems.too_short,
            "PASSWORD_TOO_LONG" => problems.too_long,
            "PASSWORD_TOO_COMMON" => problems.too_common,
            "PASSWORD_IS_ADDRESS" => problems.is_address,
            "PASSWORDS_DIFFER" => problems.differ,
            "SIGN_IN_ENDED" => problems.ended,
            _ => problems.other,
        }
    }

    /// Why identity refuses.
    pub(crate) fn refusal(&'static self, reason: &str, status: StatusCode) -> &'static Notice {
        match reason {
            "SIGN_IN_ENDED" => &self.notices.ended,
            "CLIENT_UNKNOWN" => &self.notices.client_unknown,
            "REDIRECT_UNKNOWN" => &self.notices.redirect_unknown,
            _ => self.failure(status),
        }
    }

    /// What a status means to people.
    pub(crate) fn failure(&'static self, status: StatusCode) -> &'static Notice {
        let notices = &self.notices;
        match status {
            StatusCode::FORBIDDEN => &notices.foreign,
            StatusCode::NOT_FOUND => &notices.missing,
            StatusCode::TOO_MANY_REQUESTS => &notices.too_many,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => &notices.unavailable,
            status if status.is_client_error() => &notices.unreadable,
            _ => &notices.internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_we_speak_is_taken() {
        assert_eq!(of(&["fr-CH", "ko-KR", "de"]).language, "ko");
        assert_eq!(of(&["DE-AT"]).language, "de");
        assert_eq!(of(&["dea", ""]).language, "en");
        assert_eq!(of::<&str>(&[]).language, "en");
    }

    #[test]
    fn a_name_keeps_its_place_in_every_language() {
        for text in LANGUAGES {
            for pattern in [text.continue_to, text.last_used, text.end_session] {
                assert_eq!(pattern.matches("{}").count(), 1, "{}", text.language);
            }
            assert!(fill(text.continue_to, "{}").contains("{}"));
        }
    }
}
