//! Who calls. Every context verifies the access token of every call itself, with the key set of the
//! identity context; the same token and the same check in one process and in many.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use proto::identity::v1::{IssueTokenRequest, ListKeysRequest, tokens_client::TokensClient};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as AsyncMutex;
use tonic::metadata::MetadataValue;

use crate::{
    fault::{Fault, Kind, reason},
    id::PartnerId,
    link::Link,
    scope::Scope,
    time::{Clock, from_proto},
};

/// Issuer and audience of our tokens.
pub const ISSUER: &str = "entrepot";

/// What an access token says (RFC 9068, and our own claims).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Client or person.
    pub sub: String,
    /// Ends at, Unix seconds.
    pub exp: i64,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Id of the token.
    pub jti: String,
    /// The tenant it speaks for.
    pub partner: PartnerId,
    /// Kind of caller.
    pub kind: CallerKind,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// The parent partner that acts for the tenant (R-1103).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<PartnerId>,
    /// The tenant is suspended (R-1106).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}

/// What kind of party calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// The platform operator.
    Operator,
    /// A partner's back office.
    Partner,
    /// A compliance reviewer.
    Reviewer,
    /// A context of the platform.
    Service,
}

/// The verified caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Client or person.
    pub subject: String,
    /// Kind.
    pub kind: CallerKind,
    /// The tenant it speaks for.
    pub partner: PartnerId,
    /// Scopes of its token.
    pub scopes: BTreeSet<String>,
    /// The parent partner that acts for the tenant (R-1103).
    pub actor: Option<PartnerId>,
    /// The tenant is suspended (R-1106).
    pub suspended: bool,
}

impl Caller {
    /// The caller of a request that passed the authentication layer.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Fault> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(unauthenticated)
    }

    /// Needs a scope.
    pub fn require(&self, scope: &str) -> Result<(), Fault> {
        if self.scopes.contains(scope) {
            return Ok(());
        }
        let message = format!("the token lacks the scope {scope}");
        Err(Fault::new(Kind::Forbidden, reason::SCOPE_MISSING, message))
    }

    /// Needs a kind of caller.
    pub fn require_kind(&self, kind: CallerKind) -> Result<(), Fault> {
        if self.kind == kind {
            return Ok(());
        }
        let message = "this caller may not do that";
        Err(Fault::new(
            Kind::Forbidden,
            reason::CALLER_NOT_ALLOWED,
            message,
        ))
    }

    /// Needs a tenant that is not suspended: for everything but reading and deleting (R-1106).
    pub fn require_active(&self) -> Result<(), Fault> {
        if self.suspended {
            let message = "the partner is suspended: it may read and delete only";
            return Err(Fault::new(
                Kind::Forbidden,
                reason::TENANT_SUSPENDED,
                message,
            ));
        }
        Ok(())
    }

    /// The tenant's reach.
    pub fn scope(&self) -> Scope {
        Scope::Partner(self.partner)
    }

    fn from_claims(claims: Claims) -> Self {
        Self {
            subject: claims.sub,
            kind: claims.kind,
            partner: claims.partner,
            scopes: claims.scope.split_whitespace().map(str::to_owned).collect(),
            actor: claims.act,
            suspended: claims.suspended,
        }
    }
}

fn unauthenticated() -> Fault {
    Fault::new(
        Kind::Unauthenticated,
        reason::TOKEN_INVALID,
        "the access token is missing or invalid",
    )
}

/// Verified tokens that are remembered, so that a client's next call costs no signature check.
const REMEMBERED: usize = 4096;
/// How often an unknown key id may cause a fetch of the key set.
const FETCH_INTERVAL: TimeDelta = TimeDelta::seconds(2);

/// Verifies access tokens.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    identity: Link,
    clock: Clock,
    keys: ArcSwap<HashMap<String, DecodingKey>>,
    fetched: AsyncMutex<Option<DateTime<Utc>>>,
    remembered: Mutex<HashMap<String, (Caller, i64)>>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

impl Verifier {
    /// Takes its keys from the identity context.
    pub fn new(identity: Link, clock: Clock) -> Self {
        Self::with_keys(identity, clock, HashMap::new())
    }

    /// Starts with some keys.
    pub fn with_keys(identity: Link, clock: Clock, keys: HashMap<String, DecodingKey>) -> Self {
        Self(Arc::new(Inner {
            identity,
            clock,
            keys: ArcSwap::from_pointee(keys),
            fetched: AsyncMutex::new(None),
            remembered: Mutex::default(),
        }))
    }

