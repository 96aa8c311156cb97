//! What stands against applications or for them, in one statement.

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

/// What an application names.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) external_id: String,
    pub(crate) organization_id: Option<Uuid>,
}

/// Reads it for several applications at once, in their order.
pub(crate) async fn find_all(
    tx: &mut Tx,
    partner: PartnerId,
    named: &[Named],
    setting: &str,
) -> Result<Vec<Standing>, Error> {
    let (external_ids, organization_ids): (Vec<_>, Vec<_>) = named
        .iter()
        .map(|named| (named.external_id.clone(), named.organization_id))
        .unzip();
    let rows = sqlx::query!(
        "select existing.customer_id as \"customer_id?: CustomerId\",
                existing.fingerprint as \"fingerprint?\",
                exists (select from customer
                        where partner_id = $1 and organization_id = named.organization_id
                          and removed_at is null)
                    as \"organization_taken!\",
                coalesce((select enabled from partner_setting
                          where partner_id = $1 and name = $4), false) as \"enabled!\",
                (select subscription_id from partner_terms
                 where partner_id = $1) as shared_subscription
         from unnest($2::text[], $3::uuid[]) with ordinality
                  as named (external_id, organization_id, n)
         left join customer existing
             on existing.partner_id = $1 and existing.external_id = named.external_id
                and existing.removed_at is null
         order by n",
        partner.uuid(),
        &external_ids,
        &organization_ids as _,
        setting,
    )
    .fetch_all(tx.conn())
    .await?;
    let standings = rows.into_iter().map(|row| Standing {
        existing: row.customer_id.zip(row.fingerprint),
        organization_taken: row.organization_taken,
        enabled: row.enabled,
        shared_subscription: row.shared_subscription,
    });
    Ok(standings.collect())
}
