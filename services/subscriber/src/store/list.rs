//! Pages of subscribers.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::subscriber::{Row, select};
use crate::{
    domain::{
        CustomerId, LocationId, PersonId, SubscriberId,
        subscriber::{Status, Subscriber},
    },
    error::Error,
};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Creation.
    Created,
    /// Last change of status.
    StatusChanged,
}

/// What a list shows. Filters are exact.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// Only of this customer.
    pub(crate) customer: Option<CustomerId>,
    /// Only of the customer with this external id.
    pub(crate) external_customer: Option<String>,
    /// Only this person.
    pub(crate) person: Option<PersonId>,
    /// Only with this e-mail.
    pub(crate) email: Option<String>,
    /// Only in this status.
    pub(crate) status: Option<Status>,
    /// Only created after this instant.
    pub(crate) created_after: Option<DateTime<Utc>>,
    /// Only with a status change after this instant.
    pub(crate) status_changed_after: Option<DateTime<Utc>>,
    /// Sort key.
    pub(crate) order: Order,
    /// Newest first.
    pub(crate) descending: bool,
    /// At most this many.
    pub(crate) size: i64,
    /// The last row of the page before.
    pub(crate) after: Option<(DateTime<Utc>, Uuid)>,
    /// Skip this many.
    pub(crate) offset: i64,
}

/// One order's statement: a cursor and its sort must stand in the text for the index to serve both.
macro_rules! page {
    ($tx:ident, $partner:ident, $query:ident, $order:literal) => {
        select!(
            "and ($2::uuid is null or s.customer_id = $2)
             and ($3::text is null or c.external_id = $3)
             and ($4::uuid is null or s.person_id = $4)
             and ($5::text is null or s.email = $5)
             and ($6::text is null or s.status = $6)
             and ($7::timestamptz is null or s.created_at > $7)
             and ($8::timestamptz is null or s.status_changed_at > $8) "
                + $order
                + " limit $11 offset $12",
            $partner.uuid(),
            $query.customer.map(CustomerId::uuid),
            $query.external_customer.as_deref(),
            $query.person.map(PersonId::uuid),
            $query.email.as_deref(),
            $query.status.map(Status::name),
            $query.created_after,
            $query.status_changed_after,
            $query.after.map(|(at, _)| at),
            $query.after.map(|(_, id)| id),
            $query.size,
            $query.offset,
        )
        .fetch_all($tx.conn())
        .await?
    };
}

/// One page. Two round trips.
pub(crate) async fn page(
    tx: &mut Tx,
    partner: PartnerId,
    query: &Query,
) -> Result<Vec<Subscriber>, Error> {
    // An absent filter folds away when the plan is made for these arguments, and only then.
    sqlx::query!("select set_config('plan_cache_mode', 'force_custom_plan', true)")
        .fetch_one(tx.conn())
        .await?;
    let rows: Vec<Row> = match (query.order, query.descending) {
        (Order::Created, false) => page!(
            tx,
            partner,
            query,
            "and ($9::timestamptz is null or (s.created_at, s.subscriber_id) > ($9, $10::uuid))
             order by s.created_at, s.subscriber_id"
        ),
        (Order::Created, true) => page!(
            tx,
            partner,
            query,
            "and ($9::timestamptz is null or (s.created_at, s.subscriber_id) < ($9, $10::uuid))
             order by s.created_at desc, s.subscriber_id desc"
        ),
        (Order::StatusChanged, false) => page!(
            tx,
            partner,
            query,
            "and ($9::timestamptz is null
                  or (s.status_changed_at, s.subscriber_id) > ($9, $10::uuid))
             order by s.status_changed_at, s.subscriber_id"
        ),
        (Order::StatusChanged, true) => page!(
            tx,
            partner,
            query,
            "and ($9::timestamptz is null
                  or (s.status_changed_at, s.subscriber_id) < ($9, $10::uuid))
             order by s.status_changed_at desc, s.subscriber_id desc"
        ),
    };
    rows.into_iter().map(Subscriber::try_from).collect()
}
