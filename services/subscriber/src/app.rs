//! Use cases: one function, one transaction each, and one extra where other contexts or other
//! tenants are asked before it. What comes in great numbers is a type, which serves a group of
//! requests in one transaction.
//!
//! Locks are taken in one order everywhere: customer, subscriber, package, then the unique keys.
//! Who locks several customers locks them in order of their ids, before anything of theirs.

pub(crate) mod apply_entitlement;
pub(crate) mod check_person;
pub(crate) mod count_holders;
pub(crate) mod create;
pub(crate) mod delete;
mod event;
mod examine;
pub(crate) mod get;
mod limit;
pub(crate) mod list;
mod person;
pub(crate) mod precheck;
pub(crate) mod resend_consent;
pub(crate) mod revoke_entitlement;
pub(crate) mod update;

use crate::{
    domain::{
        problem::Problems,
        seat::{EXTENSION_FIELD, NUMBER_FIELD},
    },
    error::{EMAIL_IN_USE, EXTENSION_IN_USE, Error, NUMBER_IN_USE},
};

/// Texts for what is taken.
const EMAIL_TAKEN: &str = "the e-mail address belongs to another organization";
const NUMBER_TAKEN: &str = "the number is assigned";
const EXTENSION_TAKEN: &str = "the extension is assigned at this location";

/// Names what a write met: somebody else was faster.
fn named(error: Error) -> Error {
    let refusal = match error.clash() {
        Some("subscriber_email") => Problems::taken("email", EMAIL_IN_USE, EMAIL_TAKEN),
        Some("subscriber_number") => Problems::taken(NUMBER_FIELD, NUMBER_IN_USE, NUMBER_TAKEN),
        Some("subscriber_extension") => {
            Problems::taken(EXTENSION_FIELD, EXTENSION_IN_USE, EXTENSION_TAKEN)
        }
        _ => return error,
    };
    refusal.into()
}
