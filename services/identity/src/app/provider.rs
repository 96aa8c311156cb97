//! Identity providers of partners (R-1301 to R-1303).

use kit::{
    access::Permission,
    audit::Entry,
    auth::{Caller, CallerKind},
    db::Tx,
    feed,
    id::PartnerId,
    scope::Scope,
};
use proto::identity::v1::Event;
use uuid::Uuid;

use crate::{
    app::{State, enter},
    domain::provider::{self as domain, ConnectionId, Provider},
    error::Error,
    store::provider::{self, Listed, Named},
};

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
mod discover;
pub(crate) mod switch;

/// The caller's tenant, if the caller may do this with its providers.
async fn tenant(
    state: &State,
    caller: &Caller,
    permission: Permission,
) -> Result<PartnerId, Error> {
    caller.require_kind(CallerKind::Partner)?;
    let entered = enter::organization(state, caller, caller.partner.uuid()).await?;
    entered.require(permission)?;
    Ok(caller.partner)
}

/// The same for a change: nobody changes providers of somebody whom it acts for (A29).
pub(super) async fn tenant_to_change(state: &State, caller: &Caller) -> Result<PartnerId, Error> {
    caller.require_own()?;
    tenant(state, caller, Permission::ProvidersWrite).await
}

/// A provider that is to be changed, with its row held. Who decides how the partner's own people sign in
/// decides who administers it, so that is for people who administer it already.
async fn held(
    tx: &mut Tx,
    caller: &Caller,
    partner: PartnerId,
    id: Uuid,
) -> Result<Provider, Error> {
    let found = provider::lock(tx, partner, id).await?;
    let found = found.ok_or(Error::Missing("identity provider"))?;
    if !enter::is_person(caller) && provider::is_own(tx, partner, found.id).await? {
        return Err(Error::OwnProvider);
    }
    Ok(found)
}

/// A page of them, by id.
pub(crate) async fn list(
    state: &State,
    caller: &Caller,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Listed>, Error> {
    let partner = tenant(state, caller, Permission::ProvidersRead).await?;
    let mut tx = state.context.db.begin(caller.scope()).await?;
    provider::list(&mut tx, partner, after, most).await
}

/// One of them.
pub(crate) async fn read(state: &State, caller: &Caller, id: Uuid) -> Result<Listed, Error> {
    let partner = tenant(state, caller, Permission::ProvidersRead).await?;
    find(state, caller, partner, id).await
}

/// Fails when there is none such to change.
pub(crate) async fn expect(state: &State, caller: &Caller, id: Uuid) -> Result<(), Error> {
    let partner = tenant_to_change(state, caller).await?;
    find(state, caller, partner, id).await?;
    Ok(())
}

async fn find(
    state: &State,
    caller: &Caller,
    partner: PartnerId,
    id: Uuid,
) -> Result<Listed, Error> {
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let found = provider::find(&mut tx, Some(partner), id).await?;
    let found = found.ok_or(Error::Missing("identity provider"))?;
    counted(&mut tx, found).await
}

/// With the organizations that sign in with it.
async fn counted(tx: &mut Tx, provider: Provider) -> Result<Listed, Error> {
    let organizations = provider::organizations(tx, provider.partner, provider.id).await?;
    Ok(Listed {
        provider,
        organizations,
    })
}

/// Tells an act on a provider.
async fn note(state: &State, tx: &mut Tx, provider: &Provider, act: Entry) -> Result<(), Error> {
    let act = act
        .organization(provider.partner.uuid())
        .target("identity_provider", provider.id)
        .detail("name", provider.name.as_str())
        .detail("entity_id", provider.entity_id.as_str());
    let now = state.context.clock.now();
    let (partner, ids) = (provider.partner, &state.context.ids);
    feed::append(tx, ids, partner, now, &Event::from(act)).await?;
    Ok(())
}

/// Where a provider sends people back to.
pub(crate) fn redirect_uri(state: &State, id: ConnectionId) -> String {
    format!("{}/oidc/{id}/callback", state.issuer)
}

/// Where a provider may tell that a session ended.
pub(crate) fn back_channel_uri(state: &State, id: ConnectionId) -> String {
    format!("{}/oidc/{id}/back-channel-logout", state.issuer)
}

/// Whether a tenant has a provider of this name in use, for contexts.
pub(crate) async fn is_active(
    state: &State,
    partner: PartnerId,
    named: &Named,
) -> Result<bool, Error> {
    let mut tx = state.context.db.begin(Scope::Partner(partner)).await?;
    let found = provider::named(&mut tx, partner, named).await?;
    Ok(found.is_some_and(|(_, state)| state == domain::State::Active))
}
