//! Safe repeats: a key is claimed in the transaction of the mutation that it guards.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{db::Tx, id::PartnerId};

/// What a key turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Never seen: go on.
    New,
    /// Seen with the same request: answer again with what it made.
    Same(Uuid),
    /// Seen with another request.
    Different,
}

/// Claims a key for a request that will make `reference`.
pub async fn claim(
    tx: &mut Tx,
    partner: PartnerId,
    key: &str,
    fingerprint: &[u8; 32],
    reference: Uuid,
    now: DateTime<Utc>,
) -> Result<Claim, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into idempotency (partner_id, key, fingerprint, reference_id, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        partner.uuid(),
        key,
        fingerprint,
        reference,
        now,
    )
    .execute(tx.conn())
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let kept = sqlx::query!(
        "select fingerprint, reference_id from idempotency where partner_id = $1 and key = $2",
        partner.uuid(),
        key,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(if kept.fingerprint == fingerprint {
        Claim::Same(kept.reference_id)
    } else {
        Claim::Different
    })
}

/// Forgets keys that were claimed before an instant.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    sqlx::query!("delete from idempotency where created_at < $1", before)
        .execute(tx.conn())
        .await
        .map(|done| done.rows_affected())
}

/// What makes two requests the same: the SHA-256 of the message.
pub fn fingerprint(request: &impl prost::Message) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &request.encode_to_vec()).as_ref());
    bytes
}
