//! Rows of `one_time_password`.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    domain::{one_time_password::Purpose, secret::SecretHash, sign_in::Account},
    error::Error,
};

/// One to be kept.
pub(crate) struct New<'a> {
    /// Whose.
    pub(crate) whose: Account,
    /// Its hash.
    pub(crate) secret: SecretHash,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Who made it.
    pub(crate) created_by: &'a str,
    /// When it ends.
    pub(crate) ends_at: DateTime<Utc>,
}

/// Keeps one; the person's earlier one is good no more.
pub(crate) async fn replace(tx: &mut Tx, new: New<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "insert into one_time_password (partner_id, organization_id, person_id, secret_hash,
                                        purpose, created_by, created_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (partner_id, organization_id, person_id) do update
         set secret_hash = excluded.secret_hash,
             purpose = excluded.purpose,
             created_by = excluded.created_by,
             created_at = excluded.created_at,
             ends_at = excluded.ends_at",
        new.whose.partner.uuid(),
        new.whose.organization.uuid(),
        new.whose.person.uuid(),
        new.secret.as_bytes(),
        new.purpose.text(),
        new.created_by,
        now,
        new.ends_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses one up; false when it is not good any more.
pub(crate) async fn use_up(
    tx: &mut Tx,
    whose: Account,
    secret: SecretHash,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "delete from one_time_password
         where partner_id = $1 and organization_id = $2 and person_id = $3
           and secret_hash = $4 and ends_at > $5",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        secret.as_bytes(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a person has one that is still good.
pub(crate) async fn exists(tx: &mut Tx, whose: Account, now: DateTime<Utc>) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from one_time_password
               where partner_id = $1 and organization_id = $2 and person_id = $3
                 and ends_at > $4) as "exists!""#,
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        now,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Forgets those that ended.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Error> {
    let done = sqlx::query!("delete from one_time_password where ends_at <= $1", now)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
