//! How one context calls another: with a token of its own.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use proto::identity::v1::{IssueTokenRequest, tokens_client::TokensClient};
use tokio::sync::Mutex as AsyncMutex;
use tonic::metadata::MetadataValue;

use super::unauthenticated;
use crate::{
    fault::Fault,
    link::Link,
    time::{Clock, from_proto},
};

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
const RENEWAL: TimeDelta = TimeDelta::minutes(2);

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

    /// Whose token it is.
    pub(super) fn client_id(&self) -> &str {
        &self.0.client_id
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
