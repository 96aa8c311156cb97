//! Rows of `role_grant`: who holds which role where (R-1201, R-1202).

use chrono::{DateTime, Utc};
use kit::{access::Role, db::Tx};

use super::person::Place;
use crate::{
    domain::{organization::OrganizationId, person::PersonId, reach::Grant},
    error::Error,
};

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

/// Takes roles away.
pub(crate) async fn take(
    tx: &mut Tx,
    place: Place,
    person: PersonId,
    roles: &[Role],
) -> Result<(), Error> {
    let roles: Vec<String> = roles.iter().map(|role| role.code().to_owned()).collect();
    sqlx::query!(
        "delete from role_grant
         where partner_id = $1 and organization_id = $2 and person_id = $3 and role = any($4)",
        place.partner.uuid(),
        place.organization.uuid(),
        person.uuid(),
        &roles,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether somebody else of the organization, who may sign in, holds the role for good.
pub(crate) async fn is_held_by_another(
    tx: &mut Tx,
    place: Place,
    person: PersonId,
    role: Role,
) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (
               select
               from role_grant g
               join person p using (partner_id, organization_id, person_id)
               where g.partner_id = $1 and g.organization_id = $2 and g.person_id <> $3
                 and g.role = $4 and g.ends_at is null and p.state <> 'disabled') as "found!""#,
        place.partner.uuid(),
        place.organization.uuid(),
        person.uuid(),
        role.code(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Everything that a person holds, wherever. Roles of a newer release are nothing to this one.
pub(crate) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Grant>, Error> {
    let rows = sqlx::query!(
        r#"select organization_id as "organization_id: OrganizationId", role, ends_at
           from role_grant
           where person_id = $1"#,
        person.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    let grants = rows.into_iter().filter_map(|row| {
        Some(Grant {
            organization: row.organization_id,
            role: Role::parse(&row.role)?,
            until: row.ends_at,
        })
    });
    Ok(grants.collect())
}
