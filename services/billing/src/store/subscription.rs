//! Subscriptions.

use kit::db::Tx;
use kit::id::PartnerId;

use crate::domain::subscription::Subscription;

/// Keeps a subscription unless there is one of that id; answers with the one that counts.
pub(crate) async fn keep(
    tx: &mut Tx,
    subscription: &Subscription,
) -> Result<Subscription, sqlx::Error> {
    sqlx::query_as!(
        Subscription,
        r#"insert into subscription (partner_id, subscription_id, currency, created_at)
           values ($1, $2, $3, $4)
           on conflict (partner_id, subscription_id) do update
           set currency = subscription.currency
           returning subscription_id as id, partner_id as "partner_id: PartnerId", currency, created_at"#,
        subscription.partner_id.uuid(),
        subscription.id,
        subscription.currency,
        subscription.created_at,
    )
    .fetch_one(tx.conn())
    .await
}

/// What usage is billed to when its customer names no subscription: the partner's, or else its
/// parent's (R-1401: a partner has one).
pub(crate) async fn usual(
    tx: &mut Tx,
    partner: PartnerId,
    parent: Option<PartnerId>,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select subscription_id
         from subscription
         where partner_id = $1
            or partner_id = $2
         order by partner_id = $1 desc, created_at, subscription_id
         limit 1",
        partner.uuid(),
        parent.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await
}

/// All subscriptions of a partner, oldest first.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
) -> Result<Vec<Subscription>, sqlx::Error> {
    sqlx::query_as!(
        Subscription,
        r#"select subscription_id as id, partner_id as "partner_id: PartnerId", currency, created_at
           from subscription
           where partner_id = $1
           order by created_at, subscription_id"#,
        partner.uuid(),
    )
    .fetch_all(tx.conn())
    .await
}
