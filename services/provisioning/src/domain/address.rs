//! Postal addresses.

use kit::fault::{Violations, reason::MISSING};
use serde::{Deserialize, Serialize};

use crate::{domain::country, error::reason};

/// Longest line of an address.
const LONGEST_LINE: usize = 50;
/// Longest city, state or postal code.
const LONGEST_PART: usize = 64;

/// A postal address; before [`Address::checked`] just what somebody wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) line1: String,
    pub(crate) line2: String,
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
}

impl Address {
    /// The address trimmed, with everything noted that is wrong with it.
    pub(crate) fn checked(&self, field: &str, violations: &mut Violations) -> Self {
        let at = |part: &str| format!("{field}.{part}");
        Self {
            line1: violations.text(&at("addressLine1"), &self.line1, LONGEST_LINE),
            line2: violations.optional_text(&at("addressLine2"), &self.line2, LONGEST_LINE),
            city: violations.text(&at("city"), &self.city, LONGEST_PART),
            state: violations.optional_text(&at("stateOrProvince"), &self.state, LONGEST_PART),
            postal_code: violations.optional_text(
                &at("zipOrPostalCode"),
                &self.postal_code,
                LONGEST_PART,
            ),
            country: checked_country(&at("country"), &self.country, violations),
        }
    }
}

/// A required country, in capitals.
pub(crate) fn checked_country(field: &str, value: &str, violations: &mut Violations) -> String {
    let code = value.trim().to_ascii_uppercase();
    if code.is_empty() {
        violations.add(field, MISSING, format!("{field} is required"));
    } else if country::region(&code).is_none() {
        violations.add(
            field,
            reason::UNKNOWN_COUNTRY,
            format!("{field} is not a country of ISO 3166-1 alpha-2"),
        );
    }
    code
}
