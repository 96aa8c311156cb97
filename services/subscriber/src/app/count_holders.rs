//! Counts who holds what.

use kit::{boot::Context, id::PartnerId, scope::Scope};

use crate::{
    domain::CustomerId,
    error::Error,
    store::assignment::{self, Holders},
};

/// How many subscribers hold each package of a customer.
pub(crate) async fn count_holders(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Vec<Holders>, Error> {
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let holders = assignment::holders(&mut tx, partner, &[customer]).await?;
    tx.commit().await?;
    Ok(holders)
}