    /// The caller that a token names.
    pub async fn verify(&self, token: &str) -> Result<Caller, Fault> {
        let now = self.0.clock.now().timestamp();
        if let Some((caller, exp)) = self.remembered().get(token) {
            if *exp > now {
                return Ok(caller.clone());
            }
            return Err(unauthenticated());
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| unauthenticated())?;
        let key_id = header.kid.filter(|_| header.alg == Algorithm::EdDSA);
        let key_id = key_id.ok_or_else(unauthenticated)?;
        let key = self.key(&key_id).await?;

        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[ISSUER]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // the clock is ours, so the time is checked below
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| unauthenticated())?
            .claims;
        if claims.exp <= now || claims.iat > now + 60 {
            return Err(unauthenticated());
        }
        let exp = claims.exp;
        let caller = Caller::from_claims(claims);
        let mut remembered = self.remembered();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, (_, exp)| *exp > now);
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(token.to_owned(), (caller.clone(), exp));
        Ok(caller)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Caller, i64)>> {
        self.0
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn key(&self, key_id: &str) -> Result<DecodingKey, Fault> {
        if let Some(key) = self.0.keys.load().get(key_id) {
            return Ok(key.clone());
        }
        let mut fetched = self.0.fetched.lock().await;
        if let Some(key) = self.0.keys.load().get(key_id) {
            return Ok(key.clone());
        }
        let now = self.0.clock.now();
        if fetched.is_some_and(|at| now - at < FETCH_INTERVAL) {
            return Err(unauthenticated());
        }
        let keys = self.fetch().await?;
        *fetched = Some(now);
        let key = keys.get(key_id).cloned();
        self.0.keys.store(Arc::new(keys));
        key.ok_or_else(unauthenticated)
    }

    async fn fetch(&self) -> Result<HashMap<String, DecodingKey>, Fault> {
        let mut tokens = TokensClient::new(self.0.identity.clone());
        let answer = tokens
            .list_keys(ListKeysRequest {})
            .await
            .map_err(Fault::from)?;
        let mut keys = HashMap::new();
        for key in answer.into_inner().keys {
            if let Ok(decoding) = DecodingKey::from_ed_components(&key.x) {
                keys.insert(key.key_id, decoding);
            }
        }
        Ok(keys)
    }
}

/// A context's own access token, for calls to other contexts; fetched when needed, renewed in time.
#[derive(Clone)]
pub struct ServiceToken(Arc<Own>);

struct Own {
    identity: Link,
    clock: Clock,
    client_id: String,
    client_secret: String,
    kept: AsyncMutex<Option<(String, DateTime<Utc>)>>,
}

impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServiceToken")
            .field(&self.0.client_id)
            .finish()
    }
}

/// A token is renewed this long before it ends.
const RENEWAL: TimeDelta = TimeDelta::minutes(10);

impl ServiceToken {
    /// For a context's client.
    pub fn new(identity: Link, clock: Clock, client_id: String, client_secret: String) -> Self {
        let kept = AsyncMutex::new(None);
        Self(Arc::new(Own {
            identity,
            clock,
            client_id,
            client_secret,
            kept,
        }))
    }

    /// One that is given instead of fetched, for tests.
    #[cfg(feature = "testing")]
    pub fn fixed(token: String, clock: Clock) -> Self {
        let end = clock.now() + TimeDelta::days(36_500);
        let kept = AsyncMutex::new(Some((token, end)));
        let (client_id, client_secret) = ("testing".to_owned(), String::new());
        Self(Arc::new(Own {
            identity: Link::nowhere(),
            clock,
            client_id,
            client_secret,
            kept,
        }))
    }

    /// A request that carries the token.
    pub async fn request<T>(&self, message: T) -> Result<tonic::Request<T>, Fault> {
        let token = self.token().await?;
        bearer(message, &token)
    }

    /// Forgets the token, after a peer refused it.
    pub async fn renew(&self) {
        *self.0.kept.lock().await = None;
    }

    async fn token(&self) -> Result<String, Fault> {
        let own = &self.0;
        let mut kept = own.kept.lock().await;
        if let Some((token, end)) = &*kept
            && *end - own.clock.now() > RENEWAL
        {
            return Ok(token.clone());
        }
        let request = IssueTokenRequest {
            client_id: own.client_id.clone(),
            client_secret: own.client_secret.clone(),
            scopes: Vec::new(),
        };
        let mut call = tonic::Request::new(request);
        call.set_timeout(Duration::from_secs(5));
        let issued = TokensClient::new(own.identity.clone())
            .issue_token(call)
            .await
            .map_err(Fault::from)?
            .into_inner();
        let end = issued
            .expires_at
            .as_ref()
            .and_then(from_proto)
            .unwrap_or_default();
        *kept = Some((issued.access_token.clone(), end));
        Ok(issued.access_token)
    }
}

/// The client secret of a context, derived from the secret that all roles share (HMAC-SHA256).
pub fn derive(shared: &str, context: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, shared.as_bytes());
    let text = format!("service client {context}");
    hex::encode(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref())
}

/// A request that carries a bearer token.
pub fn bearer<T>(message: T, token: &str) -> Result<tonic::Request<T>, Fault> {
    let mut request = tonic::Request::new(message);
    let value =
        MetadataValue::try_from(format!("Bearer {token}")).map_err(|_| unauthenticated())?;
    request.metadata_mut().insert("authorization", value);
    Ok(request)
}
