//! Changes and removal of customers.

use chrono::{DateTime, NaiveDate, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    domain::{
        address::Address,
        customer::{CustomerId, Location, Problem},
    },
    error::Error,
};

/// What is written when a change is accepted.
#[derive(Debug)]
pub(crate) struct Accepted<'a> {
    pub(crate) operation_id: Uuid,
    /// Taken at once, so that nobody else gets it meanwhile.
    pub(crate) external_id: Option<&'a str>,
    pub(crate) billing_start_date: Option<NaiveDate>,
    pub(crate) sub_partner_admin_email: Option<&'a str>,
    /// The first location, made now or long ago; it is kept even if the change fails, so that the
    /// next one does not make a second.
    pub(crate) location: Option<&'a Location>,
    /// All packages wanted, with the licence of one that is new.
    pub(crate) packages: &'a [(String, Uuid)],
}

/// Accepts a change: new packages are being set up, lost ones removed. False, and nothing written,
/// when the external id is taken.
pub(crate) async fn accept(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    accepted: &Accepted<'_>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let (names, licenses): (Vec<String>, Vec<Uuid>) = accepted.packages.iter().cloned().unzip();
    let done = sqlx::query!(
        "with customer as (
             update customer
             set status = 'updating', errors = '[]', operation_id = $3, changed_at = $4,
                 external_id = coalesce($5, external_id),
                 billing_start_date = coalesce($6, billing_start_date),
                 sub_partner_admin_email = coalesce($7, sub_partner_admin_email),
                 location = coalesce($10, location)
             where partner_id = $1 and customer_id = $2
         ),
         lost as (
             update customer_package
             set status = 'deleting'
             where partner_id = $1 and customer_id = $2 and package <> all($8::text[])
         )
         insert into customer_package
             (partner_id, customer_id, package, ordinal, status, license_id)
         select $1, $2, wanted.package, package.ordinal, 'provisioning', wanted.license_id
         from unnest($8::text[], $9::uuid[]) as wanted (package, license_id)
         join package on package.name = wanted.package
         on conflict do nothing",
        partner.uuid(),
        customer_id.uuid(),
        accepted.operation_id,
        now,
        accepted.external_id,
        accepted.billing_start_date,
        accepted.sub_partner_admin_email,
        &names,
        &licenses,
        accepted.location.map(Json) as _,
    )
    .execute(tx.conn())
    .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What is written when a change is done.
#[derive(Debug)]
pub(crate) struct Done<'a> {
    pub(crate) address: &'a Address,
    pub(crate) meetings_timezone: Option<&'a str>,
    pub(crate) limits: Vec<(String, Option<i32>)>,
}

/// A change is done: lost packages are gone, new ones ready.
pub(crate) async fn finish(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    done: Done<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (names, limits): (Vec<String>, Vec<Option<i32>>) = done.limits.into_iter().unzip();
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'provisioned', errors = '[]', address = $3, changed_at = $4,
                 meetings_timezone = coalesce($5, meetings_timezone)
             where partner_id = $1 and customer_id = $2
         ),
         lost as (
             delete from customer_package
             where partner_id = $1 and customer_id = $2 and package <> all($6::text[])
         )
         update customer_package
         set status = 'provisioned', errors = '[]', unit_limit = wanted.unit_limit
         from unnest($6::text[], $7::integer[]) as wanted (package, unit_limit)
         where partner_id = $1 and customer_id = $2 and customer_package.package = wanted.package",
        partner.uuid(),
        customer_id.uuid(),
        Json(done.address) as _,
        now,
        done.meetings_timezone,
        &names,
        &limits as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A change failed: what was held is held, what was new is not, and the customer says why.
pub(crate) async fn fail(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    problem: &Problem,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'provisioned_with_errors', errors = $3, changed_at = $4
             where partner_id = $1 and customer_id = $2
         ),
         added as (
             delete from customer_package
             where partner_id = $1 and customer_id = $2 and status = 'provisioning'
         )
         update customer_package
         set status = 'provisioned'
         where partner_id = $1 and customer_id = $2 and status = 'deleting'",
        partner.uuid(),
        customer_id.uuid(),
        Json([problem]) as _,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Accepts the removal.
pub(crate) async fn accept_removal(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    operation_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'deleting', operation_id = $3, changed_at = $4
             where partner_id = $1 and customer_id = $2
         )
         update customer_package
         set status = 'deleting'
         where partner_id = $1 and customer_id = $2",
        partner.uuid(),
        customer_id.uuid(),
        operation_id,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The wholesale service is gone: the row stays without being seen, its external id is free.
pub(crate) async fn remove(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "update customer
         set removed_at = $3, changed_at = $3
         where partner_id = $1 and customer_id = $2",
        partner.uuid(),
        customer_id.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
