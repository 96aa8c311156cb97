//! Takes the wholesale service from a customer.

use kit::{boot::Context, id::PartnerId, scope::Scope};

use super::event;
use crate::{
    domain::CustomerId,
    error::Error,
    store::{assignment, customer, subscriber},
};

/// Ends everything the customer's subscribers hold, in a fixed number of statements. What it may
/// assign and where stays on record. Safe to repeat.
pub(crate) async fn revoke_entitlement(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<(), Error> {
    let at = context.clock.now();
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    if !customer::revoke(&mut tx, partner, customer, at).await? {
        // never entitled: a step that is undone before it was done
        return Ok(tx.commit().await?);
    }
    subscriber::remove_all(&mut tx, partner, customer, at).await?;
    let ended = assignment::end_all(&mut tx, partner, customer, at).await?;
    let events: Vec<_> = ended
        .iter()
        .map(|end| event::ended(customer, end.subscriber_id, end.assignment_id, end.at))
        .collect();
    kit::feed::append_all(&mut tx, &context.ids, partner, at, &events).await?;
    Ok(tx.commit().await?)
}
