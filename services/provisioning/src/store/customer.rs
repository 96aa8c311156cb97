//! Customers with their packages: reading, accepting, and the end of the first set-up.

use chrono::{DateTime, NaiveDate, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;
use uuid::Uuid;

use super::named;
use crate::{
    domain::{
        address::Address,
        customer::{Customer, CustomerId, CustomerStatus, HeldPackage, Location, Problem, Terms},
        template::TemplateId,
    },
    error::Error,
};

struct Row {
    customer_id: CustomerId,
    external_id: String,
    organization_id: Uuid,
    organization_ready: bool,
    subscription_id: String,
    name: String,
    locale: String,
    address: Json<Address>,
    location: Option<Json<Location>>,
    meetings_timezone: String,
    billing_start_date: Option<NaiveDate>,
    status: String,
    errors: Json<Vec<Problem>>,
    packages: Json<Vec<HeldPackage>>,
    operation_id: Uuid,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Customer {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            status: named("customer", &row.status)?,
            id: row.customer_id,
            external_id: row.external_id,
            organization_id: row.organization_id,
            organization_ready: row.organization_ready,
            subscription_id: row.subscription_id,
            name: row.name,
            locale: row.locale,
            address: row.address.0,
            location: row.location.map(|location| location.0),
            meetings_timezone: row.meetings_timezone,
            billing_start_date: row.billing_start_date,
            errors: row.errors.0,
            packages: row.packages.0,
            operation_id: row.operation_id,
            created_at: row.created_at,
        })
    }
}

/// The columns once, with what follows them. The packages come as one value of the same row: a page
/// of customers is one query.
macro_rules! customers {
    ($rest:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "select customer_id as \"customer_id: CustomerId\", external_id, organization_id,
                    organization_ready, subscription_id, name, locale,
                    address as \"address: Json<Address>\",
                    location as \"location: Json<Location>\",
                    meetings_timezone, billing_start_date, status,
                    errors as \"errors: Json<Vec<Problem>>\",
                    (select coalesce(jsonb_agg(jsonb_build_object(
                                'name', p.package, 'status', p.status, 'license_id', p.license_id,
                                'limit', p.unit_limit, 'warnings', p.warnings, 'errors', p.errors)
                                order by p.ordinal), '[]')
                     from customer_package p
                     where p.partner_id = c.partner_id and p.customer_id = c.customer_id)
                        as \"packages!: Json<Vec<HeldPackage>>\",
                    operation_id, created_at
             from customer c " + $rest,
            $($argument),+
        )
    };
}

/// One that was not removed.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
) -> Result<Option<Customer>, Error> {
    customers!(
        "where partner_id = $1 and customer_id = $2 and removed_at is null",
        partner.uuid(),
        customer_id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Customer::try_from)
    .transpose()
}

/// One that was not removed, locked until the end of the transaction. Read after the lock was got:
/// the same statement would see the packages as they were before it waited.
pub(crate) async fn lock(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
) -> Result<Option<Customer>, Error> {
    sqlx::query!(
        "select from customer where partner_id = $1 and customer_id = $2 for update",
        partner.uuid(),
        customer_id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    find(tx, partner, customer_id).await
}

/// What a list is narrowed to; all of it exact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) external_id: Option<String>,
    pub(crate) organization_id: Option<Uuid>,
    pub(crate) statuses: Vec<CustomerStatus>,
}

/// A page, oldest first.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    filter: &Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    offset: i64,
    most: i64,
) -> Result<Vec<Customer>, Error> {
    let statuses: Vec<String> = filter
        .statuses
        .iter()
        .map(|status| status.name().to_owned())
        .collect();
    let (at, id) = after.unzip();
    customers!(
        "where partner_id = $1
           and removed_at is null
           and ($2::text is null or external_id = $2)
           and ($3::uuid is null or (organization_id = $3 and organization_ready))
           and (cardinality($4::text[]) = 0 or status = any($4))
           and ($5::timestamptz is null or (created_at, customer_id) > ($5, $6))
         order by created_at, customer_id
         offset $7 limit $8",
        partner.uuid(),
        filter.external_id,
        filter.organization_id,
        &statuses,
        at,
        id,
        offset,
        most,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Customer::try_from)
    .collect()
}

