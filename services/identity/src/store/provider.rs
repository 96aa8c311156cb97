//! Rows of `identity_provider`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    domain::provider::{ConnectionId, Protocol, Provider, Settings, State},
    error::Error,
};

struct Row {
    partner_id: PartnerId,
    connection_id: ConnectionId,
    name: String,
    state: String,
    entity_id: String,
    settings: Json<Settings>,
    tested_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

impl TryFrom<Row> for Provider {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            partner: row.partner_id,
            id: row.connection_id,
            name: row.name,
            state: State::parse(&row.state).ok_or(Error::Impossible("identity_provider.state"))?,
            entity_id: row.entity_id,
            settings: row.settings.0,
            tested_at: row.tested_at,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

/// A provider, and how many organizations sign in with it.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The provider.
    pub(crate) provider: Provider,
    /// The organizations.
    pub(crate) organizations: i64,
}

/// The row of a secret, as it is sealed.
pub(crate) fn sealed_as(id: ConnectionId) -> String {
    format!("identity_provider/{id}/secrets")
}

/// Adds one.
pub(crate) async fn insert(tx: &mut Tx, new: &Provider, secrets: &[u8]) -> Result<(), Error> {
    sqlx::query!(
        "insert into identity_provider
             (partner_id, connection_id, protocol, name, state, entity_id, settings, secrets,
              tested_at, version, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.partner.uuid(),
        new.id.uuid(),
        new.protocol().as_str(),
        new.name,
        new.state.as_str(),
        new.entity_id,
        Json(&new.settings) as _,
        secrets,
        new.tested_at,
        new.version,
        new.created_at,
        new.changed_at,
    )
    .execute(tx.conn())
    .await
    .map_err(refusal)?;
    Ok(())
}

/// Writes one that is held; secrets that are none stay.
pub(crate) async fn update(
    tx: &mut Tx,
    changed: &Provider,
    secrets: Option<&[u8]>,
) -> Result<(), Error> {
    sqlx::query!(
        "update identity_provider
         set name = $3, state = $4, entity_id = $5, settings = $6, tested_at = $7, version = $8,
             changed_at = $9, secrets = coalesce($10, secrets)
         where partner_id = $1 and connection_id = $2",
        changed.partner.uuid(),
        changed.id.uuid(),
        changed.name,
        changed.state.as_str(),
        changed.entity_id,
        Json(&changed.settings) as _,
        changed.tested_at,
        changed.version,
        changed.changed_at,
        secrets,
    )
    .execute(tx.conn())
    .await
    .map_err(refusal)?;
    Ok(())
}

/// What the database means by refusing a provider.
fn refusal(error: sqlx::Error) -> Error {
    let constraint = error
        .as_database_error()
        .and_then(|cause| cause.constraint());
    match constraint {
        Some("identity_provider_name_once") => Error::ProviderNameInUse,
        Some("identity_provider_partner_id_protocol_entity_id_key") => Error::ProviderExists,
        _ => error.into(),
    }
}

/// Finds one by its id, of the tenant if one is given, and holds its row when it is to be changed.
pub(crate) async fn find(
    tx: &mut Tx,
    tenant: Option<PartnerId>,
    id: Uuid,
) -> Result<Option<Provider>, Error> {
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  connection_id as "connection_id: ConnectionId",
                  name, state, entity_id, settings as "settings: Json<Settings>",
                  tested_at, version, created_at, changed_at
           from identity_provider
           where connection_id = $1 and ($2::uuid is null or partner_id = $2)"#,
        id,
        tenant.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Provider::try_from)
    .transpose()
}

/// Finds one of a tenant and holds its row.
pub(crate) async fn lock(
    tx: &mut Tx,
    partner: PartnerId,
    id: Uuid,
) -> Result<Option<Provider>, Error> {
    sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  connection_id as "connection_id: ConnectionId",
                  name, state, entity_id, settings as "settings: Json<Settings>",
                  tested_at, version, created_at, changed_at
           from identity_provider
           where partner_id = $1 and connection_id = $2
           for no key update"#,
        partner.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Provider::try_from)
    .transpose()
}

/// The sealed secrets of one.
pub(crate) async fn secrets(
    tx: &mut Tx,
    partner: PartnerId,
    id: ConnectionId,
) -> Result<Vec<u8>, Error> {
    Ok(sqlx::query_scalar!(
        "select secrets from identity_provider where partner_id = $1 and connection_id = $2",
        partner.uuid(),
        id.uuid(),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// A tenant's, by id.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Listed>, Error> {
    let rows = sqlx::query!(
        r#"select partner_id as "partner_id: PartnerId",
                  connection_id as "connection_id: ConnectionId",
                  name, state, entity_id, settings as "settings: Json<Settings>",
                  tested_at, version, created_at, changed_at,
                  (select count(*)
                   from organization o
                   where o.partner_id = p.partner_id
                     and o.connection_id = p.connection_id) as "organizations!"
           from identity_provider p
           where partner_id = $1 and ($2::uuid is null or connection_id > $2)
           order by connection_id
           limit $3"#,
        partner.uuid(),
        after,
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let organizations = row.organizations;
            let provider = Provider::try_from(Row {
                partner_id: row.partner_id,
                connection_id: row.connection_id,
                name: row.name,
                state: row.state,
                entity_id: row.entity_id,
                settings: row.settings,
                tested_at: row.tested_at,
                version: row.version,
                created_at: row.created_at,
                changed_at: row.changed_at,
            })?;
            Ok(Listed {
                provider,
                organizations,
            })
        })
        .collect()
}

/// How many organizations sign in with one.
pub(crate) async fn organizations(
    tx: &mut Tx,
    partner: PartnerId,
    id: ConnectionId,
) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!"
           from organization
           where partner_id = $1 and connection_id = $2"#,
        partner.uuid(),
        id.uuid(),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether the tenant's own people sign in with one.
pub(crate) async fn is_own(
    tx: &mut Tx,
    partner: PartnerId,
    id: ConnectionId,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from organization
               where partner_id = $1 and organization_id = $1 and connection_id = $2) as "own!""#,
        partner.uuid(),
        id.uuid(),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Forgets one. Fails while organizations sign in with it.
pub(crate) async fn delete(tx: &mut Tx, partner: PartnerId, id: ConnectionId) -> Result<(), Error> {
    let done = sqlx::query!(
        "delete from identity_provider where partner_id = $1 and connection_id = $2",
        partner.uuid(),
        id.uuid(),
    )
    .execute(tx.conn())
    .await;
    match done {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(cause)) if cause.is_foreign_key_violation() => {
            Err(Error::ProviderInUse)
        }
        Err(error) => Err(error.into()),
    }
}

/// A provider as organizations and templates name it: by its registered name or its entity id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    /// What it speaks.
    pub(crate) protocol: Protocol,
    /// Registered name, whatever the case, or entity id.
    pub(crate) name: String,
}

/// A provider that was named, and whether it is in use.
pub(crate) async fn named(
    tx: &mut Tx,
    partner: PartnerId,
    named: &Named,
) -> Result<Option<(ConnectionId, State)>, Error> {
    let row = sqlx::query!(
        r#"select connection_id as "connection_id: ConnectionId", state
           from identity_provider
           where partner_id = $1
             and protocol = $2
             and (lower(name) = lower($3) or entity_id = $3)
           order by lower(name) = lower($3) desc
           limit 1
           for key share"#,
        partner.uuid(),
        named.protocol.as_str(),
        named.name,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let state = State::parse(&row.state);
        let state = state.ok_or(Error::Impossible("identity_provider.state"))?;
        Ok((row.connection_id, state))
    })
    .transpose()
}
