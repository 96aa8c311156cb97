//! Rows of `person`.

use chrono::{DateTime, Utc};
use kit::email::Email;
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::{
    domain::{
        organization::OrganizationId,
        person::{Newcomer, Person, PersonId},
        sign_in::Account,
    },
    error::Error,
};

/// Where a newcomer goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// The organization, whose row is locked.
    pub(crate) organization: OrganizationId,
}

/// Adds a person, the first of the organization as its administrator (R-402); none when the address
/// is taken, here or anywhere else, or is the user name of somebody here.
pub(crate) async fn insert(
    tx: &mut Tx,
    place: Place,
    id: PersonId,
    new: &Newcomer,
    now: DateTime<Utc>,
) -> Result<Option<Person>, Error> {
    Ok(sqlx::query_as!(
        Person,
        r#"insert into person
               (partner_id, organization_id, person_id, email, first_name, last_name,
                display_name, administrator, created_at, changed_at)
           select $1, $2, $3, $4, $5, $6,
                  concat_ws(' ', $5::text, $6::text),
                  not exists (
                      select from person where partner_id = $1 and organization_id = $2),
                  $7, $7
           on conflict do nothing
           returning partner_id as "partner_id: PartnerId",
                     organization_id as "organization_id: OrganizationId",
                     person_id as "id: PersonId",
                     email, first_name, last_name, administrator, created_at"#,
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
        new.email.as_str(),
        new.first_name,
        new.last_name,
        now,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Finds a person of an organization by the address.
pub(crate) async fn find_by_email(
    tx: &mut Tx,
    place: Place,
    email: &Email,
) -> Result<Option<Person>, Error> {
    Ok(sqlx::query_as!(
        Person,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  person_id as "id: PersonId",
                  email, first_name, last_name, administrator, created_at
           from person
           where partner_id = $1 and organization_id = $2 and email = $3"#,
        place.partner.uuid(),
        place.organization.uuid(),
        email.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Finds a person, of the given tenant if one is given.
pub(crate) async fn find(
    tx: &mut Tx,
    tenant: Option<PartnerId>,
    id: Uuid,
) -> Result<Option<Person>, Error> {
    Ok(sqlx::query_as!(
        Person,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  person_id as "id: PersonId",
                  email, first_name, last_name, administrator, created_at
           from person
           where person_id = $1
             and ($2::uuid is null or partner_id = $2)"#,
        id,
        tenant.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The organizations that hold these addresses, in their order, whichever tenant's.
pub(crate) async fn holders(
    tx: &mut Tx,
    emails: &[Email],
) -> Result<Vec<Option<OrganizationId>>, Error> {
    let emails: Vec<String> = emails.iter().map(Email::to_string).collect();
    // one look into the index for each address, however many rows the planner thinks there are
    Ok(sqlx::query_scalar!(
        r#"select (select person.organization_id from person where person.email = asked.email)
               as "organization_id: OrganizationId"
           from unnest($1::text[]) with ordinality as asked (email, place)
           order by asked.place"#,
        &emails,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A person who was invited has come.
pub(crate) async fn activate(tx: &mut Tx, whose: Account, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update person set state = 'active', version = version + 1, changed_at = $4
         where partner_id = $1 and organization_id = $2 and person_id = $3 and state = 'invited'",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
