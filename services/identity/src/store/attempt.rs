//! Rows of `attempt`: failures in a row, by the hash of the address that was typed.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    domain::{attempt::WAITS, secret::SecretHash},
    error::Error,
};

/// Counts a try before it is made; false when the address has to wait.
pub(crate) async fn count(
    tx: &mut Tx,
    subject: SecretHash,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let waits = WAITS.as_slice();
    let done = sqlx::query!(
        "insert into attempt as a (subject, failures, changed_at)
         values ($1, 1, $2)
         on conflict (subject) do update
         set failures = a.failures + 1,
             changed_at = $2,
             locked_until = $2::timestamptz
                 + make_interval(secs => ($3::int[])[least(a.failures + 1, cardinality($3))])
         where a.locked_until is null or a.locked_until <= $2",
        subject.as_bytes(),
        now,
        waits,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets all tries: the last one was right.
pub(crate) async fn forget(tx: &mut Tx, subject: SecretHash) -> Result<(), Error> {
    sqlx::query!("delete from attempt where subject = $1", subject.as_bytes())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets those whom nobody has tried since, some at a time.
pub(crate) async fn prune(tx: &mut Tx, before: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from attempt
         where subject in (select subject from attempt where changed_at <= $1 limit $2)",
        before,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
