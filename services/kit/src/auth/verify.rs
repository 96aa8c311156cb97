//! Verifies access tokens, with keys that the identity context publishes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use proto::identity::v1::{ListKeysRequest, ListKeysResponse, tokens_client::TokensClient};
use serde::{Deserialize, de::IgnoredAny};
use tokio::sync::Mutex as AsyncMutex;

use super::{
    API, Caller, CallerKind, Claims, INTERNAL, TYPE, revoked::Revocations, unauthenticated,
};
use crate::{
    fault::{Fault, Kind, reason},
    link::Link,
    time::Clock,
};

/// Longer than any token of ours.
const LONGEST: usize = 8 * 1024;
/// Longest life of a token: nothing that says it lives longer is ours.
const LONGEST_LIFE: i64 = 15 * 60 + 1;
/// How far another machine's clock may be ahead, in seconds.
const LEEWAY: i64 = 30;
/// Verified tokens that are remembered, so that a client's next call costs no signature check.
const REMEMBERED: usize = 4096;
/// How often a key that we do not know may cause a fetch of the key set.
const UNKNOWN_KEY: TimeDelta = TimeDelta::seconds(30);
/// How soon identity is asked again after it did not answer.
const NO_ANSWER: TimeDelta = TimeDelta::seconds(1);
/// How long keys are good while identity is away.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A key that verifies tokens, with the one algorithm that it is for.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl VerifyingKey {
    /// From what identity publishes; none when it is of a kind that we do not know.
    pub fn parse(algorithm: &str, x: &str, y: &str) -> Option<Self> {
        let (algorithm, key) = match algorithm {
            "" | "EdDSA" => (Algorithm::EdDSA, DecodingKey::from_ed_components(x)),
            "ES256" => (Algorithm::ES256, DecodingKey::from_ec_components(x, y)),
            _ => return None,
        };
        Some(Self {
            algorithm,
            key: key.ok()?,
        })
    }
}

/// The keys of an issuer.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    /// Whose tokens they verify.
    pub issuer: String,
    /// The keys, by their ids.
    pub keys: HashMap<String, VerifyingKey>,
    /// When they were fetched; none when they were given, and are good for ever.
    pub fetched_at: Option<DateTime<Utc>>,
}

impl KeySet {
    fn fetched(answer: ListKeysResponse, now: DateTime<Utc>) -> Self {
        let keys = answer.keys.into_iter().filter_map(|key| {
            let verifying = VerifyingKey::parse(&key.algorithm, &key.x, &key.y)?;
            Some((key.key_id, verifying))
        });
        Self {
            issuer: answer.issuer,
            keys: keys.collect(),
            fetched_at: Some(now),
        }
    }

    fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.fetched_at.is_some_and(|at| now - at > KEPT)
    }
}

/// Verifies access tokens.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    identity: Link,
    clock: Clock,
    keys: ArcSwap<KeySet>,
    asked: AsyncMutex<Asked>,
    memory: Mutex<Memory>,
    revocations: Revocations,
}

/// When identity was last asked for its keys.
#[derive(Default)]
struct Asked {
    answered: Option<DateTime<Utc>>,
    failed: Option<DateTime<Utc>>,
}

/// Tokens whose signature was checked before. Time and revocation are asked at each use.
#[derive(Default)]
struct Memory {
    /// Goes up when everything was forgotten: a check that began before must not be remembered.
    epoch: u64,
    tokens: HashMap<String, Remembered>,
}

#[derive(Clone)]
struct Remembered {
    caller: Arc<Caller>,
    exp: i64,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

impl Verifier {
    /// Takes its keys from the identity context.
    pub fn new(identity: Link, clock: Clock) -> Self {
        Self::with_keys(identity, clock, KeySet::default())
    }

    /// Starts with some keys.
    pub fn with_keys(identity: Link, clock: Clock, keys: KeySet) -> Self {
        Self(Arc::new(Inner {
            identity,
            clock,
            keys: ArcSwap::from_pointee(keys),
            asked: AsyncMutex::default(),
            memory: Mutex::default(),
            revocations: Revocations::default(),
        }))
    }

    /// The caller that a token names.
    pub async fn verify(&self, token: &str) -> Result<Caller, Fault> {
        self.shared(token).await.map(Arc::unwrap_or_clone)
    }

    /// The same without a copy, for every call of every service.
    pub(crate) async fn shared(&self, token: &str) -> Result<Arc<Caller>, Fault> {
        let now = self.0.clock.now();
        let (known, epoch) = {
            let memory = self.0.memory();
            (memory.tokens.get(token).cloned(), memory.epoch)
        };
        if let Some(known) = known {
            return self.0.admit(known, now);
        }
        let claims = self.0.check(token, now).await?;
        let known = Remembered {
            exp: claims.exp,
            caller: Arc::new(Caller::from_claims(claims)),
        };
        self.0.memory().keep(epoch, token, known.clone(), now);
        self.0.admit(known, now)
    }

    pub(super) fn identity(&self) -> Link {
        self.0.identity.clone()
    }

    pub(super) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Fetches the keys now.
    pub(super) async fn renew_keys(&self) -> Result<(), Fault> {
        let mut asked = self.0.asked.lock().await;
        self.0.fetch(&mut asked, self.0.clock.now()).await
    }

