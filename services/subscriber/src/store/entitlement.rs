//! Entitlements, written for many customers at once: each function is one statement.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{
    CustomerId, LocationId, OrganizationId,
    package::{Beginning, Package},
};

/// What is to be true of a customer.
#[derive(Debug)]
pub(crate) struct Entitlement {
    /// The customer.
    pub(crate) customer: CustomerId,
    /// Its organization.
    pub(crate) organization: OrganizationId,
    /// The partner's own id of it.
    pub(crate) external_id: String,
    /// All it may assign.
    pub(crate) packages: Vec<Package>,
    /// A location to make.
    pub(crate) location: Option<NewLocation>,
}

/// A location to make.
#[derive(Debug, Serialize)]
pub(crate) struct NewLocation {
    /// Id.
    pub(crate) location_id: LocationId,
    /// Name.
    pub(crate) name: String,
    /// First line of the address.
    pub(crate) line1: String,
    /// Second line.
    pub(crate) line2: String,
    /// City.
    pub(crate) city: String,
    /// State.
    pub(crate) state: String,
    /// Postal code.
    pub(crate) postal_code: String,
    /// Country.
    pub(crate) country: String,
    /// IANA time zone.
    pub(crate) timezone: String,
    /// Language.
    pub(crate) language: String,
}

/// As the statements below read them.
fn rows(wanted: &[&Entitlement]) -> Value {
    let row = |one: &&Entitlement| {
        let began = Beginning::of(&one.packages);
        json!({
            "customer_id": one.customer,
            "organization_id": one.organization,
            "external_id": one.external_id,
            "began_with": began.packages,
            "began_calling": began.calling,
            "packages": one.packages,
            "location": one.location,
        })
    };
    wanted.iter().map(row).collect()
}

/// Writes those customers that are new, with all they have, and answers with them. The others are
/// left as they are. Afterwards all are locked; in order of their ids, so that two who lock several
/// never wait for each other. Each customer may come up only once.
pub(crate) async fn begin(
    tx: &mut Tx,
    partner: PartnerId,
    wanted: &[&Entitlement],
    at: DateTime<Utc>,
) -> Result<BTreeSet<CustomerId>, sqlx::Error> {
    // An update that is never done still locks, and only those that were inserted are returned.
    let new = sqlx::query_scalar!(
        r#"with given as (
               select *
               from jsonb_to_recordset($2) as given (customer_id uuid, organization_id uuid,
                   external_id text, began_with text[], began_calling boolean, packages jsonb,
                   location jsonb)
           ), begun as (
               insert into customer (partner_id, customer_id, organization_id, external_id,
                                     began_with, began_calling, created_at)
               select $1, customer_id, organization_id, external_id, began_with, began_calling, $3
               from given
               order by customer_id
               on conflict (partner_id, customer_id) do update
               set external_id = excluded.external_id
               where false
               returning customer_id
           ), entitled as (
               insert into entitled_package (partner_id, customer_id, name, base, calling,
                                             assignable, requires_any, unit_limit)
               select $1, customer_id, package.*
               from begun
               join given using (customer_id)
               cross join jsonb_to_recordset(given.packages) as package (name text, base boolean,
                   calling boolean, assignable boolean, requires_any text[], unit_limit integer)
           ), located as (
               insert into location (partner_id, customer_id, place, created_at, location_id, name,
                                     line1, line2, city, state, postal_code, country, timezone,
                                     language)
               select $1, customer_id, 1, $3, made.*
               from begun
               join given using (customer_id)
               cross join jsonb_to_record(given.location) as made (location_id uuid, name text,
                   line1 text, line2 text, city text, state text, postal_code text, country text,
                   timezone text, language text)
               where given.location is not null
           )
           select customer_id "customer_id: CustomerId" from begun"#,
        partner.uuid(),
        rows(wanted),
        at,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(new.into_iter().collect())
}

/// Replaces what customers may assign, and makes their locations after those there are; one that is
/// there already stays, and so does what a customer began with. The customers are locked.
pub(crate) async fn replace(
    tx: &mut Tx,
    partner: PartnerId,
    wanted: &[&Entitlement],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    // said once more by themselves, so that tables are read by their key
    let ids: Vec<Uuid> = wanted.iter().map(|one| one.customer.uuid()).collect();
    sqlx::query!(
        "with given as (
             select *
             from jsonb_to_recordset($2) as given (customer_id uuid, organization_id uuid,
                 external_id text, packages jsonb, location jsonb)
         ), package as (
             select given.customer_id, package.*
             from given
             cross join jsonb_to_recordset(given.packages) as package (name text, base boolean,
                 calling boolean, assignable boolean, requires_any text[], unit_limit integer)
         ), changed as (
             update customer
             set organization_id = given.organization_id,
                 external_id = given.external_id,
                 revoked_at = null
             from given
             where customer.partner_id = $1
               and customer.customer_id = any($4)
               and customer.customer_id = given.customer_id
         ), lost as (
             delete from entitled_package
             where partner_id = $1
               and customer_id = any($4)
               and (customer_id, name) not in (select customer_id, name from package)
         ), located as (
             insert into location (partner_id, customer_id, place, created_at, location_id, name,
                                   line1, line2, city, state, postal_code, country, timezone,
                                   language)
             select $1, given.customer_id,
                    1 + coalesce((select max(place) from location
                                  where partner_id = $1 and customer_id = given.customer_id), 0),
                    $3, made.*
             from given
             cross join jsonb_to_record(given.location) as made (location_id uuid, name text,
                 line1 text, line2 text, city text, state text, postal_code text, country text,
                 timezone text, language text)
             where given.location is not null
             on conflict (partner_id, customer_id, location_id) do nothing
         )
         insert into entitled_package (partner_id, customer_id, name, base, calling, assignable,
                                       requires_any, unit_limit)
         select $1, package.*
         from package
         on conflict (partner_id, customer_id, name) do update
         set base = excluded.base,
             calling = excluded.calling,
             assignable = excluded.assignable,
             requires_any = excluded.requires_any,
             unit_limit = excluded.unit_limit",
        partner.uuid(),
        rows(wanted),
        at,
        &ids,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}