/// The live customer that has an external id, with what it was created from.
pub(crate) async fn find_by_external_id(
    tx: &mut Tx,
    partner: PartnerId,
    external_id: &str,
) -> Result<Option<(CustomerId, Vec<u8>)>, Error> {
    let row = sqlx::query!(
        "select customer_id as \"customer_id: CustomerId\", fingerprint
         from customer
         where partner_id = $1 and external_id = $2 and removed_at is null",
        partner.uuid(),
        external_id,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.customer_id, row.fingerprint)))
}

/// What only the row keeps of a new customer.
#[derive(Debug)]
pub(crate) struct Acceptance<'a> {
    pub(crate) template_id: TemplateId,
    pub(crate) primary_email: &'a str,
    pub(crate) sub_partner_admin_email: &'a str,
    pub(crate) terms: &'a Terms,
    pub(crate) fingerprint: &'a [u8; 32],
}

/// What an insertion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// It is written.
    Done,
    /// Nothing is written: the external id or the organization was taken meanwhile.
    Taken,
    /// Nothing is written: the template was deleted meanwhile.
    TemplateGone,
}

/// Writes a new customer and its packages in one statement.
pub(crate) async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    customer: &Customer,
    acceptance: &Acceptance<'_>,
) -> Result<Insertion, Error> {
    let names: Vec<String> = customer.packages.iter().map(|p| p.name.clone()).collect();
    let licenses: Vec<Uuid> = customer.packages.iter().map(|p| p.license_id).collect();
    let limits: Vec<Option<i32>> = customer.packages.iter().map(|p| p.limit).collect();
    let written = sqlx::query!(
        "with accepted as (
             insert into customer
                 (partner_id, customer_id, external_id, organization_id, template_id,
                  subscription_id, name, primary_email, locale, address, location,
                  meetings_timezone, terms, sub_partner_admin_email, billing_start_date, status,
                  fingerprint, operation_id, organization_ready, created_at, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                     $23, $19, $19)
             on conflict do nothing
             returning partner_id, customer_id
         )
         insert into customer_package
             (partner_id, customer_id, package, ordinal, status, license_id, unit_limit)
         select partner_id, customer_id, package.name, ordinal, 'provisioning', license_id, unit_limit
         from accepted,
              unnest($20::text[], $21::uuid[], $22::integer[])
                  as wanted (package, license_id, unit_limit)
              join package on package.name = wanted.package",
        partner.uuid(),
        customer.id.uuid(),
        customer.external_id,
        customer.organization_id,
        acceptance.template_id.uuid(),
        customer.subscription_id,
        customer.name,
        acceptance.primary_email,
        customer.locale,
        Json(&customer.address) as _,
        customer.location.as_ref().map(Json) as _,
        customer.meetings_timezone,
        Json(acceptance.terms) as _,
        acceptance.sub_partner_admin_email,
        customer.billing_start_date,
        customer.status.name(),
        acceptance.fingerprint.as_slice(),
        customer.operation_id,
        customer.created_at,
        &names,
        &licenses,
        &limits as _,
        customer.organization_ready,
    )
    .execute(tx.conn())
    .await;
    match written {
        Ok(done) if done.rows_affected() == 0 => Ok(Insertion::Taken),
        Ok(_) => Ok(Insertion::Done),
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            Ok(Insertion::TemplateGone)
        }
        Err(error) => Err(error.into()),
    }
}

/// Sets the status alone; false when it was that already.
pub(crate) async fn set_status(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    status: CustomerStatus,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "update customer
         set status = $3, changed_at = $4
         where partner_id = $1 and customer_id = $2 and status <> $3",
        partner.uuid(),
        customer_id.uuid(),
        status.name(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// The first set-up is done: customer and packages, in one statement.
pub(crate) async fn provisioned(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'provisioned', errors = '[]', organization_ready = true, changed_at = $3
             where partner_id = $1 and customer_id = $2
         )
         update customer_package
         set status = 'provisioned', errors = '[]'
         where partner_id = $1 and customer_id = $2",
        partner.uuid(),
        customer_id.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The customer has no service, and why; its packages say the same.
pub(crate) async fn set_error(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    organization_ready: bool,
    problem: &Problem,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'error', errors = $4, changed_at = $5,
                 organization_ready = organization_ready or $3
             where partner_id = $1 and customer_id = $2
         )
         update customer_package
         set status = 'error', errors = $4
         where partner_id = $1 and customer_id = $2",
        partner.uuid(),
        customer_id.uuid(),
        organization_ready,
        Json([problem]) as _,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
