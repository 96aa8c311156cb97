//! Customers, what they may assign, and where.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use proto::common::v1::Address;

use crate::domain::{
    CustomerId, LocationId, OrganizationId,
    package::{Beginning, Package},
    seat::Locations,
};

/// A customer that has wholesale service.
#[derive(Debug)]
pub(crate) struct Customer {
    /// Id.
    pub(crate) id: CustomerId,
    /// Its organization.
    pub(crate) organization_id: OrganizationId,
    /// What it began with.
    pub(crate) beginning: Beginning,
}

/// A location to make.
#[derive(Debug)]
pub(crate) struct NewLocation {
    /// Id.
    pub(crate) location_id: LocationId,
    /// Name.
    pub(crate) name: String,
    /// Address.
    pub(crate) address: Address,
    /// IANA time zone.
    pub(crate) timezone: String,
    /// Language.
    pub(crate) language: String,
}

/// Finds one.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select organization_id "organization_id: OrganizationId", began_with, began_calling
           from customer
           where partner_id = $1 and customer_id = $2 and revoked_at is null"#,
        partner.uuid(),
        customer.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Customer {
        id: customer,
        organization_id: row.organization_id,
        beginning: Beginning {
            packages: row.began_with,
            calling: row.began_calling,
        },
    }))
}

/// Finds one and holds its entitlement still until the end of the transaction; others may hold it
/// too. Taken before any lock on a subscriber.
pub(crate) async fn hold(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select organization_id "organization_id: OrganizationId", began_with, began_calling
           from customer
           where partner_id = $1 and customer_id = $2 and revoked_at is null
           for share"#,
        partner.uuid(),
        customer.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Customer {
        id: customer,
        organization_id: row.organization_id,
        beginning: Beginning {
            packages: row.began_with,
            calling: row.began_calling,
        },
    }))
}

/// What a customer may assign.
pub(crate) async fn entitlement(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Vec<Package>, sqlx::Error> {
    sqlx::query_as!(
        Package,
        "select name, base, calling, assignable, requires_any, unit_limit
         from entitled_package
         where partner_id = $1 and customer_id = $2
         order by name",
        partner.uuid(),
        customer.uuid(),
    )
    .fetch_all(tx.conn())
    .await
}

/// Makes assigners of these packages wait for each other, in a fixed order.
pub(crate) async fn lock_packages(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    packages: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select name
         from entitled_package
         where partner_id = $1 and customer_id = $2 and name = any($3)
         order by name
         for update",
        partner.uuid(),
        customer.uuid(),
        packages,
    )
    .fetch_all(tx.conn())
    .await
    .map(drop)
}

/// The first location, and the one asked for.
pub(crate) async fn locations(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    asked: Option<LocationId>,
) -> Result<Locations, sqlx::Error> {
    sqlx::query_as!(
        Locations,
        r#"select
               (select location_id from location
                where partner_id = $1 and customer_id = $2
                order by place limit 1) "default: LocationId",
               (select location_id from location
                where partner_id = $1 and customer_id = $2 and location_id = $3) "asked: LocationId""#,
        partner.uuid(),
        customer.uuid(),
        asked.map(LocationId::uuid),
    )
    .fetch_one(tx.conn())
    .await
}

/// Writes a customer and locks it. What it began with is kept from the first time.
pub(crate) async fn save(
    tx: &mut Tx,
    partner: PartnerId,
    customer: &Customer,
    external_id: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customer (partner_id, customer_id, organization_id, external_id,
                               began_with, began_calling, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (partner_id, customer_id) do update
         set organization_id = excluded.organization_id,
             external_id = excluded.external_id,
             revoked_at = null",
        partner.uuid(),
        customer.id.uuid(),
        customer.organization_id.uuid(),
        external_id,
        &customer.beginning.packages,
        customer.beginning.calling,
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Replaces what a customer may assign.
pub(crate) async fn set_entitlement(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    packages: &[Package],
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = packages
        .iter()
        .map(|package| package.name.clone())
        .collect();
    sqlx::query!(
        "with lost as (
             delete from entitled_package
             where partner_id = $1 and customer_id = $2 and name <> all($4)
         )
         insert into entitled_package (partner_id, customer_id, name, base, calling, assignable,
                                       requires_any, unit_limit)
         select $1, $2, name, base, calling, assignable, requires_any, unit_limit
         from jsonb_to_recordset($3) as given (name text, base boolean, calling boolean,
             assignable boolean, requires_any text[], unit_limit integer)
         on conflict (partner_id, customer_id, name) do update
         set base = excluded.base,
             calling = excluded.calling,
             assignable = excluded.assignable,
             requires_any = excluded.requires_any,
             unit_limit = excluded.unit_limit",
        partner.uuid(),
        customer.uuid(),
        serde_json::json!(packages),
        &names,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Makes a location after those there are; one that is there already stays. The customer is locked.
pub(crate) async fn add_location(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    location: &NewLocation,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into location (partner_id, customer_id, location_id, place, name, line1, line2, city,
                               state, postal_code, country, timezone, language, created_at)
         select $1, $2, $3, 1 + coalesce(max(place), 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
         from location
         where partner_id = $1 and customer_id = $2
         on conflict (partner_id, customer_id, location_id) do nothing",
        partner.uuid(),
        customer.uuid(),
        location.location_id.uuid(),
        location.name,
        location.address.line1,
        location.address.line2,
        location.address.city,
        location.address.state,
        location.address.postal_code,
        location.address.country,
        location.timezone,
        location.language,
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Takes the service from a customer and locks it; whether there is such a customer.
pub(crate) async fn revoke(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update customer
         set revoked_at = coalesce(revoked_at, $3)
         where partner_id = $1 and customer_id = $2",
        partner.uuid(),
        customer.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
