//! What a provider needs to know of us.

use kit::scope::Scope;
use uuid::Uuid;

use crate::{
    app::{
        State,
        saml::{keys, ours},
    },
    domain::{provider::Speaks, saml::metadata},
    error::Error,
    store::provider,
};

/// Our metadata for one connection. Nothing in it is secret; its URL is our name there.
pub(crate) async fn read(state: &State, connection: Uuid) -> Result<String, Error> {
    let mut tx = state
        .context
        .db
        .begin(Scope::Whole("our metadata is read without a token"))
        .await?;
    let found = provider::find(&mut tx, None, connection).await?;
    let found = found.ok_or(Error::Missing("identity provider"))?;
    let Speaks::Saml(saml) = &found.settings.speaks else {
        return Err(Error::Missing("identity provider"));
    };
    let sealed = provider::secrets(&mut tx, found.partner, found.id).await?;
    drop(tx);
    let keys = keys::open(state, found.id, &sealed)?;
    Ok(metadata::of_ours(
        &ours(state, found.id),
        &saml.provider,
        &keys,
    ))
}
