//! Registering an identity provider.

use kit::{audit, auth::Caller, idempotency};

use crate::{
    app::{
        State,
        create_member::Repeat,
        provider::{discover, note, tenant_to_change},
        saml::{keys, refresh::EVERY},
    },
    domain::provider::{ConnectionId, Provider, Speaks, State as ProviderState, Wanted},
    error::Error,
    store::{
        provider::{self, Listed, sealed_as},
        saml as saml_store,
    },
};

/// Registers one, as a draft.
pub(crate) async fn create(
    state: &State,
    caller: &Caller,
    mut wanted: Wanted,
    repeat: Repeat,
) -> Result<Listed, Error> {
    let partner = tenant_to_change(state, caller).await?;
    // asked before there is a transaction: it may take its time
    discover::complete(state, &mut wanted).await?;
    let secret = match &wanted.settings.speaks {
        Speaks::Oidc(_) => wanted.secret.take(),
        Speaks::Saml(_) => Some(keys::written(&[keys::make(state).await?])?),
    };

    let context = &state.context;
    let now = context.clock.now();
    let id = ConnectionId::new(&context.ids);
    let mut tx = context.db.begin(caller.scope()).await?;
    if !repeat.key.is_empty() {
        let (key, print) = (&repeat.key, &repeat.fingerprint);
        match idempotency::claim(&mut tx, partner, key, print, id.uuid(), now).await? {
            idempotency::Claim::New => {}
            idempotency::Claim::Different => return Err(Error::KeyReused),
            idempotency::Claim::Same(made) => {
                let found = provider::find(&mut tx, Some(partner), made).await?;
                let found = found.ok_or(Error::Missing("identity provider"))?;
                return super::counted(&mut tx, found).await;
            }
        }
    }
    let secret = secret.as_ref().map_or("", |secret| secret.expose());
    let sealed = state.sealer.seal(&sealed_as(id), secret.as_bytes());
    let sealed = sealed.map_err(|broken| Error::Signing(broken.into()))?;
    let new = Provider {
        partner,
        id,
        name: wanted.name,
        state: ProviderState::Draft,
        entity_id: wanted.entity_id,
        settings: wanted.settings,
        tested_at: None,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    provider::insert(&mut tx, &new, &sealed).await?;
    if matches!(new.settings.speaks, Speaks::Saml(_)) {
        saml_store::plan(&mut tx, partner, id, now + EVERY).await?;
    }
    let act = audit::by(caller, "identity_provider.created");
    note(state, &mut tx, &new, act).await?;
    tx.commit().await?;
    Ok(Listed {
        provider: new,
        organizations: 0,
    })
}
