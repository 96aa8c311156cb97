//! What SAML keeps: messages that were used, and when a connection is to be looked after.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;

use crate::{
    domain::provider::{ConnectionId, Provider},
    error::Error,
};

/// Notes that these messages are used; false when one of them was before (S70, S71).
pub(crate) async fn use_up(
    tx: &mut Tx,
    keys: &[[u8; 32]],
    ends_at: DateTime<Utc>,
) -> Result<bool, Error> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
    // who comes second waits for the first to commit, and then finds its row
    let done = sqlx::query!(
        "insert into saml_seen (message_key, ends_at)
         select key, $2 from unnest($1::bytea[]) key
         on conflict do nothing",
        &keys,
        ends_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(usize::try_from(done.rows_affected()).is_ok_and(|rows| rows == keys.len()))
}

/// Forgets those that nobody can use any more.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from saml_seen
         where message_key in (select message_key from saml_seen where ends_at <= $1 limit $2)",
        now,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// A connection that is to be looked after.
#[derive(Debug)]
pub(crate) struct Due {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// The connection.
    pub(crate) id: ConnectionId,
    /// Since when it is due.
    pub(crate) since: DateTime<Utc>,
}

/// Takes some that are due; nobody else takes them before `again`.
pub(crate) async fn take_due(
    tx: &mut Tx,
    now: DateTime<Utc>,
    again: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Due>, Error> {
    Ok(sqlx::query_as!(
        Due,
        r#"with due as (
               select partner_id, connection_id, next_refresh_at
               from identity_provider
               where next_refresh_at <= $1
               order by next_refresh_at
               limit $3
               for no key update skip locked)
           update identity_provider p
           set next_refresh_at = $2
           from due
           where (p.partner_id, p.connection_id) = (due.partner_id, due.connection_id)
           returning p.partner_id as "partner: PartnerId",
                     p.connection_id as "id: ConnectionId",
                     due.next_refresh_at as "since!""#,
        now,
        again,
        most,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// When a connection is to be looked after next.
pub(crate) async fn plan(
    tx: &mut Tx,
    partner: PartnerId,
    id: ConnectionId,
    next: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity_provider set next_refresh_at = $3
         where partner_id = $1 and connection_id = $2",
        partner.uuid(),
        id.uuid(),
        next,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what changed by itself. The version stays: nobody who changes the connection is disturbed.
pub(crate) async fn follow(
    tx: &mut Tx,
    provider: &Provider,
    secrets: Option<&[u8]>,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity_provider
         set settings = $3, secrets = coalesce($4, secrets)
         where partner_id = $1 and connection_id = $2",
        provider.partner.uuid(),
        provider.id.uuid(),
        Json(&provider.settings) as _,
        secrets,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
