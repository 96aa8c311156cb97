//! What the compliance feed tells: a case was decided or expired.

use kit::{db::Tx, id::PartnerId, operation};
use uuid::Uuid;

use crate::{
    app::{App, block_customer},
    domain::{customer::CustomerId, screening::Verdict},
    error::Error,
    store,
};

/// A closed case.
#[derive(Debug)]
pub(crate) struct ClosedCase {
    pub(crate) partner: PartnerId,
    pub(crate) customer_id: CustomerId,
    pub(crate) case_id: Uuid,
    pub(crate) verdict: Verdict,
    pub(crate) decided_by: String,
}

/// Writes the decision down and wakes the operation that waits for it. A provisioned customer that
/// was refused, and that no operation is at work on, is blocked.
pub(crate) async fn close_case(app: &App, tx: &mut Tx, closed: &ClosedCase) -> Result<(), Error> {
    let ClosedCase {
        partner,
        customer_id,
        verdict,
        ..
    } = *closed;
    let now = app.now();
    store::screening_outcome::insert(
        tx,
        partner,
        customer_id,
        closed.case_id,
        verdict,
        &closed.decided_by,
        now,
    )
    .await?;
    if operation::wake(tx, partner, customer_id.uuid(), now).await? {
        return Ok(());
    }
    let Some(problem) = verdict.refusal() else {
        return Ok(());
    };
    let customer = store::customer::lock(tx, partner, customer_id).await?;
    if customer.is_some_and(|customer| customer.status.is_provisioned()) {
        block_customer::start(app, tx, partner, customer_id, problem, now).await?;
    }
    Ok(())
}
