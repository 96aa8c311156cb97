//! Accepting the removal of the wholesale service.

use kit::{audit, auth::Caller, operation};
use uuid::Uuid;

use crate::{
    app::{
        App,
        create_customer::not_started,
        remove_customer::{Memory, RemoveCustomer},
    },
    domain::customer::{CustomerId, CustomerStatus},
    error::Error,
    store::{self, customer_change},
};

/// Accepts the removal; returns the operation that does it. A repeat answers with the running one.
pub(crate) async fn delete_customer(
    app: &App,
    caller: &Caller,
    customer_id: CustomerId,
) -> Result<Uuid, Error> {
    let partner = caller.partner;
    let now = app.now();
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let customer = store::customer::lock(&mut tx, partner, customer_id)
        .await?
        .ok_or(Error::Missing("customer"))?;
    if customer.status == CustomerStatus::Deleting {
        return Ok(customer.operation_id);
    }
    if !customer.status.is_settled() {
        return Err(Error::busy());
    }
    let operation_id = operation::start::<RemoveCustomer>(
        &mut tx,
        &app.context.ids,
        partner,
        customer_id.uuid(),
        &Memory::default(),
        now,
    )
    .await
    .map_err(not_started)?
    .uuid();
    customer_change::accept_removal(&mut tx, partner, customer_id, operation_id, now).await?;
    let deleting = store::customer::find(&mut tx, partner, customer_id).await?;
    let deleting = deleting.ok_or(Error::Missing("customer"))?;
    let act = audit::by(caller, "customer.deleted");
    app.tell_act(&mut tx, partner, deleting, act, now).await?;
    tx.commit().await?;
    Ok(operation_id)
}
