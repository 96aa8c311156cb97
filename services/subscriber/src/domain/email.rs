//! E-mail addresses, which name a person across the platform.

use kit::fault::{Violations, reason};

/// An address in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

/// Longest address (RFC 5321 section 4.5.3.1, less the angle brackets).
const LONGEST: usize = 254;
/// Longest part before the `@`.
const LONGEST_LOCAL: usize = 64;

impl Email {
    /// Reads one; what is wrong is noted under `field`.
    pub(crate) fn parse(violations: &mut Violations, field: &str, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            violations.add(field, reason::MISSING, format!("{field} is required"));
            return None;
        }
        if text.chars().count() > LONGEST {
            let text = format!("{field} has more than {LONGEST} characters");
            violations.add(field, reason::TOO_LONG, text);
            return None;
        }
        let holds = is_address(text);
        violations.check(holds, field, "INVALID_EMAIL", "not an e-mail address");
        holds.then(|| Self(text.to_ascii_lowercase()))
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it can be one; only a mail can tell whether it is. ASCII only, as in the identity context:
/// letters that look alike would let two people hold the same address.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |atom: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
        !atom.is_empty() && atom.bytes().all(allowed)
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let named = |top: &str| top.bytes().any(|b| b.is_ascii_alphabetic());
    local.len() <= LONGEST_LOCAL
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
        && domain.rsplit('.').next().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        let mut violations = Violations::default();
        let email = Email::parse(&mut violations, "email", text);
        assert_eq!(email.is_none(), !violations.is_empty(), "{text:?}");
        email.map(|email| email.0)
    }

    #[test]
    fn r407_an_address_is_one_address_in_any_case() {
        assert_eq!(
            parse(" Ada.Byron@Example.COM ").as_deref(),
            Some("ada.byron@example.com")
        );
        assert_eq!(
            parse("o'neil+hub@sub.example.co.uk").as_deref(),
            Some("o'neil+hub@sub.example.co.uk")
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "x",
            "@example.com",
            "a@",
            "a@b",
            "a b@example.com",
            "a@@example.com",
            "a@-b.com",
            "a@b..com",
            "a@10.0.0.1",
            "ä@example.com",
            ".a@b.com",
            "a..b@c.com",
            "a@example.com,b@example.com",
            &long,
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
