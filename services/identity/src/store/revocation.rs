//! Rows of `revocation`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};

use crate::{
    domain::revocation::{KEPT, Revocation, RevocationKind},
    error::Error,
};

/// Adds one; of two for the same, the later one holds.
pub(crate) async fn upsert(
    tx: &mut Tx,
    partner: PartnerId,
    revocation: &Revocation,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into revocation as kept (partner_id, kind, key, not_before, until)
         values ($1, $2, $3, $4, $5)
         on conflict (partner_id, kind, key) do update
         set not_before = greatest(kept.not_before, excluded.not_before),
             until = greatest(kept.until, excluded.until)",
        partner.uuid(),
        revocation.kind.as_str(),
        revocation.key,
        revocation.not_before,
        revocation.not_before + KEPT,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds many of a kind, each once.
pub(crate) async fn upsert_many(
    tx: &mut Tx,
    partner: PartnerId,
    kind: RevocationKind,
    keys: &[String],
    not_before: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into revocation as kept (partner_id, kind, key, not_before, until)
         select $1, $2, key, $4, $5
         from unnest($3::text[]) as named (key)
         order by key
         on conflict (partner_id, kind, key) do update
         set not_before = greatest(kept.not_before, excluded.not_before),
             until = greatest(kept.until, excluded.until)",
        partner.uuid(),
        kind.as_str(),
        keys,
        not_before,
        not_before + KEPT,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last position of the feed. Read it before [`living`]: then nothing falls between the two.
pub(crate) async fn position(tx: &mut Tx) -> Result<i64, Error> {
    let last =
        sqlx::query_scalar!("select max(position) from feed_entry where position is not null")
            .fetch_one(tx.conn())
            .await?;
    Ok(last.unwrap_or(0))
}

/// All that could concern a living token, of every tenant.
pub(crate) async fn living(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Revocation>, Error> {
    let rows = sqlx::query!(
        "select kind, key, not_before
         from revocation
         where until > $1
         order by not_before",
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Revocation {
                kind: RevocationKind::parse(&row.kind)
                    .ok_or(Error::Impossible("revocation.kind"))?,
                key: row.key,
                not_before: row.not_before,
            })
        })
        .collect()
}

/// Forgets what concerns no living token; how many.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Error> {
    let done = sqlx::query!("delete from revocation where until <= $1", now)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
