//! Rows of `round_trip`.

use chrono::{DateTime, Utc};
use kit::db::Tx;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    domain::{provider::ConnectionId, round_trip::Memory, secret::SecretHash},
    error::Error,
};

/// What a browser brings back: the state in what it sends, and the cookie, hashed.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    /// Of the state.
    pub(crate) state: SecretHash,
    /// Of the cookie.
    pub(crate) browser: SecretHash,
}

/// Adds one.
pub(crate) async fn insert(
    tx: &mut Tx,
    key: Key,
    connection: ConnectionId,
    memory: &Memory,
    now: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into round_trip
             (state_hash, browser_hash, connection_id, memory, created_at, ends_at)
         values ($1, $2, $3, $4, $5, $6)",
        key.state.as_bytes(),
        key.browser.as_bytes(),
        connection.uuid(),
        Json(memory) as _,
        now,
        ends_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses one up: of this connection and of this browser, once, and in time. Whatever does not fit leaves it as
/// it is, so nobody else can use it up.
pub(crate) async fn take(
    tx: &mut Tx,
    key: Key,
    connection: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Memory>, Error> {
    let memory = sqlx::query_scalar!(
        r#"update round_trip
           set used_at = $4
           where state_hash = $1 and browser_hash = $2 and connection_id = $3
             and used_at is null and ends_at > $4
           returning memory as "memory: Json<Memory>""#,
        key.state.as_bytes(),
        key.browser.as_bytes(),
        connection,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(memory.map(|memory| memory.0))
}

/// Forgets those that are over, some at a time.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from round_trip
         where state_hash in (select state_hash from round_trip where ends_at <= $1 limit $2)",
        now,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
