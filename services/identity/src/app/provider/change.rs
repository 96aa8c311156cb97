//! Changing an identity provider.

use kit::{audit, auth::Caller};
use uuid::Uuid;

use crate::{
    app::{
        State,
        provider::{counted, discover, held, note, tenant_to_change},
    },
    domain::provider::{State as ProviderState, Wanted},
    error::Error,
    store::{
        federated,
        provider::{self, Listed, sealed_as},
    },
};

/// Replaces the settings of one. One that is no longer what was tested is a draft again; nobody signs in
/// with it until it was tested and activated.
pub(crate) async fn change(
    state: &State,
    caller: &Caller,
    id: Uuid,
    mut wanted: Wanted,
    version: i32,
) -> Result<Listed, Error> {
    let partner = tenant_to_change(state, caller).await?;
    discover::complete(state, &mut wanted).await?;

    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let mut found = held(&mut tx, caller, partner, id).await?;
    if version != 0 && version != found.version {
        return Err(Error::VersionDiffers);
    }
    if found.protocol() != wanted.settings.speaks.protocol() {
        return Err(Error::Missing("identity provider"));
    }
    wanted.keep_description(&found);
    let secret = wanted.secret.take();
    let sealed = secret.map(|secret| {
        let sealer = &state.sealer;
        sealer.seal(&sealed_as(found.id), secret.expose().as_bytes())
    });
    let sealed = sealed.transpose();
    let sealed = sealed.map_err(|broken| Error::Signing(broken.into()))?;
    let was = found.state;
    if found.entity_id != wanted.entity_id {
        // another issuer's subjects are other people, whatever they are called
        federated::forget_all(&mut tx, partner, found.id).await?;
    }
    found.change(wanted, now);
    provider::update(&mut tx, &found, sealed.as_deref()).await?;
    if was == ProviderState::Active && found.state != was {
        super::switch::end_sessions(state, &mut tx, &found, now).await?;
    }
    let act = audit::by(caller, "identity_provider.updated");
    note(state, &mut tx, &found, act).await?;
    let done = counted(&mut tx, found).await?;
    tx.commit().await?;
    Ok(done)
}
