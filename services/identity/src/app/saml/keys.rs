//! Our keys for a connection: they sign what we ask, and open what is encrypted for us.

use crate::{
    app::State,
    domain::{
        provider::{ConnectionId, Secret},
        saml::certificate::OwnKey,
    },
    error::Error,
    store::provider::sealed_as,
};

/// Whose they are, as their certificates say.
const NAME: &str = "entrepot";

/// Makes one. RSA keys take their time, so this does not happen on a thread that serves others.
pub(crate) async fn make(state: &State) -> Result<OwnKey, Error> {
    let serial = state.context.random.bytes();
    let now = state.context.clock.now();
    let made = tokio::task::spawn_blocking(move || OwnKey::make(NAME, serial, now)).await;
    let made = made.map_err(|broken| Error::Signing(broken.into()))?;
    made.map_err(|broken| Error::Signing(broken.into()))
}

/// As they are sealed: the one that signs first.
pub(crate) fn written(keys: &[OwnKey]) -> Result<Secret, Error> {
    let text = serde_json::to_string(keys).map_err(|broken| Error::Signing(broken.into()))?;
    Ok(Secret::new(&text))
}

/// What was sealed.
pub(crate) fn open(state: &State, id: ConnectionId, sealed: &[u8]) -> Result<Vec<OwnKey>, Error> {
    let text = state.sealer.open(&sealed_as(id), sealed);
    let text = text.map_err(|broken| Error::Signing(broken.into()))?;
    serde_json::from_slice(&text).map_err(|broken| Error::Signing(broken.into()))
}
