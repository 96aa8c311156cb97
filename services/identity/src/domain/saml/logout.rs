//! Single logout: what a provider wants ended, and whether it ended what we wanted.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    guard::Plain,
    policy::{self, SKEW},
    refusal::Refusal,
    settings::{Ours, Provider, Subject},
    xml::{Element, Space},
};

/// A wish to sign out is of use for this long, whatever it says.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// Most sessions that one wish may name.
const MOST: usize = 50;

/// A provider wants sessions ended. Its signature is verified by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its id.
    pub(crate) id: String,
    /// Whose sessions.
    pub(crate) subject: Subject,
    /// Which; all where none is named.
    pub(crate) session_indexes: Vec<String>,
    /// After this moment it would be refused anyway.
    pub(crate) usable_until: DateTime<Utc>,
}

/// Reads a `LogoutRequest`.
pub(crate) fn read_request(
    plain: &Plain,
    provider: &Provider,
    ours: &Ours,
    now: DateTime<Utc>,
) -> Result<Wish, Refusal> {
    let request = &plain.root;
    let made = envelope(request, provider, ours, now)?;
    let ends = policy::instant(request, "NotOnOrAfter")?;
    let usable_until = ends.map_or(made + LONGEST, |ends| ends.min(made + LONGEST)) + SKEW;
    if usable_until <= now {
        return Err(Refusal::TIME);
    }
    let name = request
        .the(Space::Assertion, "NameID")
        .map_err(|_| Refusal::SUBJECT)?;
    let session_indexes: Vec<String> = request
        .all(Space::Protocol, "SessionIndex")
        .map(|index| index.leaf().unwrap_or_default().to_owned())
        .collect();
    if session_indexes.len() > MOST || session_indexes.iter().any(String::is_empty) {
        return Err(Refusal::STRUCTURE);
    }
    Ok(Wish {
        id: policy::id(request)?,
        subject: policy::name_id(name)?,
        session_indexes,
        usable_until,
    })
}

/// Reads a `LogoutResponse` to our request; whether the provider did as it was asked.
pub(crate) fn read_response(
    plain: &Plain,
    provider: &Provider,
    ours: &Ours,
    request_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, Refusal> {
    let response = &plain.root;
    let made = envelope(response, provider, ours, now)?;
    if made + LONGEST + SKEW <= now {
        return Err(Refusal::TIME);
    }
    if response.attribute("InResponseTo") != Some(request_id) {
        return Err(Refusal::IN_RESPONSE_TO);
    }
    Ok(policy::is_success(response))
}

/// What both have.
fn envelope(
    message: &Element,
    provider: &Provider,
    ours: &Ours,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Refusal> {
    policy::version(message)?;
    policy::id(message)?;
    policy::issuer(message, provider)?;
    if message.attribute("Destination") != Some(ours.slo_url.as_str()) {
        return Err(Refusal::DESTINATION);
    }
    policy::issued(message, now)
}
