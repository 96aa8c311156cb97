//! Assignments: what is held now, and the history of it.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::domain::{
    AssignmentId, CustomerId, LocationId, SubscriberId, assignment::Held, package::Selection,
};

/// An assignment that ends.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Id.
    pub(crate) assignment_id: AssignmentId,
    /// Whose.
    pub(crate) subscriber_id: SubscriberId,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// An assignment to start.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    /// Id.
    pub(crate) assignment_id: AssignmentId,
    /// `base`, or the add-on's name.
    pub(crate) slot: String,
    /// The package.
    pub(crate) package: String,
}

/// How many of a customer's subscribers hold a package.
#[derive(Debug)]
pub(crate) struct Holders {
    /// The customer.
    pub(crate) customer_id: CustomerId,
    /// The package.
    pub(crate) package: String,
    /// How many.
    pub(crate) count: i64,
}

/// What a subscriber holds.
pub(crate) async fn held(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    subscriber: SubscriberId,
) -> Result<Vec<Held>, sqlx::Error> {
    sqlx::query_as!(
        Held,
        r#"select assignment_id "assignment_id: AssignmentId", slot, package,
                  location_id "location_id: LocationId"
           from assignment
           where partner_id = $1 and customer_id = $2 and subscriber_id = $3 and ended_at is null
           order by slot"#,
        partner.uuid(),
        customer.uuid(),
        subscriber.uuid(),
    )
    .fetch_all(tx.conn())
    .await
}

/// The columns of assignments to start: ids, slots, packages.
pub(super) fn columns(started: &[Started]) -> (Vec<Uuid>, Vec<String>, Vec<String>) {
    (
        started.iter().map(|one| one.assignment_id.uuid()).collect(),
        started.iter().map(|one| one.slot.clone()).collect(),
        started.iter().map(|one| one.package.clone()).collect(),
    )
}

/// Starts some, at one instant.
pub(crate) async fn start(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    subscriber: SubscriberId,
    location: Option<LocationId>,
    started: &[Started],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (ids, slots, packages) = columns(started);
    sqlx::query!(
        "insert into assignment (partner_id, customer_id, subscriber_id, assignment_id, slot,
                                 package, location_id, started_at)
         select $1, $2, $3, assignment_id, slot, package, $7, $8
         from unnest($4::uuid[], $5::text[], $6::text[]) as given (assignment_id, slot, package)",
        partner.uuid(),
        customer.uuid(),
        subscriber.uuid(),
        &ids,
        &slots,
        &packages,
        location.map(LocationId::uuid),
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Ends some of a subscriber's, at one instant.
pub(crate) async fn end(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    subscriber: SubscriberId,
    assignments: &[AssignmentId],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = assignments.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update assignment
         set ended_at = $5
         where partner_id = $1 and customer_id = $2 and subscriber_id = $3
           and assignment_id = any($4) and ended_at is null",
        partner.uuid(),
        customer.uuid(),
        subscriber.uuid(),
        &ids,
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Ends all of a customer's. Its subscribers are locked.
pub(crate) async fn end_all(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    at: DateTime<Utc>,
) -> Result<Vec<Ended>, sqlx::Error> {
    sqlx::query_as!(
        Ended,
        r#"update assignment
           set ended_at = greatest($3, started_at)
           where partner_id = $1 and customer_id = $2 and ended_at is null
           returning assignment_id "assignment_id: AssignmentId",
                     subscriber_id "subscriber_id: SubscriberId",
                     ended_at "at!""#,
        partner.uuid(),
        customer.uuid(),
        at,
    )
    .fetch_all(tx.conn())
    .await
}

/// How many hold each package of these customers, by name of the package.
pub(crate) async fn holders(
    tx: &mut Tx,
    partner: PartnerId,
    customers: &[CustomerId],
) -> Result<Vec<Holders>, sqlx::Error> {
    let ids: Vec<Uuid> = customers.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        Holders,
        r#"select customer_id "customer_id: CustomerId", package, count(*) "count!"
           from assignment
           where partner_id = $1 and customer_id = any($2) and ended_at is null
           group by customer_id, package
           order by customer_id, package"#,
        partner.uuid(),
        &ids,
    )
    .fetch_all(tx.conn())
    .await
}

/// How many hold each of these packages; those held by none are left out.
pub(crate) async fn holders_of(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    packages: &[String],
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select package, count(*) "count!"
           from assignment
           where partner_id = $1 and customer_id = $2 and package = any($3) and ended_at is null
           group by package"#,
        partner.uuid(),
        customer.uuid(),
        packages,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.package, row.count))
        .collect())
}

/// The bounded packages of a selection that leave no unit for one more.
pub(crate) async fn used_up(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    selection: &Selection,
    gained: &[String],
) -> Result<Vec<(String, i32)>, sqlx::Error> {
    let bounded: Vec<String> = gained
        .iter()
        .filter(|package| selection.limits.contains_key(*package))
        .cloned()
        .collect();
    if bounded.is_empty() {
        return Ok(Vec::new());
    }
    let holders = holders_of(tx, partner, customer, &bounded).await?;
    Ok(holders
        .into_iter()
        .filter_map(|(package, count)| {
            let limit = *selection.limits.get(&package)?;
            (count >= i64::from(limit)).then_some((package, limit))
        })
        .collect())
}
