//! Rows of `person` with everything that is told of them, and the roles that they hold.

use chrono::{DateTime, Utc};
use kit::{access::Role, db::Tx, email::Email, id::PartnerId};
use sqlx::types::Json;
use uuid::Uuid;

use super::person::Place;
use crate::{
    domain::{
        member::{Member, Names, Profile, State, Wanted},
        organization::OrganizationId,
        person::PersonId,
    },
    error::Error,
};

struct Row {
    partner_id: PartnerId,
    organization_id: OrganizationId,
    person_id: PersonId,
    email: String,
    display_name: String,
    first_name: String,
    last_name: String,
    state: String,
    profile: Json<Profile>,
    external_id: String,
    roles: Vec<String>,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    version: i32,
}

impl TryFrom<Row> for Member {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            partner: row.partner_id,
            organization: row.organization_id,
            id: row.person_id,
            email: row.email,
            names: Names {
                display: row.display_name,
                first: row.first_name,
                last: row.last_name,
            },
            state: State::parse(&row.state).ok_or(Error::Impossible("person.state"))?,
            profile: row.profile.0,
            external_id: row.external_id,
            // roles of a newer release are nothing to this one
            roles: row
                .roles
                .iter()
                .filter_map(|code| Role::parse(code))
                .collect(),
            created_at: row.created_at,
            changed_at: row.changed_at,
            version: row.version,
        })
    }
}

/// Which people of an organization are asked for.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Only with this address; all when empty.
    pub(crate) email: String,
    /// Only whose name begins so, lower case; all when empty.
    pub(crate) name: String,
    /// Only these; all when there are none.
    pub(crate) ids: Vec<Uuid>,
    /// Only with one of these roles; all when there are none.
    pub(crate) roles: Vec<String>,
    /// Only after this one.
    pub(crate) after: Option<Uuid>,
    /// At most so many.
    pub(crate) most: i64,
}

/// People of an organization, by id.
pub(crate) async fn list(
    tx: &mut Tx,
    place: Place,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<Vec<Member>, Error> {
    let name = filter
        .name
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    sqlx::query_as!(
        Row,
        r#"select p.partner_id as "partner_id: PartnerId",
                  p.organization_id as "organization_id: OrganizationId",
                  p.person_id as "person_id: PersonId",
                  p.email, p.display_name, p.first_name, p.last_name, p.state,
                  p.profile as "profile: Json<Profile>", p.external_id,
                  array(select g.role
                        from role_grant g
                        where g.partner_id = p.partner_id
                          and g.organization_id = p.organization_id
                          and g.person_id = p.person_id
                          and (g.ends_at is null or g.ends_at > $9)
                        order by g.role) as "roles!",
                  p.created_at, p.changed_at, p.version
           from person p
           where p.partner_id = $1
             and p.organization_id = $2
             and ($3 = '' or p.email = $3)
             and ($4 = '' or lower(p.display_name) like $4 || '%')
             and (cardinality($5::uuid[]) = 0 or p.person_id = any($5))
             and (cardinality($6::text[]) = 0 or exists (
                 select
                 from role_grant g
                 where g.partner_id = p.partner_id
                   and g.organization_id = p.organization_id
                   and g.person_id = p.person_id
                   and g.role = any($6)
                   and (g.ends_at is null or g.ends_at > $9)))
             and ($7::uuid is null or p.person_id > $7)
           order by p.person_id
           limit $8"#,
        place.partner.uuid(),
        place.organization.uuid(),
        filter.email,
        name,
        &filter.ids,
        &filter.roles,
        filter.after,
        filter.most,
        now,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Member::try_from)
    .collect()
}

/// One person of an organization.
pub(crate) async fn find(
    tx: &mut Tx,
    place: Place,
    id: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Member>, Error> {
    let filter = Filter {
        ids: vec![id.uuid()],
        most: 1,
        ..Filter::default()
    };
    Ok(list(tx, place, &filter, now).await?.pop())
}

/// Whose a person is.
pub(crate) async fn place_of(tx: &mut Tx, id: Uuid) -> Result<Option<Place>, Error> {
    Ok(sqlx::query_as!(
        Place,
        r#"select partner_id as "partner: PartnerId",
                  organization_id as "organization: OrganizationId"
           from person
           where person_id = $1"#,
        id,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Writes what is wanted of a person. The address stays where none is told, and so does what only
/// directories tell.
pub(crate) async fn replace(
    tx: &mut Tx,
    place: Place,
    id: PersonId,
    wanted: &Wanted,
    state: State,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let directory = wanted.directory.as_ref();
    let outcome = sqlx::query!(
        "update person
         set display_name = $4, first_name = $5, last_name = $6, state = $7, profile = $8,
             external_id = $9, version = version + 1, changed_at = $10,
             email = coalesce($11, email),
             user_name = case when $12 then $13 else user_name end,
             directory = coalesce($14, directory)
         where partner_id = $1 and organization_id = $2 and person_id = $3",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
        wanted.names.display,
        wanted.names.first,
        wanted.names.last,
        state.as_str(),
        Json(&wanted.profile) as _,
        wanted.external_id,
        now,
        wanted.email.as_ref().map(Email::as_str),
        directory.is_some(),
        directory.and_then(|told| told.user_name.as_deref()),
        directory.map(|told| Json(&told.rest)) as _,
    )
    .execute(tx.conn())
    .await;
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => Err(taken(error)),
    }
}

/// What is another's already, as the unique indexes find it.
fn taken(error: sqlx::Error) -> Error {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match constraint {
        Some("person_email_once") => Error::EmailInUse,
        Some("person_user_name") => Error::UserNameInUse,
        Some("person_external") => Error::ExternalIdInUse,
        _ => Error::Database(error),
    }
}

/// Deletes a person with everything that it has and holds; who named it as the manager names nobody.
pub(crate) async fn delete(tx: &mut Tx, place: Place, id: PersonId) -> Result<(), Error> {
    sqlx::query!(
        "update person
         set profile = profile || '{\"manager_id\": \"\"}', version = version + 1
         where partner_id = $1 and organization_id = $2 and profile ->> 'manager_id' = $3",
        place.partner.uuid(),
        place.organization.uuid(),
        id.to_string(),
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from person
         where partner_id = $1 and organization_id = $2 and person_id = $3",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
