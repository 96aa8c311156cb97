//! Whether what happened before a moment has been heard of.
//!
//! A report that is written while a follower lags would be complete in name only. Periods end before
//! today, so a healthy follower (behind by milliseconds) has nothing to catch up; but one that was
//! down for an hour has. Each source is therefore asked for what comes after our cursor: an event
//! from before the request means that we are behind; a later one, or silence, that we are not. A
//! source that cannot be asked makes the report wait, which is better than a wrong bill.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::try_join3;
use kit::boot::Context;
use kit::fault::{Fault, Kind, reason};
use kit::scope::Scope;
use kit::time::from_proto;
use proto::feed::v1::{EventHeader, FollowRequest};

use crate::error::Error;
use crate::store;

/// Under which name this context follows.
pub(crate) const CONSUMER: &str = "billing";
/// Under which name it asks how far a feed is.
const PROBE: &str = "billing-caught-up";
/// A source with something to tell tells it well before that.
const SILENCE: Duration = Duration::from_millis(750);
/// Longest a source may take to open its stream.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether all events from before `moment` have been handled.
pub(crate) async fn caught_up(context: &Context, moment: DateTime<Utc>) -> Result<bool, Error> {
    let why = Scope::Whole("how far the feeds have been handled");
    let mut tx = context.db.begin(why).await?;
    let identity = store::projection::position(&mut tx, "identity").await?;
    let provisioning = store::projection::position(&mut tx, "provisioning").await?;
    let subscriber = store::projection::position(&mut tx, "subscriber").await?;
    tx.commit().await?;
    let next = try_join3(
        next_identity(context, identity),
        next_provisioning(context, provisioning),
        next_subscriber(context, subscriber),
    )
    .await?;
    Ok([next.0, next.1, next.2]
        .into_iter()
        .flatten()
        .all(|header| {
            let at = header.occurred_at.as_ref().and_then(from_proto);
            at.is_none_or(|at| at > moment)
        }))
}

macro_rules! next {
    ($name:ident, $context:ident) => {
        /// The event after our cursor, if the source has one.
        async fn $name(context: &Context, after: i64) -> Result<Option<EventHeader>, Fault> {
            use proto::$context::v1::events_client::EventsClient;

            let message = FollowRequest {
                consumer: PROBE.to_owned(),
                after_position: after,
            };
            let request = context.token.request(message).await?;
            let mut client = EventsClient::new(context.links.$context.clone());
            let mut stream = tokio::time::timeout(PATIENCE, client.follow(request))
                .await
                .map_err(|_| unavailable(stringify!($context)))??
                .into_inner();
            match tokio::time::timeout(SILENCE, stream.message()).await {
                Err(_silent) => Ok(None),
                Ok(Ok(Some(event))) => Ok(event.header),
                Ok(Ok(None)) => Err(unavailable(stringify!($context))),
                Ok(Err(status)) => Err(status.into()),
            }
        }
    };
}

next!(next_identity, identity);
next!(next_provisioning, provisioning);
next!(next_subscriber, subscriber);

fn unavailable(feed: &str) -> Fault {
    let message = format!("the feed of {feed} does not answer");
    Fault::new(Kind::Unavailable, reason::UNAVAILABLE, message)
}
