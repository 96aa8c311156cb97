//! Fields of events. An event that cannot be read is an error, never passed over.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use kit::id::PartnerId;
use kit::time::from_proto;
use proto::feed::v1::EventHeader;
use uuid::Uuid;

/// An event that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("event field {0} is missing or malformed")]
pub(super) struct Malformed(pub(super) &'static str);

/// A required id.
pub(super) fn id<T: FromStr>(text: &str, field: &'static str) -> Result<T, Malformed> {
    text.parse().map_err(|_| Malformed(field))
}

/// An id, or none when empty.
pub(super) fn some_id(text: &str, field: &'static str) -> Result<Option<Uuid>, Malformed> {
    if text.is_empty() {
        return Ok(None);
    }
    id(text, field).map(Some)
}

/// The tenant of an event.
pub(super) fn partner(header: Option<&EventHeader>) -> Result<PartnerId, Malformed> {
    let header = header.ok_or(Malformed("header"))?;
    id(&header.partner_id, "header.partner_id")
}

/// An instant.
pub(super) fn instant(
    at: Option<&prost_types::Timestamp>,
    field: &'static str,
) -> Result<DateTime<Utc>, Malformed> {
    at.and_then(from_proto).ok_or(Malformed(field))
}
