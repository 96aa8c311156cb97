//! What this context remembers of partners, customers and packages.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kit::db::Tx;
use kit::id::PartnerId;
use uuid::Uuid;

use crate::domain::CustomerId;
use crate::domain::sheet::Article;

/// A customer, as provisioning tells it.
#[derive(Debug)]
pub(crate) struct Customer {
    /// Its partner.
    pub(crate) partner_id: PartnerId,
    /// Id.
    pub(crate) id: CustomerId,
    /// Its organization, once it has one.
    pub(crate) organization_id: Option<Uuid>,
    /// The partner's own id for it.
    pub(crate) external_id: String,
    /// Name.
    pub(crate) name: String,
    /// First billed day, when deferred.
    pub(crate) billing_start: Option<NaiveDate>,
    /// What its usage is billed to.
    pub(crate) subscription_id: String,
    /// The wholesale service was removed.
    pub(crate) deleted: bool,
}

/// A package, as the catalogue tells it.
#[derive(Debug)]
pub(crate) struct Package {
    /// Name on the wire.
    pub(crate) name: String,
    /// Name for people.
    pub(crate) title: String,
    /// Stock keeping unit.
    pub(crate) sku: String,
    /// Text.
    pub(crate) description: String,
}

/// The newest state of a customer. What was known of its organization and subscription stays when
/// the event of its removal no longer names them: past usage still needs them.
pub(crate) async fn put_customer(tx: &mut Tx, customer: &Customer) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customer (partner_id, customer_id, organization_id, external_id, name,
                               billing_start, subscription_id, deleted)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (partner_id, customer_id) do update
         set organization_id = coalesce(excluded.organization_id, customer.organization_id),
             external_id = excluded.external_id,
             name = excluded.name,
             billing_start = excluded.billing_start,
             subscription_id = coalesce(nullif(excluded.subscription_id, ''), customer.subscription_id),
             deleted = excluded.deleted",
        customer.partner_id.uuid(),
        customer.id.uuid(),
        customer.organization_id,
        customer.external_id,
        customer.name,
        customer.billing_start,
        customer.subscription_id,
        customer.deleted,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The newest state of a package.
pub(crate) async fn put_package(tx: &mut Tx, package: &Package) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into package (name, title, sku, description)
         values ($1, $2, $3, $4)
         on conflict (name) do update
         set title = excluded.title,
             sku = excluded.sku,
             description = excluded.description",
        package.name,
        package.title,
        package.sku,
        package.description,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The newest state of a partner.
pub(crate) async fn put_partner(
    tx: &mut Tx,
    partner: PartnerId,
    parent: Option<PartnerId>,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into partner (partner_id, parent_id, name)
         values ($1, $2, $3)
         on conflict (partner_id) do update
         set parent_id = excluded.parent_id,
             name = excluded.name",
        partner.uuid(),
        parent.map(PartnerId::uuid),
        name,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Notes a sub-partner with its parent.
pub(crate) async fn put_sub_partner(
    tx: &mut Tx,
    parent: PartnerId,
    sub_partner: PartnerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sub_partner (partner_id, sub_partner_id)
         values ($1, $2)
         on conflict do nothing",
        parent.uuid(),
        sub_partner.uuid(),
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The sub-partners of a partner.
pub(crate) async fn sub_partners(
    tx: &mut Tx,
    parent: PartnerId,
) -> Result<Vec<PartnerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select sub_partner_id as "sub_partner_id: PartnerId"
           from sub_partner
           where partner_id = $1
           order by sub_partner_id"#,
        parent.uuid(),
    )
    .fetch_all(tx.conn())
    .await
}

/// Name and parent of a partner.
pub(crate) async fn partner(
    tx: &mut Tx,
    partner: PartnerId,
) -> Result<Option<(String, Option<PartnerId>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select name, parent_id as "parent_id: PartnerId"
           from partner
           where partner_id = $1"#,
        partner.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.name, row.parent_id)))
}

/// All packages; there are a few dozen.
pub(crate) async fn articles(tx: &mut Tx) -> Result<BTreeMap<String, Article>, sqlx::Error> {
    let rows = sqlx::query!("select name, sku, description from package")
        .fetch_all(tx.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.name,
                Article {
                    sku: row.sku,
                    description: row.description,
                },
            )
        })
        .collect())
}

/// How far the feed of another context has been handled.
pub(crate) async fn position(tx: &mut Tx, feed: &str) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!("select position from feed_cursor where feed = $1", feed)
        .fetch_optional(tx.conn())
        .await?;
    Ok(position.unwrap_or_default())
}
