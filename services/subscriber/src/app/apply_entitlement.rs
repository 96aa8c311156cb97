//! Sets what a customer may assign.

use kit::{boot::Context, id::PartnerId, scope::Scope};

use crate::{
    domain::{
        CustomerId, OrganizationId,
        package::{Beginning, Package},
    },
    error::Error,
    store::{
        assignment,
        customer::{self, Customer, NewLocation},
    },
};

/// What is to be true afterwards.
#[derive(Debug)]
pub(crate) struct Entitlement {
    /// The customer.
    pub(crate) customer: CustomerId,
    /// Its organization.
    pub(crate) organization: OrganizationId,
    /// The partner's own id of it.
    pub(crate) external_id: String,
    /// All it may assign.
    pub(crate) packages: Vec<Package>,
    /// A location to make.
    pub(crate) location: Option<NewLocation>,
}

/// Sets it, unless subscribers hold what would be lost. A limit below what is held is kept: it
/// stops further assignments. Safe to repeat.
pub(crate) async fn apply_entitlement(
    context: &Context,
    partner: PartnerId,
    wanted: &Entitlement,
) -> Result<(), Error> {
    let at = context.clock.now();
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let customer = Customer {
        id: wanted.customer,
        organization_id: wanted.organization,
        beginning: Beginning::of(&wanted.packages),
    };
    customer::save(&mut tx, partner, &customer, &wanted.external_id, at).await?;
    // the customer is locked, so nobody assigns between this count and the change
    let mut lost = assignment::holders(&mut tx, partner, wanted.customer).await?;
    lost.retain(|(held, _)| !wanted.packages.iter().any(|package| package.name == *held));
    if !lost.is_empty() {
        return Err(Error::package_in_use(lost));
    }
    customer::set_entitlement(&mut tx, partner, wanted.customer, &wanted.packages).await?;
    if let Some(location) = &wanted.location {
        customer::add_location(&mut tx, partner, wanted.customer, location, at).await?;
    }
    Ok(tx.commit().await?)
}