    /// Forgets every token whose signature was checked: the key may be another by now.
    pub(super) fn forget(&self) {
        let mut memory = self.0.memory();
        memory.epoch += 1;
        memory.tokens.clear();
    }
}

impl Memory {
    fn keep(&mut self, epoch: u64, token: &str, known: Remembered, now: DateTime<Utc>) {
        if epoch != self.epoch {
            return;
        }
        if self.tokens.len() >= REMEMBERED {
            self.tokens.retain(|_, known| known.exp > now.timestamp());
            if self.tokens.len() >= REMEMBERED {
                self.tokens.clear();
            }
        }
        self.tokens.insert(token.to_owned(), known);
    }
}

/// The members of a header that decide. Those that bring a key along are refused, not ignored.
#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
}

impl Head {
    /// The algorithm and the key id of a header that an access token of ours can have.
    fn parse(token: &str) -> Option<(Algorithm, String)> {
        if token.len() > LONGEST {
            return None;
        }
        let (head, _) = token.split_once('.')?;
        let head: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
        let algorithm = match head.alg.as_str() {
            "EdDSA" => Algorithm::EdDSA,
            "ES256" => Algorithm::ES256,
            _ => return None,
        };
        let kind = head.typ?.to_ascii_lowercase();
        let kind = kind.strip_prefix("application/").unwrap_or(&kind);
        let brought = [&head.crit, &head.jwk, &head.jku, &head.x5u, &head.x5c];
        let plain = kind == TYPE && brought.iter().all(|member| member.is_none());
        Some((algorithm, head.kid?)).filter(|_| plain)
    }
}

impl Inner {
    /// What is asked at each use, whether the token is remembered or not.
    fn admit(&self, known: Remembered, now: DateTime<Utc>) -> Result<Arc<Caller>, Fault> {
        if known.exp <= now.timestamp() || self.revocations.cover(&known.caller) {
            return Err(unauthenticated());
        }
        Ok(known.caller)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Fault> {
        let (algorithm, key_id) = Head::parse(token).ok_or_else(unauthenticated)?;
        let (key, issuer) = self.key(&key_id, now).await?;
        if key.algorithm != algorithm {
            return Err(unauthenticated());
        }
        let mut validation = Validation::new(algorithm);
        // all that follows the signature is checked below: the clock is ours
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<Claims>(token, &key.key, &validation)
            .map_err(|_| unauthenticated())?;
        if are_good(&data.claims, &issuer, now.timestamp()) {
            Ok(data.claims)
        } else {
            Err(unauthenticated())
        }
    }

    /// The key of a token, and its issuer.
    async fn key(&self, key_id: &str, now: DateTime<Utc>) -> Result<(VerifyingKey, String), Fault> {
        if let Some(found) = self.known(key_id, now) {
            return Ok(found);
        }
        let mut asked = self.asked.lock().await;
        // somebody else may have asked meanwhile
        if let Some(found) = self.known(key_id, now) {
            return Ok(found);
        }
        let stale = self.keys.load().is_stale(now);
        if !stale && asked.answered.is_some_and(|at| now - at < UNKNOWN_KEY) {
            return Err(unauthenticated());
        }
        self.fetch(&mut asked, now).await?;
        self.known(key_id, now).ok_or_else(unauthenticated)
    }

    fn known(&self, key_id: &str, now: DateTime<Utc>) -> Option<(VerifyingKey, String)> {
        let set = self.keys.load();
        let key = set.keys.get(key_id).filter(|_| !set.is_stale(now))?;
        Some((key.clone(), set.issuer.clone()))
    }

    async fn fetch(&self, asked: &mut Asked, now: DateTime<Utc>) -> Result<(), Fault> {
        // who has no keys yet asks each time: identity may have started just now
        let started = !self.keys.load().keys.is_empty();
        if started && asked.failed.is_some_and(|at| now - at < NO_ANSWER) {
            return Err(away());
        }
        let mut tokens = TokensClient::new(self.identity.clone());
        match tokens.list_keys(ListKeysRequest {}).await {
            Ok(answer) => {
                *asked = Asked {
                    answered: Some(now),
                    failed: None,
                };
                let set = KeySet::fetched(answer.into_inner(), now);
                self.keys.store(Arc::new(set));
                Ok(())
            }
            Err(status) => {
                asked.failed = Some(now);
                tracing::debug!(%status, "keys not fetched");
                Err(away())
            }
        }
    }
}

fn away() -> Fault {
    let message = "the keys that verify tokens cannot be had";
    Fault::new(Kind::Unavailable, reason::UNAVAILABLE, message)
}

/// Whether the claims of a token whose signature is right make it an access token of ours, now.
fn are_good(claims: &Claims, issuer: &str, now: i64) -> bool {
    let audience = match claims.kind {
        CallerKind::Service => INTERNAL,
        _ => API,
    };
    !issuer.is_empty()
        && claims.iss == issuer
        && claims.aud.len() == 1
        && claims.aud.first().is_some_and(|aud| aud == audience)
        && !claims.sub.is_empty()
        && claims.jti.get_version_num() == 7
        && claims.exp > now
        && claims.nbf <= now.saturating_add(LEEWAY)
        && claims.iat <= now.saturating_add(LEEWAY)
        && claims.exp.saturating_sub(claims.iat) <= LONGEST_LIFE
}
