//! Rows of `sign_in`. Nobody's yet, so they stand outside of all tenants.
//!
//! Each step takes a turn: of two who send the same form one is late, and does not disturb the other.

use chrono::{DateTime, Utc};
use kit::db::Tx;
use sqlx::types::Json;

use crate::{
    domain::{secret::SecretHash, sign_in::Flow},
    error::Error,
};

/// What a browser shows of a sign-in: the cookie and the form's own text, hashed.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    /// Of the cookie.
    pub(crate) cookie: SecretHash,
    /// Of the form.
    pub(crate) form: SecretHash,
}

/// A sign-in at a turn.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// Of the cookie.
    pub(crate) cookie: SecretHash,
    /// How many steps were taken.
    pub(crate) turn: i32,
}

impl Turn {
    /// After one more step.
    pub(crate) fn next(self) -> Self {
        Self {
            turn: self.turn.saturating_add(1),
            ..self
        }
    }
}

/// Adds one.
pub(crate) async fn insert(
    tx: &mut Tx,
    key: Key,
    flow: &Flow,
    now: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into sign_in (cookie_hash, form_hash, flow, created_at, ends_at)
         values ($1, $2, $3, $4, $5)",
        key.cookie.as_bytes(),
        key.form.as_bytes(),
        Json(flow) as _,
        now,
        ends_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A sign-in that was found by its cookie.
#[derive(Debug)]
pub(crate) struct Found {
    /// What it knows.
    pub(crate) flow: Flow,
    /// Hash of the form that was shown last.
    pub(crate) form_hash: Vec<u8>,
    /// How many steps were taken.
    pub(crate) turn: i32,
}

/// Finds one that has not ended.
pub(crate) async fn find(
    tx: &mut Tx,
    cookie: SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<Found>, Error> {
    let row = sqlx::query!(
        r#"select flow as "flow: Json<Flow>", form_hash, turn
           from sign_in
           where cookie_hash = $1 and ends_at > $2"#,
        cookie.as_bytes(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Found {
        flow: row.flow.0,
        form_hash: row.form_hash,
        turn: row.turn,
    }))
}

/// Takes a step, which changes the keys; false when somebody was faster.
pub(crate) async fn replace(
    tx: &mut Tx,
    at: Turn,
    new: Key,
    flow: &Flow,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update sign_in
         set cookie_hash = $3, form_hash = $4, flow = $5, turn = turn + 1
         where cookie_hash = $1 and turn = $2 and ends_at > $6",
        at.cookie.as_bytes(),
        at.turn,
        new.cookie.as_bytes(),
        new.form.as_bytes(),
        Json(flow) as _,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives one a new form, whatever the old one was: the page is shown again. False when it has ended.
pub(crate) async fn show_again(tx: &mut Tx, key: Key, now: DateTime<Utc>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update sign_in set form_hash = $2 where cookie_hash = $1 and ends_at > $3",
        key.cookie.as_bytes(),
        key.form.as_bytes(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends one; false when somebody was faster.
pub(crate) async fn end(tx: &mut Tx, at: Turn) -> Result<bool, Error> {
    let done = sqlx::query!(
        "delete from sign_in where cookie_hash = $1 and turn = $2",
        at.cookie.as_bytes(),
        at.turn,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends one, however far it has come.
pub(crate) async fn forget(tx: &mut Tx, cookie_hash: &[u8]) -> Result<(), Error> {
    sqlx::query!("delete from sign_in where cookie_hash = $1", cookie_hash)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets those that ended, some at a time.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from sign_in
         where cookie_hash in (select cookie_hash from sign_in where ends_at <= $1 limit $2)",
        now,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
