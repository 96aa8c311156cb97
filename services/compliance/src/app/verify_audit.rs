//! Computes a tenant's chain again.

use kit::{auth::Caller, scope::Scope};
use prost::Message as _;
use proto::common::v1::AuditEvent;

use super::{App, chain_events::keys};
use crate::{
    domain::audit::{Broken, Walk},
    error::Error,
    store::audit::{self, Row},
};

/// Acts a query.
const BATCH: i64 = 1000;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Number of acts, as the end was noted.
    pub length: i64,
    /// Hash of the last one.
    pub head: Vec<u8>,
    /// The first place that does not fit.
    pub broken: Option<Broken>,
    /// The end that the caller had noted is inside.
    pub found: bool,
}

/// Goes along the caller's chain as long as it is now. Acts that are added meanwhile do not matter.
pub(crate) async fn verify(app: &App, caller: &Caller, noted: &[u8]) -> Result<Verified, Error> {
    let partner = caller.partner;
    let mut tx = app.context.db.begin(Scope::Partner(partner)).await?;
    let mut walk = Walk::new(partner);
    let mut found = walk.head == noted;
    let (end, last) = audit::end(&mut tx, partner).await?;
    let mut broken = None;
    'all: while walk.length < last {
        let rows = audit::stretch(&mut tx, partner, walk.length, last, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            match step(&mut walk, row) {
                Ok(()) => found |= walk.head == noted,
                Err(problem) => {
                    broken = Some(problem);
                    break 'all;
                }
            }
        }
    }
    tx.commit().await?;
    let broken = broken.or_else(|| walk.end(end.length, &end.head).err());
    Ok(Verified {
        length: end.length,
        head: end.head,
        broken,
        found,
    })
}

/// One act further; what can be asked for must be what was told.
fn step(walk: &mut Walk, row: &Row) -> Result<(), Broken> {
    walk.step(&row.link, &row.hash)?;
    let act = AuditEvent::decode(row.link.content.as_slice());
    if act.is_ok_and(|act| keys(&act) == row.keys) {
        return Ok(());
    }
    Err(Broken {
        sequence: walk.length,
        problem: "what can be asked for is not what was told",
    })
}
