//! E-mail addresses, in the one form in which they are compared: every context holds the same to be one
//! address.

use std::fmt;

use crate::fault::{Violations, reason};

/// An address: lower case, ASCII, `local@domain.tld`.
///
/// Only ASCII, because an address must be the platform's only one of its kind, and letters that look
/// alike, or whose case depends on the language, would let two people hold the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;

impl Email {
    /// The address, or none when the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let valid = text.len() <= LONGEST && is_local(local) && is_domain(domain);
        valid.then_some(Self(text))
    }

    /// A required address; what is wrong is noted under `field`.
    pub fn required(violations: &mut Violations, field: &str, text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            violations.add(field, reason::MISSING, format!("{field} is required"));
            return None;
        }
        if text.trim().chars().count() > LONGEST {
            let text = format!("{field} has more than {LONGEST} characters");
            violations.add(field, reason::TOO_LONG, text);
            return None;
        }
        let email = Self::parse(text);
        violations.check(
            email.is_some(),
            field,
            reason::INVALID_EMAIL,
            "not an e-mail address",
        );
        email
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 5321's dot-string; quoted local parts are not in use.
fn is_local(local: &str) -> bool {
    local.len() <= LONGEST_LOCAL
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(is_label)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.bytes().any(|b| b.is_ascii_alphabetic()))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_in_use_are_accepted() {
        for text in [
            "a@b.co",
            "Ann.O'Hara+x@Mail.Example.COM",
            " x_1@sub-domain.example ",
            "1@1.a1",
        ] {
            assert!(Email::parse(text).is_some(), "{text}");
        }
        assert_eq!(
            Email::parse(" Ann@Example.COM ").unwrap().as_str(),
            "ann@example.com"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a..b@c.de",
            ".a@c.de",
            "a@-c.de",
            "a@c.-de",
            "a@c..de",
            "a@b@c.de",
            "ä@c.de",
            "a@1.2.3.4",
            "a@c.de\u{0}",
            &long,
        ] {
            assert!(Email::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, reason) in [
            (" ", "MISSING"),
            (&*format!("{}@b.example", "a".repeat(300)), "TOO_LONG"),
            ("nobody", "INVALID_EMAIL"),
        ] {
            let mut violations = Violations::default();
            assert_eq!(Email::required(&mut violations, "email", text), None);
            assert_eq!(violations.into_vec()[0].reason, reason);
        }
    }

    proptest! {
        #[test]
        fn parsing_settles_the_form(text in "\\PC{0,40}") {
            if let Some(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Some(email.clone()));
                prop_assert!(email.as_str().is_ascii());
            }
        }

        #[test]
        fn r407_case_makes_no_other_address(local in "[a-zA-Z0-9]{1,20}", domain in "[a-zA-Z]{1,20}") {
            let text = format!("{local}@{domain}.example");
            prop_assert_eq!(Email::parse(&text), Email::parse(&text.to_uppercase()));
            prop_assert!(Email::parse(&text).is_some());
        }
    }
}
