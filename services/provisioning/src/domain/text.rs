//! Small checks of text that several aggregates share.

use chrono::NaiveDate;
use kit::{
    email::Email,
    fault::{
        Violations,
        reason::{INVALID_EMAIL, MISSING},
    },
};

use crate::error::reason;

/// A required e-mail address, lower case.
pub(crate) fn email(field: &str, value: &str, violations: &mut Violations) -> String {
    if value.trim().is_empty() {
        violations.add(field, MISSING, format!("{field} is required"));
        return String::new();
    }
    optional_email(field, value, violations)
}

/// An e-mail address, lower case, or nothing.
pub(crate) fn optional_email(field: &str, value: &str, violations: &mut Violations) -> String {
    let value = value.trim().to_ascii_lowercase();
    if !value.is_empty() && !is_email(&value) {
        violations.add(
            field,
            INVALID_EMAIL,
            format!("{field} is not an e-mail address"),
        );
    }
    value
}

/// Whether it is an e-mail address.
pub(crate) fn is_email(value: &str) -> bool {
    Email::parse(value).is_some()
}

/// An IANA time zone, or nothing when the name is empty.
pub(crate) fn timezone(field: &str, value: &str, violations: &mut Violations) -> String {
    let value = value.trim();
    if !value.is_empty() && value.parse::<chrono_tz::Tz>().is_err() {
        violations.add(
            field,
            reason::UNKNOWN_TIMEZONE,
            format!("{field} is not the name of an IANA time zone"),
        );
    }
    value.to_owned()
}

/// A day as `YYYY-MM-DD`, or nothing.
pub(crate) fn day(field: &str, value: &str, violations: &mut Violations) -> Option<NaiveDate> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    // `%Y` alone would take years of any length
    let parsed = (value.len() == 10)
        .then(|| NaiveDate::parse_from_str(value, "%Y-%m-%d").ok())
        .flatten();
    if parsed.is_none() {
        violations.add(
            field,
            reason::INVALID_DATE,
            format!("{field} is not a day YYYY-MM-DD"),
        );
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r308_an_unknown_time_zone_is_refused() {
        let mut violations = Violations::default();
        assert_eq!(
            timezone("timezone", "Europe/Berlin", &mut violations),
            "Europe/Berlin"
        );
        assert!(violations.is_empty());
        timezone("timezone", "Europe/Atlantis", &mut violations);
        assert_eq!(violations.into_vec()[0].reason, reason::UNKNOWN_TIMEZONE);
    }

    #[test]
    fn days_are_exact() {
        let mut violations = Violations::default();
        assert!(day("d", "2026-02-28", &mut violations).is_some());
        assert!(day("d", "", &mut violations).is_none());
        assert!(violations.is_empty());
        for bad in ["2026-2-28", "2026-02-30", "28.02.2026", "+002026-01"] {
            assert!(day("d", bad, &mut violations).is_none(), "{bad}");
        }
        assert_eq!(violations.into_vec().len(), 4);
    }
}
