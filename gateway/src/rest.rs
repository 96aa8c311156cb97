//! One file for each resource: its routes and handlers. A handler reads the wire form, makes one gRPC
//! call, and writes the wire form; rules are the contexts' business.

use chrono::SecondsFormat;
use kit::{
    fault::{Fault, Violations, reason},
    time::from_proto,
};
use proto::common::v1 as pb;

use crate::{
    failure::{Failure, table},
    id::{self, Kind},
    wire::common::{Address, Precheck, PrecheckInfo, ResourceError},
};

pub(crate) mod audit;
pub(crate) mod billing_reports;
pub(crate) mod catalog;
pub(crate) mod clients;
pub(crate) mod customers;
pub(crate) mod discovery;
pub(crate) mod groups;
pub(crate) mod identity_providers;
pub(crate) mod one_time_passwords;
pub(crate) mod operations;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod roles;
pub(crate) mod saml;
pub(crate) mod scim;
pub(crate) mod screening;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod sub_partners;
pub(crate) mod subscribers;
pub(crate) mod subscriptions;
pub(crate) mod templates;
pub(crate) mod tokens;

/// Parameters of published lists.
pub(crate) const OFFSET: (&str, &str) = ("offset", "rows to skip");
pub(crate) const MAX: (&str, &str) = ("max", "rows at most");
/// Parameter of our own lists.
pub(crate) const CURSOR: (&str, &str) = (
    "cursor",
    "where the page before ended, from its `Link` header",
);
/// Parameter with which a parent acts for a sub-partner.
pub(crate) const FOR: (&str, &str) = (crate::call::ON_BEHALF, "act for this sub-partner");

/// Most rows of a page of our own lists.
pub(crate) const TOP: i32 = 1000;
/// Rows of a page when nothing else is said.
pub(crate) const USUAL: i32 = 100;

/// A text that may be absent; an empty one is.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A list that may be absent; an empty one is.
fn some_list<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// ISO 8601 with milliseconds.
fn time(at: Option<&prost_types::Timestamp>) -> Option<String> {
    let at = from_proto(at?)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// An id in a body; a wrong one is noted.
fn body_id(violations: &mut Violations, field: &str, kind: Kind, text: Option<String>) -> String {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return String::new();
    };
    if let Some(id) = id::decode(kind, text.trim()) {
        return id.to_string();
    }
    violations.add(
        field,
        reason::INVALID,
        format!("{field} is not an id of this kind"),
    );
    String::new()
}

/// An id that must be in a body.
fn required_id(
    violations: &mut Violations,
    field: &str,
    kind: Kind,
    text: Option<String>,
) -> String {
    let absent = text.as_ref().is_none_or(|text| text.trim().is_empty());
    violations.check(
        !absent,
        field,
        reason::MISSING,
        &format!("{field} is required"),
    );
    body_id(violations, field, kind, text)
}

/// A provisioning id in a body; a wrong one is noted.
fn body_provisioning_id(violations: &mut Violations, text: Option<String>) -> String {
    const FIELD: &str = "provisioningId";
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return String::new();
    };
    if let Some(id) = id::decode_provisioning(text.trim()) {
        return id.to_string();
    }
    violations.add(
        FIELD,
        reason::INVALID,
        "provisioningId is not a provisioning id",
    );
    String::new()
}

/// A day in a body; a wrong one is noted.
fn body_day(violations: &mut Violations, field: &str, text: Option<String>) -> String {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return String::new();
    };
    crate::query::day(text.trim()).unwrap_or_else(|| {
        violations.add(field, reason::INVALID, format!("{field} is not a date"));
        String::new()
    })
}

/// A value of an enumeration in a body; a wrong one is noted.
fn body_choice<T: Copy>(
    violations: &mut Violations,
    field: &str,
    text: Option<&str>,
    choices: &[(&str, T)],
) -> Option<T> {
    let text = text?;
    let found = choices
        .iter()
        .find(|(known, _)| *known == text)
        .map(|(_, choice)| *choice);
    if found.is_none() {
        let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        violations.add(
            field,
            reason::INVALID,
            format!("{field} is none of {known}"),
        );
    }
    found
}

/// Refuses a body with wrong values.
fn refuse(violations: Violations) -> Result<(), Failure> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Fault::invalid(violations.into_vec()).into())
    }
}

/// The name of a value of an enumeration.
fn name_of<T: PartialEq>(choices: &[(&'static str, T)], value: &T) -> String {
    let found = choices.iter().find(|(_, choice)| choice == value);
    found.map_or("", |(name, _)| name).to_owned()
}

fn address_in(address: Address) -> pb::Address {
    pb::Address {
        line1: address.address_line1.unwrap_or_default(),
        line2: address.address_line2.unwrap_or_default(),
        city: address.city.unwrap_or_default(),
        state: address.state_or_province.unwrap_or_default(),
        postal_code: address.zip_or_postal_code.unwrap_or_default(),
        country: address.country.unwrap_or_default(),
    }
}

fn address_out(address: pb::Address) -> Address {
    Address {
        address_line1: some(address.line1),
        address_line2: some(address.line2),
        city: some(address.city),
        state_or_province: some(address.state),
        zip_or_postal_code: some(address.postal_code),
        country: some(address.country),
    }
}

fn errors(problems: Vec<pb::Problem>) -> Option<Vec<ResourceError>> {
    let error = |problem: pb::Problem| ResourceError {
        error_code: table::problem(&problem.reason),
        description: problem.description,
    };
    some_list(problems.into_iter().map(error).collect())
}

/// The answer of a precheck that found no problem. The published schema makes `info` an object, the
/// published example an array; clients in the field read the array.
fn passed() -> Precheck {
    Precheck {
        message: "success".to_owned(),
        info: vec![PrecheckInfo {
            info_code: table::PRECHECK_PASSED,
            description: "Provisioning preCheck validation successful.".to_owned(),
        }],
    }
}
