//! Names of rows that others know by their ids.

use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::error::Error;

/// Whose names may be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// One organization of it only.
    pub(crate) only: Option<Uuid>,
    /// The operator knows every partner by its name.
    pub(crate) operator: bool,
}

/// A person or a client.
#[derive(Debug)]
pub(crate) struct SubjectName {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) display_name: String,
    /// Its address; clients have none.
    pub(crate) email: String,
}

/// An organization.
#[derive(Debug)]
pub(crate) struct OrganizationName {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its name.
    pub(crate) display_name: String,
}

/// People and clients of a tenant.
pub(crate) async fn subjects(
    tx: &mut Tx,
    within: Within,
    ids: &[String],
) -> Result<Vec<SubjectName>, Error> {
    let people: Vec<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    Ok(sqlx::query_as!(
        SubjectName,
        r#"select person_id::text as "id!", display_name as "display_name!", email as "email!"
           from person
           where partner_id = $1
             and ($2::uuid is null or organization_id = $2)
             and person_id = any($3)
           union all
           select client_id, display_name, ''
           from client
           where partner_id = $1 and $2::uuid is null and client_id = any($4)"#,
        within.partner.uuid(),
        within.only,
        &people,
        ids,
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Organizations of a tenant, and the partners right below it.
pub(crate) async fn organizations(
    tx: &mut Tx,
    within: Within,
    ids: &[Uuid],
) -> Result<Vec<OrganizationName>, Error> {
    Ok(sqlx::query_as!(
        OrganizationName,
        r#"select organization_id as id, display_name
           from organization
           where (partner_id = $1 or parent_partner_id = $1 or ($3 and kind = 'partner'))
             and ($2::uuid is null or organization_id = $2)
             and organization_id = any($4)"#,
        within.partner.uuid(),
        within.only,
        within.operator,
        ids,
    )
    .fetch_all(tx.conn())
    .await?)
}
