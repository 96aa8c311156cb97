//! What stands against an application or for it, in one statement.

use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::{domain::customer::CustomerId, error::Error};

/// The partner's affairs as far as one application touches them.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The live customer with the same external id, and what it was created from.
    pub(crate) existing: Option<(CustomerId, Vec<u8>)>,
    /// The organization to attach to has the service.
    pub(crate) organization_taken: bool,
    /// A setting of the partner is on; off unless a row says otherwise.
    pub(crate) enabled: bool,
    /// The subscription that a sub-partner shares with its parent; none for a partner of its own.
    pub(crate) shared_subscription: Option<String>,
}

/// Reads it.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    external_id: &str,
    organization_id: Option<Uuid>,
    setting: &str,
) -> Result<Standing, Error> {
    let row = sqlx::query!(
        "select existing.customer_id as \"customer_id?: CustomerId\",
                existing.fingerprint as \"fingerprint?\",
                exists (select from customer
                        where partner_id = $1 and organization_id = $3 and removed_at is null)
                    as \"organization_taken!\",
                coalesce((select enabled from partner_setting
                          where partner_id = $1 and name = $4), false) as \"enabled!\",
                (select subscription_id from partner_terms
                 where partner_id = $1) as shared_subscription
         from (select) as nothing
         left join customer existing
             on existing.partner_id = $1 and existing.external_id = $2
                and existing.removed_at is null",
        partner.uuid(),
        external_id,
        organization_id,
        setting,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Standing {
        existing: row.customer_id.zip(row.fingerprint),
        organization_taken: row.organization_taken,
        enabled: row.enabled,
        shared_subscription: row.shared_subscription,
    })
}
