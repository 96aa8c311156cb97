//! Customers, what they may assign, and where.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;

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

/// What a creation needs to know of a customer.
#[derive(Debug)]
pub(crate) struct Sight {
    /// The customer.
    pub(crate) customer: Customer,
    /// What it may assign.
    pub(crate) entitlement: Vec<Package>,
    /// Where.
    pub(crate) locations: Locations,
}

/// Looks at one, and whether it has the location asked for.
pub(crate) async fn look(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    asked: Option<LocationId>,
) -> Result<Option<Sight>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select organization_id "organization_id: OrganizationId", began_with, began_calling,
                  (select coalesce(jsonb_agg(package order by name), '[]')
                   from (select name, base, calling, assignable, requires_any, unit_limit
                         from entitled_package
                         where partner_id = $1 and customer_id = $2) package)
                      "entitlement!: Json<Vec<Package>>",
                  (select location_id from location
                   where partner_id = $1 and customer_id = $2
                   order by place limit 1) "default: LocationId",
                  (select location_id from location
                   where partner_id = $1 and customer_id = $2 and location_id = $3)
                      "asked: LocationId"
           from customer
           where partner_id = $1 and customer_id = $2 and revoked_at is null"#,
        partner.uuid(),
        customer.uuid(),
        asked.map(LocationId::uuid),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Sight {
        customer: Customer {
            id: customer,
            organization_id: row.organization_id,
            beginning: Beginning {
                packages: row.began_with,
                calling: row.began_calling,
            },
        },
        entitlement: row.entitlement.0,
        locations: Locations {
            default: row.default,
            asked: row.asked,
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
