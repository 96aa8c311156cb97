//! Rows of `management`: who manages which organization (R-1104).

use kit::{db::Tx, id::PartnerId};

use crate::{domain::organization::Organization, error::Error};

/// A parent manages its new sub-partner.
pub(crate) async fn insert_parent(
    tx: &mut Tx,
    sub_partner: &Organization,
    parent: PartnerId,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into management (partner_id, organization_id, manager_id, kind, granted_by, since)
         values ($1, $1, $2, 'full', '', $3)",
        sub_partner.partner_id.uuid(),
        parent.uuid(),
        sub_partner.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
