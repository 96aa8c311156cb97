//! The rules that creation, change and precheck of a customer share.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use kit::fault::{
    Violations,
    reason::{INVALID, MISSING},
};

use crate::{
    domain::{
        address::Address,
        application::{LocationForm, Parameters},
        catalogue::{Catalogue, Package},
        customer::Entitled,
        text,
    },
    error::reason,
};

/// Longest external id.
pub(crate) const LONGEST_EXTERNAL_ID: usize = 255;
/// Longest name of an organization.
const LONGEST_NAME: usize = 255;
/// Longest name of a location for calling.
const LONGEST_LOCATION_NAME: usize = 80;
/// Longest of texts without a published length.
pub(crate) const LONGEST_TEXT: usize = 100;
/// How long billing may be deferred, counted from the customer's creation.
const MOST_DAYS_DEFERRED: u64 = 90;

/// How much of a request must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Everything that creation needs.
    Creation,
    /// Address and primary e-mail; the rest is judged if it is there.
    Precheck,
}

/// What the judgement leans on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) today: NaiveDate,
    /// The partner has `enable_wholesale_delayed_billing`.
    pub(crate) delayed_billing: bool,
    pub(crate) strictness: Strictness,
}

/// The packages as other contexts hear of them.
pub(crate) fn entitled(
    packages: &[&Package],
    limit: impl Fn(&str) -> Option<i32>,
) -> Vec<Entitled> {
    packages
        .iter()
        .map(|package| Entitled::of(package, limit(&package.name)))
        .collect()
}

/// A required address.
pub(crate) fn checked_address(
    field: &str,
    address: Option<&Address>,
    violations: &mut Violations,
) -> Address {
    if let Some(address) = address {
        address.checked(field, violations)
    } else {
        violations.add(field, MISSING, format!("{field} is required"));
        Address::default()
    }
}

/// An external id that may be left out.
pub(crate) fn checked_external_id(value: &str, violations: &mut Violations) -> String {
    violations.optional_text("externalId", value, LONGEST_EXTERNAL_ID)
}

/// The name of an organization: without `%`.
pub(crate) fn checked_name(field: &str, value: &str, violations: &mut Violations) -> String {
    let name = violations.text(field, value, LONGEST_NAME);
    violations.check(
        !name.contains('%'),
        field,
        INVALID,
        "the name must not contain %",
    );
    name
}

/// Upper bounds: of packages that exist, none below zero.
pub(crate) fn checked_limits(
    limits: &[(String, i32)],
    catalogue: &Catalogue,
    violations: &mut Violations,
) -> BTreeMap<String, i32> {
    let mut checked = BTreeMap::new();
    for (name, limit) in limits {
        let field = format!("provisioningParameters.packages.limits.{name}");
        violations.check(*limit >= 0, &field, INVALID, "a limit is not below zero");
        match catalogue.find(name) {
            Some(package) => {
                checked.insert(package.name.clone(), *limit);
            }
            None => {
                violations.add(
                    &field,
                    reason::UNKNOWN_PACKAGE,
                    format!("no package {name}"),
                );
            }
        }
    }
    checked
}

/// The first location, when one is given.
pub(crate) fn checked_location(
    location: Option<&LocationForm>,
    violations: &mut Violations,
) -> Option<LocationForm> {
    let location = location?;
    let at = |part: &str| format!("provisioningParameters.calling.location.{part}");
    let timezone = violations.text(&at("timezone"), &location.timezone, LONGEST_TEXT);
    Some(LocationForm {
        name: violations.text(&at("name"), &location.name, LONGEST_LOCATION_NAME),
        address: location.address.checked(&at("address"), violations),
        timezone: text::timezone(&at("timezone"), &timezone, violations),
        language: violations.text(&at("language"), &location.language, LONGEST_TEXT),
        emergency_location_identifier: violations.optional_text(
            &at("emergencyLocationIdentifier"),
            &location.emergency_location_identifier,
            LONGEST_TEXT,
        ),
    })
}

/// The time zone of the meeting site; when none is named, the location's will do.
pub(crate) fn checked_meetings_timezone(
    parameters: &Parameters,
    violations: &mut Violations,
) -> String {
    const FIELD: &str = "provisioningParameters.meetings.timezone";
    let named = text::timezone(FIELD, &parameters.meetings_timezone, violations);
    match &parameters.location {
        Some(location) if named.is_empty() => location.timezone.trim().to_owned(),
        _ => named,
    }
}

/// What the packages wanted cannot do without.
pub(crate) fn require_parameters(
    packages: &[&Package],
    location: Option<&LocationForm>,
    meetings_timezone: &str,
    violations: &mut Violations,
) {
    if packages.iter().any(|package| package.calling) {
        violations.check(
            location.is_some(),
            "provisioningParameters.calling.location",
            MISSING,
            "a calling package needs a location",
        );
    }
    if packages.iter().any(|package| package.meetings) {
        violations.check(
            !meetings_timezone.is_empty() || location.is_some(),
            "provisioningParameters.meetings.timezone",
            MISSING,
            "a meetings package needs a time zone",
        );
    }
}

/// Deferred billing: for partners that have it, from today to 90 days after creation.
pub(crate) fn check_billing_start(
    day: NaiveDate,
    created: NaiveDate,
    rules: &Rules<'_>,
    violations: &mut Violations,
) {
    const FIELD: &str = "billingStartDate";
    violations.check(
        rules.delayed_billing,
        FIELD,
        reason::DELAYED_BILLING_DISABLED,
        "deferred billing is not enabled for this partner",
    );
    let last = created
        .checked_add_days(Days::new(MOST_DAYS_DEFERRED))
        .unwrap_or(created);
    violations.check(
        day >= rules.today && day <= last,
        FIELD,
        reason::BILLING_START_OUT_OF_RANGE,
        "billing begins between today and 90 days after the customer's creation",
    );
}
