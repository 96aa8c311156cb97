//! Remembers what other contexts tell of partners, customers and packages.

use kit::db::Tx;
use kit::id::PartnerId;

use crate::store::projection::{self, Customer, Package};

/// A partner changed; a sub-partner is noted with its parent too.
pub(crate) async fn partner(
    tx: &mut Tx,
    partner: PartnerId,
    parent: Option<PartnerId>,
    name: &str,
) -> Result<(), sqlx::Error> {
    projection::put_partner(tx, partner, parent, name).await?;
    if let Some(parent) = parent {
        projection::put_sub_partner(tx, parent, partner).await?;
    }
    Ok(())
}

/// A customer changed.
pub(crate) async fn customer(tx: &mut Tx, customer: &Customer) -> Result<(), sqlx::Error> {
    projection::put_customer(tx, customer).await
}

/// A package was defined or amended.
pub(crate) async fn package(tx: &mut Tx, package: &Package) -> Result<(), sqlx::Error> {
    projection::put_package(tx, package).await
}
