//! The event feed: an outbox whose entries get their place by a stamper.
//!
//! 1. [`append`] writes the event in the transaction of the change, without a position.
//! 2. The [`stamper`] of the context gives committed entries their positions, one batch at a time
//!    under an advisory lock, so that a position is never seen before a smaller one.
//! 3. [`serve`] streams them over gRPC; [`follow`] handles them and moves its cursor in the same
//!    transaction: each event takes effect exactly once.

use chrono::{DateTime, Utc};
use proto::{common::v1::AuditEvent, feed::v1::EventHeader};

use crate::{
    audit::Entry,
    db::Tx,
    id::{Ids, PartnerId},
    telemetry::{self, Trace},
};

mod follow;
mod serve;
mod stamp;

pub use follow::{Follower, follow};
pub use serve::{Stream, serve};
pub use stamp::stamper;

/// An event message that carries the envelope.
pub trait HasHeader {
    /// Puts the envelope on.
    fn set_header(&mut self, header: EventHeader);
    /// The envelope.
    fn header(&self) -> Option<&EventHeader>;
    /// The act, if it is one that is audited.
    fn into_audit(self) -> Option<AuditEvent>;
}

macro_rules! has_header {
    ($($context:ident),*) => {$(
        impl HasHeader for proto::$context::v1::Event {
            fn set_header(&mut self, header: EventHeader) {
                self.header = Some(header);
            }
            fn header(&self) -> Option<&EventHeader> {
                self.header.as_ref()
            }
            fn into_audit(self) -> Option<AuditEvent> {
                match self.kind? {
                    proto::$context::v1::event::Kind::Audit(act) => Some(act),
                    _ => None,
                }
            }
        }

        impl From<Entry> for proto::$context::v1::Event {
            fn from(entry: Entry) -> Self {
                Self {
                    header: None,
                    kind: Some(proto::$context::v1::event::Kind::Audit(entry.into_event())),
                }
            }
        }
    )*};
}
has_header!(identity, provisioning, subscriber, billing, compliance);

/// Appends an event, without its envelope, to the feed of the context. Call it after the row lock of
/// the aggregate was taken: then the events of one aggregate keep their order.
pub async fn append(
    tx: &mut Tx,
    ids: &Ids,
    partner: PartnerId,
    at: DateTime<Utc>,
    event: &impl prost::Message,
) -> Result<(), sqlx::Error> {
    append_all(tx, ids, partner, at, std::slice::from_ref(event)).await
}

/// Appends several events of one tenant in one statement, in their order.
pub async fn append_all<E: prost::Message>(
    tx: &mut Tx,
    ids: &Ids,
    partner: PartnerId,
    at: DateTime<Utc>,
    events: &[E],
) -> Result<(), sqlx::Error> {
    let trace = telemetry::current();
    let events: Vec<_> = events.iter().map(|event| (trace, event)).collect();
    append_traced(tx, ids, partner, at, &events).await
}

/// The same where each event belongs to a trace of its own.
pub async fn append_traced<E: prost::Message>(
    tx: &mut Tx,
    ids: &Ids,
    partner: PartnerId,
    at: DateTime<Utc>,
    events: &[(Option<Trace>, &E)],
) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let event_ids: Vec<_> = events.iter().map(|_| ids.uuid()).collect();
    let (traces, payloads): (Vec<_>, Vec<_>) = events
        .iter()
        .map(|(trace, event)| (header(*trace), event.encode_to_vec()))
        .unzip();
    sqlx::query!(
        "insert into feed_entry (partner_id, event_id, payload, traceparent, occurred_at)
         select $1, event_id, payload, traceparent, $5
         from unnest($2::uuid[], $3::bytea[], $4::text[]) with ordinality
                  as e (event_id, payload, traceparent, n)
         order by n",
        partner.uuid(),
        &event_ids,
        &payloads,
        &traces,
        at,
    )
    .execute(tx.conn())
    .await?;
    tx.appended = true;
    Ok(())
}

fn header(trace: Option<Trace>) -> String {
    trace.map(Trace::header).unwrap_or_default()
}
