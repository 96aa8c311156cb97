//! The gRPC surface: who may call, messages in, messages out.

use kit::{
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    page::Cursor,
    scope::Scope,
};
use uuid::Uuid;

use crate::error::Error;

pub(crate) mod directory;
pub(crate) mod events;
pub(crate) mod identity_providers;
pub(crate) mod members;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod revocations;
pub(crate) mod roles;
pub(crate) mod saml_sign_on;
pub(crate) mod scim;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod signing_keys;
pub(crate) mod single_sign_on;
pub(crate) mod tokens;

/// The id of something to read or change. A text that is no id names nothing (R-1203).
fn target<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Missing(what))
}

/// An id that is to be used.
fn given<T: std::str::FromStr>(wrong: &mut Violations, field: &str, text: &str) -> Option<T> {
    if text.is_empty() {
        wrong.add(field, reason::MISSING, format!("{field} is required"));
        return None;
    }
    let parsed = text.parse().ok();
    wrong.check(
        parsed.is_some(),
        field,
        reason::INVALID,
        "this is not an id",
    );
    parsed
}

/// How far a reader sees: a context sees all, everybody else needs the scope and sees its tenant.
fn reach(caller: &Caller, scope: &str) -> Result<Scope, Error> {
    if caller.kind == CallerKind::Service {
        return Ok(Scope::Whole("a context reads for another"));
    }
    caller.require(scope)?;
    Ok(caller.scope())
}

/// Needs one of several scopes; the first is the one that a refusal names.
fn any_of(caller: &Caller, scopes: &[&str]) -> Result<(), Error> {
    let holds = scopes.iter().any(|scope| caller.require(scope).is_ok());
    match scopes.first() {
        Some(first) if !holds => Ok(caller.require(first)?),
        _ => Ok(()),
    }
}

/// Where the page before ended.
fn cursor(token: &str) -> Result<Option<Uuid>, Error> {
    let mut wrong = Violations::default();
    let cursor = Cursor::parse(token);
    wrong.check(
        token.is_empty() || cursor.is_some(),
        "cursor",
        reason::INVALID,
        "this is no cursor of ours",
    );
    Error::check(wrong)?;
    Ok(cursor.map(|cursor| cursor.id))
}

/// The uuid of something to read.
fn uuid(text: &str, what: &'static str) -> Result<Uuid, Error> {
    target(text, what)
}
