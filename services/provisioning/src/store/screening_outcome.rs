//! What the reviewers decided.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::named;
use crate::{
    domain::{customer::CustomerId, screening::Verdict},
    error::Error,
};

/// Writes a decision down; a repeat changes nothing.
pub(crate) async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    case_id: Uuid,
    verdict: Verdict,
    decided_by: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into screening_outcome
             (partner_id, customer_id, case_id, outcome, decided_by, occurred_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        partner.uuid(),
        customer_id.uuid(),
        case_id,
        verdict.name(),
        decided_by,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The decision on a case; none while it is open.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    case_id: Uuid,
) -> Result<Option<Verdict>, Error> {
    sqlx::query_scalar!(
        "select outcome
         from screening_outcome
         where partner_id = $1 and customer_id = $2 and case_id = $3",
        partner.uuid(),
        customer_id.uuid(),
        case_id,
    )
    .fetch_optional(tx.conn())
    .await?
    .map(|outcome| named("screening_outcome", &outcome))
    .transpose()
}

/// A refusal that came since an instant, on another case than the named one.
pub(crate) async fn refused_since(
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    own_case: Option<Uuid>,
    since: DateTime<Utc>,
) -> Result<Option<Verdict>, Error> {
    sqlx::query_scalar!(
        "select outcome
         from screening_outcome
         where partner_id = $1
           and customer_id = $2
           and case_id is distinct from $3
           and outcome <> 'approved'
           and occurred_at >= $4
         limit 1",
        partner.uuid(),
        customer_id.uuid(),
        own_case,
        since,
    )
    .fetch_optional(tx.conn())
    .await?
    .map(|outcome| named("screening_outcome", &outcome))
    .transpose()
}
