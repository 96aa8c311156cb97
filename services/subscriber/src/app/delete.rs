//! Removes a subscriber's packages. The person stays in the organization.

use kit::{audit, auth::Caller, boot::Context};

use super::event;
use crate::{
    domain::{SubscriberId, subscriber::instant},
    error::{Error, SUBSCRIBER},
    store::{assignment, subscriber},
};

/// Ends all that is held, now. A suspended partner may do this too (R-1106).
pub(crate) async fn delete(
    context: &Context,
    caller: &Caller,
    subscriber: &str,
) -> Result<(), Error> {
    let id: SubscriberId = subscriber.parse().map_err(|_| Error::Missing(SUBSCRIBER))?;
    let partner = caller.partner;
    let mut tx = context.db.begin(caller.scope()).await?;
    let locked = subscriber::lock(&mut tx, partner, id)
        .await?
        .ok_or(Error::Missing(SUBSCRIBER))?;
    let customer = locked.customer_id;
    let held = assignment::held(&mut tx, partner, customer, id).await?;

    let at = instant(context.clock.now(), locked.assigned_at);
    let ids: Vec<_> = held.iter().map(|held| held.assignment_id).collect();
    assignment::end(&mut tx, partner, customer, id, &ids, at).await?;
    subscriber::remove(&mut tx, partner, &locked, at).await?;
    let act = audit::by(caller, "subscriber.deleted");
    let events: Vec<_> = ids
        .iter()
        .map(|assignment| event::ended(customer, id, *assignment, at))
        .chain([event::act(act, customer, id)])
        .collect();
    kit::feed::append_all(&mut tx, &context.ids, partner, at, &events).await?;
    Ok(tx.commit().await?)
}
