//! Meters usage from what the subscriber context tells (R-1402).
//!
//! Nothing is dropped in silence: an end without its beginning, or a second beginning in the same
//! slot, is an error; the follower then stops at that event and says so, again and again.

use chrono::{DateTime, Utc};
use kit::db::Tx;
use kit::id::PartnerId;
use uuid::Uuid;

use crate::domain::usage::{EndsBeforeStart, Interval, second};
use crate::domain::{CustomerId, SubscriberId};
use crate::store;
use crate::store::usage::Assignment;

/// An event that must not be passed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeterError {
    /// An end without a beginning.
    #[error("assignment {0} ended, but it is not known to have begun")]
    NeverBegan(Uuid),
    /// An end long before its beginning.
    #[error("assignment {0}")]
    Backwards(Uuid, #[source] EndsBeforeStart),
    /// The database; also a second beginning in one slot.
    #[error("database")]
    Database(#[from] sqlx::Error),
}

/// Usage begins.
pub(crate) async fn begin(tx: &mut Tx, assignment: &Assignment) -> Result<(), MeterError> {
    Ok(store::usage::start(tx, assignment).await?)
}

/// Usage ends.
pub(crate) async fn end(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    subscriber: SubscriberId,
    assignment: Uuid,
    at: DateTime<Utc>,
) -> Result<(), MeterError> {
    let ended = second(at);
    let started = store::usage::end(tx, partner, customer, subscriber, assignment, ended)
        .await?
        .ok_or(MeterError::NeverBegan(assignment))?;
    let interval = Interval::closed(started, ended)
        .map_err(|source| MeterError::Backwards(assignment, source))?;
    if interval.is_none() {
        tracing::debug!(%assignment, started, ended, "assignment without usage");
    }
    Ok(())
}
