//! Intervals of use: live ones, those that ended, and both in the order of reports.

use chrono::NaiveDate;
use kit::db::Tx;
use kit::id::PartnerId;
use uuid::Uuid;

use crate::domain::usage::Window;
use crate::domain::{CustomerId, SubscriberId};

/// A package that a subscriber holds from now on.
#[derive(Debug)]
pub(crate) struct Assignment {
    /// Owner of the customer.
    pub(crate) partner_id: PartnerId,
    /// The customer.
    pub(crate) customer_id: CustomerId,
    /// The subscriber.
    pub(crate) subscriber_id: SubscriberId,
    /// Base or add-on.
    pub(crate) slot: String,
    /// Id of the assignment.
    pub(crate) id: Uuid,
    /// The person behind the subscriber.
    pub(crate) person_id: Option<Uuid>,
    /// Or the workspace.
    pub(crate) workspace_id: Option<Uuid>,
    /// Where the seat is.
    pub(crate) location_id: Option<Uuid>,
    /// The package.
    pub(crate) package: String,
    /// First second.
    pub(crate) started: i64,
}

/// Begins an interval. A second one in the same slot violates the primary key.
pub(crate) async fn start(tx: &mut Tx, assignment: &Assignment) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into usage_open (partner_id, customer_id, subscriber_id, slot, assignment_id,
                                 person_id, workspace_id, location_id, package, started)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        assignment.partner_id.uuid(),
        assignment.customer_id.uuid(),
        assignment.subscriber_id.uuid(),
        assignment.slot,
        assignment.id,
        assignment.person_id,
        assignment.workspace_id,
        assignment.location_id,
        assignment.package,
        assignment.started,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Ends an interval: moves it to the history, or nowhere when nothing is left of it. Answers with
/// its first second; none when there is no such live assignment.
pub(crate) async fn end(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    subscriber: SubscriberId,
    assignment: Uuid,
    ended: i64,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "with live as (
             delete from usage_open
             where partner_id = $1
               and customer_id = $2
               and subscriber_id = $3
               and assignment_id = $4
             returning *
         ), kept as (
             insert into usage_closed (partner_id, customer_id, subscriber_id, slot, started, ended,
                                       assignment_id, person_id, workspace_id, location_id, package)
             select partner_id, customer_id, subscriber_id, slot, started, $5,
                    assignment_id, person_id, workspace_id, location_id, package
             from live
             where started < $5
         )
         select started from live",
        partner.uuid(),
        customer.uuid(),
        subscriber.uuid(),
        assignment,
        ended,
    )
    .fetch_optional(tx.conn())
    .await
}

/// An interval with what its customer adds to it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Used {
    /// The customer.
    pub(crate) customer_id: Uuid,
    /// Its organization.
    pub(crate) organization_id: Option<Uuid>,
    /// The partner's own id for it; none when the customer is not known yet.
    pub(crate) external_id: Option<String>,
    /// First billed day, when deferred.
    pub(crate) billing_start: Option<NaiveDate>,
    /// What it is billed to.
    pub(crate) subscription_id: Option<String>,
    /// Where the seat is.
    pub(crate) location_id: Option<Uuid>,
    /// The subscriber.
    pub(crate) subscriber_id: Uuid,
    /// The person behind it.
    pub(crate) person_id: Option<Uuid>,
    /// Or the workspace.
    pub(crate) workspace_id: Option<Uuid>,
    /// The package.
    pub(crate) package: String,
    /// First second.
    pub(crate) started: i64,
    /// First second after it; none while it goes on.
    pub(crate) ended: Option<i64>,
}

/// Opens the cursor over all intervals of these partners that touch the window, in the one order
/// that all reports share. Sorting a large partner may take longer than other statements may.
pub(crate) async fn open_cursor(
    tx: &mut Tx,
    owners: &[Uuid],
    window: Window,
) -> Result<(), sqlx::Error> {
    sqlx::query!("select set_config('statement_timeout', '600000', true)")
        .fetch_one(tx.conn())
        .await?;
    sqlx::query!(
        "declare used no scroll cursor for
         select u.customer_id, c.organization_id, c.external_id, c.billing_start, c.subscription_id,
                u.location_id, u.subscriber_id, u.person_id, u.workspace_id, u.package,
                u.started, u.ended
         from (
             select partner_id, customer_id, location_id, subscriber_id, person_id, workspace_id,
                    package, started, ended
             from usage_closed
             where partner_id = any ($1::uuid[])
               and ended > $2::bigint
               and started < $3::bigint
             union all
             select partner_id, customer_id, location_id, subscriber_id, person_id, workspace_id,
                    package, started, null::bigint
             from usage_open
             where partner_id = any ($1::uuid[])
               and started < $3::bigint
         ) u
         left join customer c on c.partner_id = u.partner_id and c.customer_id = u.customer_id
         order by u.partner_id, u.customer_id, u.location_id nulls first, u.subscriber_id,
                  u.started, u.package",
        owners,
        window.from,
        window.to,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// The next rows of the cursor; none at its end. Not checked at compile time: the cursor does not
/// exist then.
pub(crate) async fn fetch(tx: &mut Tx) -> Result<Vec<Used>, sqlx::Error> {
    sqlx::query_as("fetch forward 1024 from used")
        .persistent(false)
        .fetch_all(tx.conn())
        .await
}
