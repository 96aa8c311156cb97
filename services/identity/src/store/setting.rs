//! Rows of `organization_setting`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::person::Place;
use crate::{
    domain::{organization::Kind, settings::Settings},
    error::Error,
};

/// Those of an organization.
pub(crate) async fn find(tx: &mut Tx, place: Place, kind: Kind) -> Result<Settings, Error> {
    let found = sqlx::query_as!(
        Settings,
        "select restricted_by_partner, enterprise_settings_restricted, third_party_devices, hybrid
         from organization_setting
         where partner_id = $1 and organization_id = $2",
        place.partner.uuid(),
        place.organization.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.unwrap_or_else(|| Settings::of(kind)))
}

/// Writes those of an organization.
pub(crate) async fn write(
    tx: &mut Tx,
    place: Place,
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into organization_setting
             (partner_id, organization_id, restricted_by_partner, enterprise_settings_restricted,
              third_party_devices, hybrid, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (partner_id, organization_id) do update
         set restricted_by_partner = excluded.restricted_by_partner,
             enterprise_settings_restricted = excluded.enterprise_settings_restricted,
             third_party_devices = excluded.third_party_devices,
             hybrid = excluded.hybrid,
             changed_at = excluded.changed_at",
        place.partner.uuid(),
        place.organization.uuid(),
        settings.restricted_by_partner,
        settings.enterprise_settings_restricted,
        settings.third_party_devices,
        settings.hybrid,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// New customers that are not restricted.
pub(crate) async fn insert_free(
    tx: &mut Tx,
    partner: PartnerId,
    organizations: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if organizations.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into organization_setting
             (partner_id, organization_id, restricted_by_partner, changed_at)
         select $1, id, false, $3
         from unnest($2::uuid[]) as id",
        partner.uuid(),
        organizations,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
