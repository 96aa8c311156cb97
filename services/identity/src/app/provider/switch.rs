//! Putting an identity provider into use and taking it out of use.

use chrono::{DateTime, Utc};
use kit::{audit, auth::Caller, db::Tx};
use uuid::Uuid;

use crate::{
    app::{
        State,
        provider::{counted, held, note, tenant_to_change},
        revoke::revoke_many,
    },
    domain::{provider::Provider, revocation::RevocationKind},
    error::Error,
    store::{
        provider::{self, Listed},
        session,
    },
};

/// Puts one into use that was tested as it is.
pub(crate) async fn activate(state: &State, caller: &Caller, id: Uuid) -> Result<Listed, Error> {
    let partner = tenant_to_change(state, caller).await?;
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let mut found = held(&mut tx, caller, partner, id).await?;
    if !found.activate(now) {
        return Err(Error::ProviderNotTested);
    }
    provider::update(&mut tx, &found, None).await?;
    let act = audit::by(caller, "identity_provider.activated");
    note(state, &mut tx, &found, act).await?;
    let done = counted(&mut tx, found).await?;
    tx.commit().await?;
    Ok(done)
}

/// Takes one out of use: nobody signs in with it, and who has is signed out.
pub(crate) async fn disable(state: &State, caller: &Caller, id: Uuid) -> Result<Listed, Error> {
    let partner = tenant_to_change(state, caller).await?;
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let mut found = held(&mut tx, caller, partner, id).await?;
    found.disable(now);
    provider::update(&mut tx, &found, None).await?;
    end_sessions(state, &mut tx, &found, now).await?;
    let act = audit::by(caller, "identity_provider.disabled");
    note(state, &mut tx, &found, act).await?;
    let done = counted(&mut tx, found).await?;
    tx.commit().await?;
    Ok(done)
}

/// Ends the sessions of all who came through a provider, with their tokens.
pub(super) async fn end_sessions(
    state: &State,
    tx: &mut Tx,
    provider: &Provider,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ended = session::end_through(tx, provider.partner, provider.id).await?;
    let keys = ended.iter().map(ToString::to_string).collect();
    revoke_many(
        tx,
        state,
        provider.partner,
        RevocationKind::Session,
        keys,
        now,
    )
    .await
}
