//! The keys that sign tokens, kept in memory so that issuing one reads no key.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwapOption;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::{
    audit,
    auth::{Claims, TYPE},
    db::Tx,
    scope::Scope,
    seal::SealBroken,
};

use crate::{
    app::{State, tell::tell_operator},
    domain::key::{self, KeyAlgorithm, Life, PublicKey},
    error::Error,
    store::key::{self as rows, KeyPair},
};

/// Keys belong to no tenant.
pub(crate) const SCOPE: Scope = Scope::Whole("signing keys belong to no tenant");
/// With what access tokens are signed.
const ACCESS: KeyAlgorithm = KeyAlgorithm::EdDsa;

/// The current key, once it was needed.
#[derive(Debug, Default)]
pub(crate) struct Keyring(ArcSwapOption<Signer>);

impl Keyring {
    /// Reads the key again when it is needed next.
    pub(crate) fn forget(&self) {
        self.0.store(None);
    }
}

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

/// Signs an access token.
pub(crate) async fn sign(state: &State, claims: &Claims) -> Result<String, Error> {
    let signer = signer(state).await?;
    jsonwebtoken::encode(&signer.header, claims, &signer.key)
        .map_err(|error| Error::Signing(error.into()))
}

/// The keys that verify tokens. Makes the first one, so that a verifier that starts early finds it.
pub(crate) async fn list(state: &State) -> Result<Vec<PublicKey>, Error> {
    signer(state).await?;
    let mut tx = state.context.db.begin(SCOPE).await?;
    rows::public(&mut tx).await
}

async fn signer(state: &State) -> Result<Arc<Signer>, Error> {
    let now = state.context.clock.now();
    let kept = state.keyring.0.load_full();
    if let Some(kept) = kept
        && now - kept.read_at < state.config.key_interval()
    {
        return Ok(kept);
    }
    let (life, private_key) = current(state, now).await?;
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(life.key_id),
        ..Header::new(Algorithm::EdDSA)
    };
    let signer = Arc::new(Signer {
        header,
        key: EncodingKey::from_ed_der(&private_key),
        read_at: now,
    });
    state.keyring.0.store(Some(Arc::clone(&signer)));
    Ok(signer)
}

/// The key that signs now, with its private half. Makes one where none is there that can be opened.
async fn current(state: &State, now: DateTime<Utc>) -> Result<(Life, Vec<u8>), Error> {
    let mut tx = state.context.db.begin(SCOPE).await?;
    if let Some(found) = find(state, &mut tx, now).await? {
        return Ok(found);
    }
    rows::lock(&mut tx).await?;
    // another replica may have been faster
    if let Some(found) = find(state, &mut tx, now).await? {
        return Ok(found);
    }
    let life = add(state, &mut tx, ACCESS, now, now).await?;
    tx.commit().await?;
    tracing::info!(key_id = life.key_id, "a key that signs tokens was made");
    let mut tx = state.context.db.begin(SCOPE).await?;
    let found = find(state, &mut tx, now).await?;
    found.ok_or(Error::Impossible("signing_key"))
}

async fn find(
    state: &State,
    tx: &mut Tx,
    now: DateTime<Utc>,
) -> Result<Option<(Life, Vec<u8>)>, Error> {
    let mut opened = Vec::new();
    for pair in rows::living(tx).await? {
        if pair.life.algorithm != ACCESS {
            continue;
        }
        match open(state, &pair) {
            Ok(private_key) => opened.push((pair.life, private_key)),
            // as good as absent
            Err(SealBroken) => {
                tracing::error!(
                    key_id = pair.life.key_id,
                    "a signing key was sealed with a key that is not given"
                );
            }
        }
    }
    let wanted = key::signing(opened.iter().map(|(life, _)| life), now);
    let wanted = wanted.map(|life| life.generation);
    let mut opened = opened.into_iter();
    Ok(opened.find(|(life, _)| Some(life.generation) == wanted))
}

/// Makes a key after all others of its algorithm. Hold the lock.
pub(crate) async fn add(
    state: &State,
    tx: &mut Tx,
    algorithm: KeyAlgorithm,
    in_force_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Life, Error> {
    let made = super::make_key::make(algorithm)?;
    let last = rows::last_generation(tx, algorithm).await?;
    let life = Life {
        key_id: made.key_id,
        algorithm,
        generation: last.unwrap_or(0).saturating_add(1),
        in_force_at,
    };
    let sealed = state
        .sealer
        .seal(&place(&life.key_id), &made.private_key)
        .map_err(|error| Error::Signing(error.into()))?;
    let pair = KeyPair {
        life: life.clone(),
        private_key: sealed,
        public_key: made.public_key,
        sealed_by: Some(state.sealer.key_id()),
    };
    rows::insert(tx, &pair, now).await?;
    let act = audit::system("identity", "signing_key.created")
        .target("signing_key", &life.key_id)
        .detail("algorithm", algorithm.as_str())
        .detail("inForceAt", life.in_force_at.to_rfc3339());
    tell_operator(tx, state, act, now).await?;
    Ok(life)
}

/// The private half of a key.
pub(crate) fn open(state: &State, pair: &KeyPair) -> Result<Vec<u8>, SealBroken> {
    if pair.sealed_by.is_none() {
        return Ok(pair.private_key.clone());
    }
    state
        .sealer
        .open(&place(&pair.life.key_id), &pair.private_key)
}

/// Where a private half belongs: its seal holds nowhere else.
pub(crate) fn place(key_id: &str) -> String {
    format!("signing_key/{key_id}/private_key")
}
