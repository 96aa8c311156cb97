//! What directories tell of people, and groups.

use chrono::{DateTime, Utc};
use kit::db::Tx;
use sqlx::types::Json;
use uuid::Uuid;

use super::person::Place;
use crate::{
    domain::{
        member::Directory,
        scim::{
            Document,
            filter::Known,
            group::{Asked, Group, GroupId},
        },
    },
    error::Error,
};

/// What only directories tell of people, by person, from some row on.
pub(crate) async fn people(
    tx: &mut Tx,
    place: Place,
    known: &Known,
    skipped: i64,
    most: i64,
) -> Result<Vec<(Uuid, Directory)>, Error> {
    let rows = sqlx::query!(
        r#"select person_id, user_name, directory as "directory: Json<Document>"
           from person
           where partner_id = $1
             and organization_id = $2
             and ($3::uuid is null or person_id = $3)
             and ($4::text is null or lower(coalesce(user_name, email)) = $4)
             and ($5::text is null or external_id = $5)
             and ($6::text is null or email = $6 or exists (
                 select
                 from jsonb_array_elements(directory -> 'emails') as told
                 where lower(told ->> 'value') = $6))
           order by person_id
           offset $7
           limit $8"#,
        place.partner.uuid(),
        place.organization.uuid(),
        known.id,
        known.user_name,
        known.external_id,
        known.email,
        skipped,
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter().map(|row| {
        let directory = Directory {
            user_name: row.user_name,
            rest: row.directory.0,
        };
        (row.person_id, directory)
    });
    Ok(rows.collect())
}

/// How many people there are.
pub(crate) async fn count_people(tx: &mut Tx, place: Place) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from person where partner_id = $1 and organization_id = $2"#,
        place.partner.uuid(),
        place.organization.uuid(),
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Which of these are people of the organization. They stay until the end of the transaction.
pub(crate) async fn known_people(
    tx: &mut Tx,
    place: Place,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, Error> {
    Ok(sqlx::query_scalar!(
        "select person_id
         from person
         where partner_id = $1 and organization_id = $2 and person_id = any($3)
         order by person_id
         for key share",
        place.partner.uuid(),
        place.organization.uuid(),
        ids,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The groups of these people: person, group, name of the group.
pub(crate) async fn groups_of(
    tx: &mut Tx,
    place: Place,
    people: &[Uuid],
) -> Result<Vec<(Uuid, Uuid, String)>, Error> {
    let rows = sqlx::query!(
        "select m.person_id, m.group_id, g.display_name
         from person_group_member m
         join person_group g using (partner_id, organization_id, group_id)
         where m.partner_id = $1 and m.organization_id = $2 and m.person_id = any($3)
         order by m.group_id",
        place.partner.uuid(),
        place.organization.uuid(),
        people,
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.person_id, row.group_id, row.display_name))
        .collect())
}

/// Groups with their members, from some row on.
pub(crate) async fn groups(
    tx: &mut Tx,
    place: Place,
    known: &Known,
    skipped: i64,
    most: i64,
) -> Result<Vec<Group>, Error> {
    Ok(sqlx::query_as!(
        Group,
        r#"select g.group_id as "id: GroupId", g.display_name, g.external_id, g.version,
                  g.created_at, g.changed_at,
                  array(select m.person_id
                        from person_group_member m
                        where m.partner_id = g.partner_id
                          and m.organization_id = g.organization_id
                          and m.group_id = g.group_id
                        order by m.person_id) as "members!"
           from person_group g
           where g.partner_id = $1
             and g.organization_id = $2
             and ($3::uuid is null or g.group_id = $3)
             and ($4::text is null or lower(g.display_name) = $4)
             and ($5::text is null or g.external_id = $5)
           order by g.group_id
           offset $6
           limit $7"#,
        place.partner.uuid(),
        place.organization.uuid(),
        known.id,
        known.display_name,
        known.external_id,
        skipped,
        most,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// How many groups there are.
pub(crate) async fn count_groups(tx: &mut Tx, place: Place) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from person_group where partner_id = $1 and organization_id = $2"#,
        place.partner.uuid(),
        place.organization.uuid(),
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// One group, held until the end of the transaction.
pub(crate) async fn lock_group(tx: &mut Tx, place: Place, id: GroupId) -> Result<(), Error> {
    let found = sqlx::query_scalar!(
        "select version
         from person_group
         where partner_id = $1 and organization_id = $2 and group_id = $3
         for no key update",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    found.map(drop).ok_or(Error::Missing("group"))
}

/// Adds a group, or writes one that is held.
pub(crate) async fn write_group(
    tx: &mut Tx,
    place: Place,
    id: GroupId,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let written = sqlx::query!(
        "insert into person_group
             (partner_id, organization_id, group_id, display_name, external_id, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (partner_id, organization_id, group_id) do update
         set display_name = excluded.display_name, external_id = excluded.external_id,
             version = person_group.version + 1, changed_at = excluded.changed_at",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
        asked.display_name,
        asked.external_id,
        now,
    )
    .execute(tx.conn())
    .await;
    written.map_err(taken)?;
    sqlx::query!(
        "delete from person_group_member
         where partner_id = $1 and organization_id = $2 and group_id = $3
           and person_id <> all($4)",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
        &asked.members,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into person_group_member (partner_id, organization_id, group_id, person_id)
         select $1, $2, $3, person_id
         from unnest($4::uuid[]) as person_id
         on conflict (partner_id, organization_id, group_id, person_id) do nothing",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
        &asked.members,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn taken(error: sqlx::Error) -> Error {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    match constraint {
        Some("person_group_name") => Error::GroupNameInUse,
        Some("person_group_external") => Error::ExternalIdInUse,
        _ => Error::Database(error),
    }
}

/// Deletes a group; the people in it stay.
pub(crate) async fn delete_group(tx: &mut Tx, place: Place, id: GroupId) -> Result<(), Error> {
    sqlx::query!(
        "delete from person_group
         where partner_id = $1 and organization_id = $2 and group_id = $3",
        place.partner.uuid(),
        place.organization.uuid(),
        id.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
