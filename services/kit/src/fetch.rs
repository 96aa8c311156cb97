//! The one way out: fetching what others publish, from addresses that others name.
//!
//! A URL that a stranger chose is a request that the stranger makes from inside of our network. So only
//! public addresses are talked to, each connection goes to an address that was looked at (a name is
//! resolved once, and all its addresses must be public), nothing is followed (a redirect is an error),
//! and an answer is small and quick or none. No proxy, no cookies, no compression, no connection that
//! is used again.

use std::{fmt, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use prost::bytes::Bytes;
use tokio::sync::Semaphore;
use url::Url;

mod guard;

pub use guard::Lookup;
use guard::Resolver;

/// All of it, from the look-up of the name to the last byte.
const TIME: Duration = Duration::from_secs(5);
/// At most so many at a time.
const MOST: usize = 8;
/// Largest answer, whatever the caller would take.
const LARGEST: usize = 1024 * 1024;
/// Largest head of an answer.
const LARGEST_HEAD: usize = 32 * 1024;

/// Where one may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Addresses that are not public may be talked to, and without TLS: for installations whose providers
    /// stand beside them, and for tests.
    pub private: bool,
}

/// Fetches.
#[derive(Clone)]
pub struct Client {
    policy: Policy,
    inner: legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.policy).finish()
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Status; never one that leads elsewhere.
    pub status: StatusCode,
    /// Media type, as it was told.
    pub media: String,
    /// The body, whole.
    pub body: Bytes,
}

impl Fetched {
    /// The body of a success.
    pub fn success(self) -> Result<Bytes, FetchError> {
        if self.status.is_success() {
            Ok(self.body)
        } else {
            Err(FetchError::Status(self.status.as_u16()))
        }
    }
}

/// Why nothing came back. None of them tells what is inside of our network.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The URL leads to where nobody is sent.
    #[error("this place may not be fetched from")]
    Forbidden,
    /// It would lead elsewhere.
    #[error("the answer leads elsewhere")]
    Redirect,
    /// It is no success.
    #[error("the answer has status {0}")]
    Status(u16),
    /// It is larger than it may be.
    #[error("the answer is too large")]
    TooLarge,
    /// It did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// There are too many at once.
    #[error("too many at once")]
    Busy,
    /// Nobody there, or nobody who speaks HTTP.
    #[error("nobody answered")]
    Unreachable(#[source] crate::BoxError),
}

impl Client {
    /// One that looks names up as the system does.
    pub fn new(policy: Policy) -> Self {
        Self::with_lookup(policy, guard::system())
    }

    /// One that looks names up otherwise.
    ///
    /// # Panics
    /// Never: the cryptography that is compiled in speaks TLS 1.2 and 1.3.
    #[expect(clippy::expect_used, reason = "what is compiled in fits together")]
    pub fn with_lookup(policy: Policy, lookup: Lookup) -> Self {
        let mut plain = HttpConnector::new_with_resolver(Resolver::new(policy, lookup));
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(TIME));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let secured = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .expect("it speaks TLS 1.2 and 1.3");
        let secured = if policy.private {
            secured.https_or_http()
        } else {
            secured.https_only()
        };
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .http1_max_buf_size(LARGEST_HEAD)
            .build(secured.enable_http1().wrap_connector(plain));
        Self {
            policy,
            inner,
            places: Arc::new(Semaphore::new(MOST)),
        }
    }

    /// Whether a URL may be fetched from, as far as it shows without looking names up.
    pub fn allows(&self, url: &Url) -> bool {
        guard::allows(self.policy, url)
    }

    /// Reads what is there.
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Fetched, FetchError> {
        self.send(Method::GET, url, headers, Bytes::new()).await
    }

    /// Posts a form.
    pub async fn post_form(
        &self,
        url: &Url,
        mut headers: HeaderMap,
        pairs: &[(&str, &str)],
    ) -> Result<Fetched, FetchError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        let media = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, media);
        self.send(Method::POST, url, headers, form.finish().into())
            .await
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Fetched, FetchError> {
        if !self.allows(url) {
            return Err(FetchError::Forbidden);
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = url.as_str().parse().map_err(|_| FetchError::Forbidden)?;
        *request.headers_mut() = headers;
        let known = request.headers_mut();
        known.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        known.insert(USER_AGENT, HeaderValue::from_static("entrepot"));
        known
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));

        let exchange = async {
            let place = self.places.acquire().await;
            let _place = place.map_err(|_| FetchError::Busy)?;
            let answer = self.inner.request(request).await.map_err(failure)?;
            if answer.status().is_redirection() {
                return Err(FetchError::Redirect);
            }
            let status = answer.status();
            let media = answer.headers().get(CONTENT_TYPE);
            let media = media.and_then(|media| media.to_str().ok());
            let media = media.unwrap_or_default().to_owned();
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            let body = body.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    FetchError::TooLarge
                } else {
                    FetchError::Unreachable(error)
                }
            })?;
            Ok(Fetched {
                status,
                media,
                body: body.to_bytes(),
            })
        };
        match tokio::time::timeout(TIME, exchange).await {
            Ok(done) => done,
            Err(_) => Err(FetchError::TimedOut),
        }
    }
}

/// What a failed request means. That a name led inside is as forbidden as an address that does.
fn failure(error: legacy::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        if one.is::<guard::NotPublic>() {
            return FetchError::Forbidden;
        }
        cause = one.source();
    }
    FetchError::Unreachable(error.into())
}
