//! Customers with their packages: reading, accepting, and the end of the first set-up.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use kit::{db::Tx, id::PartnerId};
use serde_json::{Value, json};
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

/// Those of some that were not removed.
pub(crate) async fn find_all(
    tx: &mut Tx,
    partner: PartnerId,
    customer_ids: &[Uuid],
) -> Result<Vec<Customer>, Error> {
    customers!(
        "where partner_id = $1 and customer_id = any($2) and removed_at is null",
        partner.uuid(),
        customer_ids,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Customer::try_from)
    .collect()
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

/// A new customer, with what only its row keeps.
#[derive(Debug)]
pub(crate) struct Acceptance {
    pub(crate) customer: Customer,
    pub(crate) template_id: TemplateId,
    pub(crate) primary_email: String,
    pub(crate) sub_partner_admin_email: String,
    pub(crate) terms: Terms,
    pub(crate) fingerprint: [u8; 32],
}

impl Acceptance {
    /// The row, as `insert_all` reads it.
    fn row(&self) -> Value {
        let customer = &self.customer;
        json!({
            "customer_id": customer.id,
            "external_id": customer.external_id,
            "organization_id": customer.organization_id,
            "organization_ready": customer.organization_ready,
            "template_id": self.template_id,
            "subscription_id": customer.subscription_id,
            "name": customer.name,
            "primary_email": self.primary_email,
            "locale": customer.locale,
            "address": customer.address,
            "location": customer.location,
            "meetings_timezone": customer.meetings_timezone,
            "terms": self.terms,
            "sub_partner_admin_email": self.sub_partner_admin_email,
            "billing_start_date": customer.billing_start_date,
            "status": customer.status.name(),
            "fingerprint": format!("\\x{}", hex::encode(self.fingerprint)),
            "operation_id": customer.operation_id,
            "created_at": customer.created_at,
            "packages": customer.packages,
        })
    }
}

/// Writes new customers and their packages in one statement, and tells which were written: others have
/// an external id or an organization that was taken meanwhile. None, and nothing is written, when a
/// template was deleted meanwhile.
pub(crate) async fn insert_all(
    tx: &mut Tx,
    partner: PartnerId,
    new: &[&Acceptance],
) -> Result<Option<HashSet<CustomerId>>, Error> {
    if new.is_empty() {
        return Ok(Some(HashSet::new()));
    }
    let rows: Vec<Value> = new.iter().map(|new| new.row()).collect();
    let written = sqlx::query_scalar!(
        "with given as (
             select *
             from rows from (jsonb_to_recordset($2) as
                 (customer_id uuid, external_id text, organization_id uuid,
                  organization_ready boolean, template_id uuid, subscription_id text, name text,
                  primary_email text, locale text, address jsonb, location jsonb,
                  meetings_timezone text, terms jsonb, sub_partner_admin_email text,
                  billing_start_date date, status text, fingerprint bytea, operation_id uuid,
                  created_at timestamptz, packages jsonb))
         ), accepted as (
             insert into customer
                 (partner_id, customer_id, external_id, organization_id, organization_ready,
                  template_id, subscription_id, name, primary_email, locale, address, location,
                  meetings_timezone, terms, sub_partner_admin_email, billing_start_date, status,
                  fingerprint, operation_id, created_at, changed_at)
             select $1, customer_id, external_id, organization_id, organization_ready,
                    template_id, subscription_id, name, primary_email, locale, address, location,
                    meetings_timezone, terms, sub_partner_admin_email, billing_start_date, status,
                    fingerprint, operation_id, created_at, created_at
             from given
             order by external_id, customer_id
             on conflict do nothing
             returning customer_id
         ), held as (
             insert into customer_package
                 (partner_id, customer_id, package, ordinal, status, license_id, unit_limit)
             select $1, customer_id, held.name, package.ordinal, held.status, license_id, held.\"limit\"
             from accepted
                  join given using (customer_id),
                  jsonb_to_recordset(packages) as held
                      (name text, status text, license_id uuid, \"limit\" integer)
                  join package on package.name = held.name
         )
         select customer_id as \"customer_id!: CustomerId\" from accepted",
        partner.uuid(),
        Value::from(rows),
    )
    .fetch_all(tx.conn())
    .await;
    match written {
        Ok(written) => Ok(Some(written.into_iter().collect())),
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(None),
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

/// The first set-up of these is done: customers and packages, in one statement.
pub(crate) async fn provisioned(
    tx: &mut Tx,
    partner: PartnerId,
    customer_ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "with customer as (
             update customer
             set status = 'provisioned', errors = '[]', organization_ready = true, changed_at = $3
             where partner_id = $1 and customer_id = any($2)
         )
         update customer_package
         set status = 'provisioned', errors = '[]'
         where partner_id = $1 and customer_id = any($2)",
        partner.uuid(),
        customer_ids,
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
