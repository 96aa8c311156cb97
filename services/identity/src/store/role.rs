//! Rows of `role_grant`: who holds which role where (R-1201, R-1202).

use chrono::{DateTime, Utc};
use kit::{access::Role, db::Tx};

use super::person::Place;
use crate::{domain::person::PersonId, error::Error};

/// Who gives what nobody gives.
pub(crate) const BY_PLATFORM: &str = "";

/// Gives roles in an organization, for good; those that are held stay as they are.
pub(crate) async fn give(
    tx: &mut Tx,
    place: Place,
    person: PersonId,
    roles: &[Role],
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let roles: Vec<String> = roles.iter().map(|role| role.code().to_owned()).collect();
    sqlx::query!(
        "insert into role_grant
             (partner_id, organization_id, person_id, role, granted_by, granted_at)
         select $1, $2, $3, role, $5, $6
         from unnest($4::text[]) as role
         on conflict (partner_id, organization_id, person_id, role) do nothing",
        place.partner.uuid(),
        place.organization.uuid(),
        person.uuid(),
        &roles,
        by,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
