//! Rows of `federated_identity`: who is who at a provider.

use kit::{db::Tx, id::PartnerId};

use crate::{domain::provider::ConnectionId, error::Error};

/// Forgets whom a provider knows.
pub(crate) async fn forget_all(
    tx: &mut Tx,
    partner: PartnerId,
    provider: ConnectionId,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from federated_identity where partner_id = $1 and connection_id = $2",
        partner.uuid(),
        provider.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
