//! Lays what was done onto the chains of those it concerns.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use prost::Message as _;
use proto::common::v1::AuditEvent;
use uuid::Uuid;

use crate::{
    domain::audit::Link,
    error::Error,
    store::audit::{self, End, Keys, Row},
};

/// An act as its context tells it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The tenant that it was done to.
    pub partner: PartnerId,
    /// Id of the event.
    pub event_id: Uuid,
    /// The context.
    pub context: &'static str,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Identifies the request that caused it; empty where none did.
    pub tracking_id: String,
    /// The act.
    pub act: AuditEvent,
}

impl Told {
    /// Whose chains it stands in: of the tenant that it was done to, of the one who did it, and of the
    /// one who really did it, when it acted for another (R-1105).
    fn concerns(&self) -> Vec<PartnerId> {
        let act = &self.act;
        let others = [&act.actor_partner_id, &act.acting_organization_id];
        let mut all = vec![self.partner];
        all.extend(
            others
                .into_iter()
                .filter_map(|id| id.parse::<PartnerId>().ok()),
        );
        all.sort_unstable();
        all.dedup();
        all
    }

    /// As it is to stand in a chain.
    fn link(&self, sequence: i64, recorded_at: DateTime<Utc>) -> Link {
        Link {
            sequence,
            event_id: self.event_id,
            context: self.context.to_owned(),
            occurred_at: self.occurred_at,
            recorded_at,
            tracking_id: self.tracking_id.clone(),
            content: self.act.encode_to_vec(),
        }
    }
}

/// What can be asked for.
pub(crate) fn keys(act: &AuditEvent) -> Keys {
    Keys {
        action: act.action.clone(),
        actor_id: act.actor_id.clone(),
        organization: act.organization_id.parse().ok(),
    }
}

/// Adds the acts to the chains, in three statements for all of them. That none comes twice is the
/// promise of the feed's cursor, which moves in the same transaction; a unique key holds it to that.
pub(crate) async fn chain_events(
    tx: &mut Tx,
    told: &[Told],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut by_tenant: BTreeMap<PartnerId, Vec<&Told>> = BTreeMap::new();
    for told in told {
        for partner in told.concerns() {
            by_tenant.entry(partner).or_default().push(told);
        }
    }
    if by_tenant.is_empty() {
        return Ok(());
    }
    // in the order of the ids: followers of several feeds must not wait for each other in a circle
    let partners: Vec<PartnerId> = by_tenant.keys().copied().collect();
    let mut ends = audit::lock(tx, &partners, now).await?;
    let mut rows = Vec::with_capacity(told.len());
    for end in &mut ends {
        for told in by_tenant.remove(&end.partner).unwrap_or_default() {
            rows.push((end.partner, next(end, told, now)?));
        }
    }
    audit::add(tx, &rows, &ends, now).await?;
    Ok(())
}

/// The row after the end, which moves.
fn next(end: &mut End, told: &Told, now: DateTime<Utc>) -> Result<Row, Error> {
    let before = end.hash().ok_or(Error::Impossible("audit_chain.head"))?;
    end.length += 1;
    let link = told.link(end.length, now);
    let hash = link.hash(&before);
    end.head = hash.into();
    Ok(Row {
        link,
        keys: keys(&told.act),
        hash: hash.into(),
    })
}
