//! Rows of `organization`.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::{
    domain::{
        organization::{Kind, Organization, OrganizationId, Profile},
        provider::{Authentication, ConnectionId},
    },
    error::Error,
};

pub(super) struct Row {
    pub(super) partner_id: PartnerId,
    pub(super) organization_id: OrganizationId,
    pub(super) kind: String,
    pub(super) parent_partner_id: Option<PartnerId>,
    pub(super) display_name: String,
    pub(super) country: String,
    pub(super) locale: String,
    pub(super) sip_domain: Option<String>,
    pub(super) suspended: bool,
    pub(super) authentication: String,
    pub(super) connection_id: Option<ConnectionId>,
    pub(super) created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Organization {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            partner_id: row.partner_id,
            id: row.organization_id,
            parent: row.parent_partner_id,
            kind: Kind::parse(&row.kind).ok_or(Error::Impossible("organization.kind"))?,
            profile: Profile {
                display_name: row.display_name,
                country: row.country,
                locale: row.locale,
            },
            sip_domain: row.sip_domain,
            suspended: row.suspended,
            authentication: Authentication::parse(&row.authentication, row.connection_id)
                .ok_or(Error::Impossible("organization.authentication"))?,
            created_at: row.created_at,
        })
    }
}

/// Adds one; false when the id is taken. Fails with `Missing` when its owner is no tenant.
pub(crate) async fn insert(tx: &mut Tx, new: &Organization) -> Result<bool, Error> {
    let outcome = sqlx::query!(
        "insert into organization
             (partner_id, organization_id, kind, parent_partner_id,
              display_name, country, locale, sip_domain, suspended, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         on conflict (organization_id) do nothing",
        new.partner_id.uuid(),
        new.id.uuid(),
        new.kind.as_str(),
        new.parent.map(PartnerId::uuid),
        new.profile.display_name,
        new.profile.country,
        new.profile.locale,
        new.sip_domain,
        new.suspended,
        new.created_at,
    )
    .execute(tx.conn())
    .await;
    match outcome {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(error) => Err(refusal(error)),
    }
}

/// Adds customers of one partner, and tells which of the ids were free; where one is there several
/// times, the first counts. Fails with `Missing` when their owner is no tenant.
pub(crate) async fn insert_customers(
    tx: &mut Tx,
    partner: PartnerId,
    new: &[Organization],
) -> Result<HashSet<OrganizationId>, Error> {
    let ids: Vec<Uuid> = new.iter().map(|one| one.id.uuid()).collect();
    let text = |of: fn(&Organization) -> String| new.iter().map(of).collect::<Vec<_>>();
    let domains: Vec<Option<String>> = new.iter().map(|one| one.sip_domain.clone()).collect();
    let authentications = text(|one| one.authentication.as_str().to_owned());
    let connections: Vec<Option<Uuid>> = new
        .iter()
        .map(|one| one.authentication.connection().map(ConnectionId::uuid))
        .collect();
    let times: Vec<DateTime<Utc>> = new.iter().map(|one| one.created_at).collect();
    // in the order of the ids, so that nobody who adds the same ones waits for somebody who waits;
    // the owner and its parent manage what is added (R-1104)
    let added = sqlx::query_scalar!(
        r#"with added as (
               insert into organization
                   (partner_id, organization_id, kind,
                    display_name, country, locale, sip_domain, authentication, connection_id,
                    created_at, changed_at)
               select $1, new.id, 'customer', new.display_name, new.country, new.locale,
                      new.sip_domain, new.authentication, new.connection_id,
                      new.created_at, new.created_at
               from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                           $7::timestamptz[], $8::text[], $9::uuid[])
                    with ordinality
                    as new (id, display_name, country, locale, sip_domain, created_at,
                            authentication, connection_id, place)
               order by new.id, new.place
               on conflict (organization_id) do nothing
               returning organization_id, created_at
           ), managed as (
               insert into management
                   (partner_id, organization_id, manager_id, kind, granted_by, since)
               select $1, added.organization_id, manager.id, 'full', '', added.created_at
               from added,
                    (select $1 as id
                     union all
                     select parent_partner_id
                     from organization
                     where partner_id = $1 and organization_id = $1
                       and parent_partner_id is not null) as manager
           )
           select organization_id as "organization_id!: OrganizationId"
           from added"#,
        partner.uuid(),
        &ids,
        &text(|one| one.profile.display_name.clone()),
        &text(|one| one.profile.country.clone()),
        &text(|one| one.profile.locale.clone()),
        &domains as _,
        &times,
        &authentications,
        &connections as _,
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)?;
    Ok(added.into_iter().collect())
}

