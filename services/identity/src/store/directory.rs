//! Organizations as their managers see them.

use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::organization::Row;
use crate::{
    domain::{
        organization::{Detail, Kind, Organization, OrganizationId},
        provider::ConnectionId,
        reach::{Management, Place, Relation},
    },
    error::Error,
};

/// Whose organizations are listed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    /// One organization only.
    Own(PartnerId, Uuid),
    /// A partner's: itself, its customers, its sub-partners.
    Partners(PartnerId),
    /// The operator's: itself and all partners.
    Operators,
}

/// Organizations by id, after one of them.
pub(crate) async fn list(
    tx: &mut Tx,
    whose: Whose,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Organization>, Error> {
    let (partner, only, operator) = match whose {
        Whose::Own(partner, only) => (Some(partner), Some(only), false),
        Whose::Partners(partner) => (Some(partner), None, false),
        Whose::Operators => (None, None, true),
    };
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  kind,
                  parent_partner_id as "parent_partner_id: PartnerId",
                  display_name, country, locale, sip_domain, suspended,
                  authentication, connection_id as "connection_id: ConnectionId", created_at
           from organization
           where ($1::uuid is null or partner_id = $1 or parent_partner_id = $1)
             and ($2::uuid is null or organization_id = $2)
             and (not $3 or kind <> 'customer')
             and ($4::uuid is null or organization_id > $4)
           order by organization_id
           limit $5"#,
        partner.map(PartnerId::uuid),
        only,
        operator,
        after,
        most,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Organization::try_from)
    .collect()
}

/// An organization as a place in the tree.
pub(crate) async fn place(tx: &mut Tx, id: Uuid) -> Result<Option<Place>, Error> {
    let row = sqlx::query!(
        r#"select o.partner_id as "partner_id: PartnerId",
                  o.organization_id as "organization_id: OrganizationId",
                  o.kind,
                  owner.parent_partner_id as "parent: PartnerId"
           from organization o
           join organization owner on owner.tenant_id = o.partner_id
           where o.organization_id = $1"#,
        id,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        Ok(Place {
            id: row.organization_id,
            partner: row.partner_id,
            parent: row.parent,
            kind: Kind::parse(&row.kind).ok_or(Error::Impossible("organization.kind"))?,
        })
    })
    .transpose()
}

/// Who manages an organization.
pub(crate) async fn relations(tx: &mut Tx, id: Uuid) -> Result<Vec<Relation>, Error> {
    let rows = sqlx::query!(
        r#"select manager_id as "manager_id: PartnerId", kind, since, until
           from management
           where organization_id = $1
           order by manager_id"#,
        id,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Relation {
                manager: row.manager_id,
                organization: OrganizationId::from_uuid(id),
                kind: Management::parse(&row.kind).ok_or(Error::Impossible("management.kind"))?,
                since: row.since,
                until: row.until,
            })
        })
        .collect()
}

/// What stands beside the tree. The row is held when it is to be changed.
pub(crate) async fn detail(
    tx: &mut Tx,
    organization: Organization,
    to_change: bool,
) -> Result<Option<Detail>, Error> {
    let (partner, id) = (organization.partner_id.uuid(), organization.id.uuid());
    if to_change
        && super::organization::lock(tx, organization.partner_id, id)
            .await?
            .is_none()
    {
        return Ok(None);
    }
    let row = sqlx::query!(
        "select version, changed_at, display_name, locale
         from organization
         where partner_id = $1 and organization_id = $2",
        partner,
        id,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let mut organization = organization;
        organization.profile.display_name = row.display_name;
        organization.profile.locale = row.locale;
        Detail {
            organization,
            version: row.version,
            changed_at: row.changed_at,
        }
    }))
}

/// Writes name and locale.
pub(crate) async fn change(tx: &mut Tx, changed: &Detail) -> Result<(), Error> {
    let organization = &changed.organization;
    sqlx::query!(
        "update organization
         set display_name = $3, locale = $4, version = $5, changed_at = $6
         where partner_id = $1 and organization_id = $2",
        organization.partner_id.uuid(),
        organization.id.uuid(),
        organization.profile.display_name,
        organization.profile.locale,
        changed.version,
        changed.changed_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
