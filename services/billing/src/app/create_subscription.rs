//! Creates the subscription of a partner (R-1401).

use kit::audit::Entry;
use kit::fault::Violations;
use kit::id::PartnerId;
use kit::scope::Scope;

use super::{App, tell};
use crate::domain::subscription::Subscription;
use crate::error::Error;
use crate::store;

/// Keeps it; the same again is no error, the same id with another currency is. The partner need not
/// be known yet: identity's feed may tell of it a moment later.
pub(crate) async fn create_subscription(
    app: &App,
    partner: &str,
    subscription_id: &str,
    currency: &str,
    act: Entry,
) -> Result<Subscription, Error> {
    let mut problems = Violations::default();
    let partner = partner.parse::<PartnerId>().ok();
    problems.check(
        partner.is_some(),
        "partnerId",
        "INVALID",
        "must be the id of a partner",
    );
    let id = problems.text("subscriptionId", subscription_id, Subscription::ID_MAX);
    let currency = Subscription::currency(currency, &mut problems);
    let Some(partner_id) = partner.filter(|_| problems.is_empty()) else {
        return Err(Error::Invalid(problems.into_vec()));
    };
    let created_at = app.context.clock.now();
    let wanted = Subscription {
        id,
        partner_id,
        currency,
        created_at,
    };
    let mut tx = app.context.db.begin(Scope::Partner(partner_id)).await?;
    let kept = store::subscription::keep(&mut tx, &wanted).await?;
    if kept.currency != wanted.currency {
        return Err(Error::SubscriptionExists(wanted.id));
    }
    let act = act
        .target("subscription", &kept.id)
        .detail("currency", kept.currency.as_str());
    tell::act(
        app,
        &mut tx,
        partner_id,
        act.organization(partner_id.uuid()),
    )
    .await?;
    tx.commit().await?;
    Ok(kept)
}
