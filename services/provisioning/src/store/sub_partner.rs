//! Sub-partners, and the settings of a partner.

use chrono::{DateTime, NaiveDate, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::named;
use crate::{
    domain::sub_partner::{SubPartner, SubPartnerState},
    error::Error,
};

struct Row {
    organization_id: Uuid,
    name: String,
    admin_email: String,
    admin_first_name: String,
    admin_last_name: String,
    subscription_id: String,
    billing_start_date: NaiveDate,
    state: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for SubPartner {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            state: named("sub_partner", &row.state)?,
            organization_id: row.organization_id,
            name: row.name,
            admin_email: row.admin_email,
            admin_first_name: row.admin_first_name,
            admin_last_name: row.admin_last_name,
            subscription_id: row.subscription_id,
            billing_start_date: row.billing_start_date,
            created_at: row.created_at,
        })
    }
}

macro_rules! sub_partners {
    ($rest:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "select organization_id, name, admin_email, admin_first_name, admin_last_name,
                    subscription_id, billing_start_date, state, created_at
             from sub_partner " + $rest,
            $($argument),+
        )
    };
}

/// Writes a new one; nobody sees it until it is [`ready`].
pub(crate) async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    sub_partner: &SubPartner,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into sub_partner
             (partner_id, organization_id, name, admin_email, admin_first_name, admin_last_name,
              subscription_id, billing_start_date, state, ready, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10)",
        partner.uuid(),
        sub_partner.organization_id,
        sub_partner.name,
        sub_partner.admin_email,
        sub_partner.admin_first_name,
        sub_partner.admin_last_name,
        sub_partner.subscription_id,
        sub_partner.billing_start_date,
        sub_partner.state.name(),
        sub_partner.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Its organization exists: shows it to the parent, and its terms to itself. Needs the whole reach,
/// because the terms are the sub-partner's own row.
pub(crate) async fn ready(
    tx: &mut Tx,
    partner: PartnerId,
    sub_partner: &SubPartner,
) -> Result<(), Error> {
    sqlx::query!(
        "with shown as (
             update sub_partner
             set ready = true
             where partner_id = $1 and organization_id = $2
         )
         insert into partner_terms (partner_id, parent_partner_id, subscription_id)
         values ($2, $1, $3)
         on conflict do nothing",
        partner.uuid(),
        sub_partner.organization_id,
        sub_partner.subscription_id,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One by its organization, in whatever state of its set-up.
pub(crate) async fn find_any(
    tx: &mut Tx,
    partner: PartnerId,
    organization_id: Uuid,
) -> Result<Option<SubPartner>, Error> {
    sub_partners!(
        "where partner_id = $1 and organization_id = $2",
        partner.uuid(),
        organization_id
    )
    .fetch_optional(tx.conn())
    .await?
    .map(SubPartner::try_from)
    .transpose()
}

/// One by its organization.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    organization_id: Uuid,
) -> Result<Option<SubPartner>, Error> {
    sub_partners!(
        "where partner_id = $1 and organization_id = $2 and ready",
        partner.uuid(),
        organization_id
    )
    .fetch_optional(tx.conn())
    .await?
    .map(SubPartner::try_from)
    .transpose()
}

/// A page, oldest first.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    state: Option<SubPartnerState>,
    after: Option<(DateTime<Utc>, Uuid)>,
    offset: i64,
    most: i64,
) -> Result<Vec<SubPartner>, Error> {
    let (at, id) = after.unzip();
    sub_partners!(
        "where partner_id = $1
           and ready
           and ($2::text is null or state = $2)
           and ($3::timestamptz is null or (created_at, organization_id) > ($3, $4))
         order by created_at, organization_id
         offset $5 limit $6",
        partner.uuid(),
        state.map(SubPartnerState::name),
        at,
        id,
        offset,
        most,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(SubPartner::try_from)
    .collect()
}

/// Suspends or resumes one.
pub(crate) async fn set_state(
    tx: &mut Tx,
    partner: PartnerId,
    organization_id: Uuid,
    state: SubPartnerState,
) -> Result<(), Error> {
    sqlx::query!(
        "update sub_partner set state = $3 where partner_id = $1 and organization_id = $2",
        partner.uuid(),
        organization_id,
        state.name(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The subscription that a sub-partner shares with its parent; none for a partner of its own.
pub(crate) async fn shared_subscription(
    tx: &mut Tx,
    partner: PartnerId,
) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar!(
        "select subscription_id from partner_terms where partner_id = $1",
        partner.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Whether a setting of the partner is on; off unless a row says otherwise.
pub(crate) async fn setting(tx: &mut Tx, partner: PartnerId, name: &str) -> Result<bool, Error> {
    let enabled = sqlx::query_scalar!(
        "select enabled from partner_setting where partner_id = $1 and name = $2",
        partner.uuid(),
        name,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(enabled.unwrap_or(false))
}