/// What the database means by refusing a new organization.
fn refusal(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => {
            match cause.constraint() {
                Some("organization_one_level") => Error::OneLevel,
                Some("organization_connection") => Error::ProviderUnknown,
                _ => Error::Missing("partner"),
            }
        }
        error => error.into(),
    }
}

/// Finds one, of the given tenant if one is given.
pub(crate) async fn find(
    tx: &mut Tx,
    tenant: Option<PartnerId>,
    id: Uuid,
) -> Result<Option<Organization>, Error> {
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  kind,
                  parent_partner_id as "parent_partner_id: PartnerId",
                  display_name, country, locale, sip_domain, suspended,
                  authentication, connection_id as "connection_id: ConnectionId", created_at
           from organization
           where organization_id = $1
             and ($2::uuid is null or partner_id = $2)"#,
        id,
        tenant.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Organization::try_from)
    .transpose()
}

/// Finds several of a tenant.
pub(crate) async fn find_all(
    tx: &mut Tx,
    partner: PartnerId,
    ids: &[OrganizationId],
) -> Result<HashMap<OrganizationId, Organization>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  kind,
                  parent_partner_id as "parent_partner_id: PartnerId",
                  display_name, country, locale, sip_domain, suspended,
                  authentication, connection_id as "connection_id: ConnectionId", created_at
           from organization
           where partner_id = $1 and organization_id = any($2)"#,
        partner.uuid(),
        &ids,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|row| Ok((row.organization_id, row.try_into()?)))
    .collect()
}

/// Finds one of a tenant and holds its row, so that whoever changes it or its people waits.
pub(crate) async fn lock(tx: &mut Tx, partner: PartnerId, id: Uuid) -> Result<Option<Kind>, Error> {
    let row = sqlx::query_scalar!(
        "select kind
         from organization
         where partner_id = $1 and organization_id = $2
         for no key update",
        partner.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|kind| Kind::parse(&kind).ok_or(Error::Impossible("organization.kind")))
        .transpose()
}

/// Finds a sub-partner, of the given parent if one is given, and holds its row.
pub(crate) async fn lock_sub_partner(
    tx: &mut Tx,
    id: PartnerId,
    parent: Option<PartnerId>,
) -> Result<Option<Organization>, Error> {
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  kind,
                  parent_partner_id as "parent_partner_id: PartnerId",
                  display_name, country, locale, sip_domain, suspended,
                  authentication, connection_id as "connection_id: ConnectionId", created_at
           from organization
           where partner_id = $1
             and organization_id = $1
             and parent_partner_id is not null
             and ($2::uuid is null or parent_partner_id = $2)
           for no key update"#,
        id.uuid(),
        parent.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Organization::try_from)
    .transpose()
}

/// What acting for a sub-partner needs to know: whether it is a child of the parent, and suspended.
pub(crate) async fn suspended_child(
    tx: &mut Tx,
    id: PartnerId,
    parent: PartnerId,
) -> Result<Option<bool>, Error> {
    Ok(sqlx::query_scalar!(
        "select suspended
         from organization
         where partner_id = $1 and organization_id = $1 and parent_partner_id = $2",
        id.uuid(),
        parent.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Suspends or resumes a sub-partner.
pub(crate) async fn set_suspended(
    tx: &mut Tx,
    id: PartnerId,
    suspended: bool,
) -> Result<(), Error> {
    sqlx::query!(
        "update organization
         set suspended = $2
         where partner_id = $1 and organization_id = $1",
        id.uuid(),
        suspended,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The operator's organization, once there is one.
pub(crate) async fn operator(tx: &mut Tx) -> Result<Option<PartnerId>, Error> {
    Ok(sqlx::query_scalar!(
        r#"select partner_id as "partner_id: PartnerId"
           from organization
           where kind = 'operator'"#,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Creates the operator's organization unless there is one.
pub(crate) async fn insert_operator(
    tx: &mut Tx,
    id: PartnerId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into organization
             (partner_id, organization_id, kind, display_name, country, locale,
              created_at, changed_at)
         values ($1, $1, 'operator', $2, 'ZZ', 'en_US', $3, $3)
         on conflict (kind) where kind = 'operator' do nothing",
        id.uuid(),
        name,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Names the operator.
pub(crate) async fn name_operator(tx: &mut Tx, name: &str) -> Result<(), Error> {
    sqlx::query!(
        "update organization
         set display_name = $1
         where kind = 'operator' and display_name <> $1",
        name,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
