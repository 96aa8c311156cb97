//! The key that signs tokens, kept in memory so that issuing one reads no key.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwapOption;
use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::{
    auth::{Claims, TYPE},
    scope::Scope,
};

use crate::{
    app::State,
    error::Error,
    store::key::{self, KeyPair, PublicKey},
};

/// Keys belong to no tenant.
const SCOPE: Scope = Scope::Whole("signing keys belong to no tenant");

/// The current key, once it was needed.
#[derive(Debug, Default)]
pub(crate) struct Keyring(ArcSwapOption<Signer>);

/// Signs.
struct Signer {
    header: Header,
    key: EncodingKey,
    read_at: DateTime<Utc>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.header.kid)
            .finish_non_exhaustive()
    }
}

/// Signs a token.
pub(crate) async fn sign(state: &State, claims: &Claims) -> Result<String, Error> {
    let signer = signer(state).await?;
    jsonwebtoken::encode(&signer.header, claims, &signer.key)
        .map_err(|error| Error::Signing(error.into()))
}

/// The keys that verify tokens. Makes the first one, so that a verifier that starts early finds it.
pub(crate) async fn list(state: &State) -> Result<Vec<PublicKey>, Error> {
    signer(state).await?;
    let mut tx = state.context.db.begin(SCOPE).await?;
    key::public(&mut tx).await
}

async fn signer(state: &State) -> Result<Arc<Signer>, Error> {
    let now = state.context.clock.now();
    let kept = state.keyring.0.load_full();
    if let Some(kept) = kept
        && now - kept.read_at < state.config.key_interval()
    {
        return Ok(kept);
    }
    let pair = current(state, now).await?;
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(pair.key_id),
        ..Header::new(Algorithm::EdDSA)
    };
    let key = EncodingKey::from_ed_der(&pair.private_key);
    let signer = Arc::new(Signer {
        header,
        key,
        read_at: now,
    });
    state.keyring.0.store(Some(Arc::clone(&signer)));
    Ok(signer)
}

async fn current(state: &State, now: DateTime<Utc>) -> Result<KeyPair, Error> {
    let mut tx = state.context.db.begin(SCOPE).await?;
    if let Some(pair) = key::current(&mut tx, now).await? {
        return Ok(pair);
    }
    key::insert_first(&mut tx, &generate()?, now).await?;
    let pair = key::current(&mut tx, now)
        .await?
        .ok_or(Error::Impossible("signing_key"))?;
    tx.commit().await?;
    Ok(pair)
}

/// A new key. Its randomness is the library's own: a key must not hang on a seed that was handed in.
fn generate() -> Result<KeyPair, Error> {
    let failed = |_| Error::Signing("no key could be made".into());
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let document = pair.to_pkcs8().map_err(failed)?;
    let public_key = pair.public_key().as_ref().to_vec();
    // named by what it is, so that two keys never share a name
    let digest = digest::digest(&digest::SHA256, &public_key);
    let key_id = hex::encode(digest.as_ref().get(..8).unwrap_or_default());
    Ok(KeyPair {
        key_id,
        private_key: document.as_ref().to_vec(),
        public_key,
    })
}
