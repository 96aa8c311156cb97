//! A small client of the public REST API, for the demo, the benchmark and the tests.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use kit::BoxError;
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as it came.
    pub text: String,
    /// Body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A field of the body as text, by its JSON pointer; empty when it is absent.
    pub fn text_at(&self, pointer: &str) -> &str {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The answer, or an error that shows it, when the status is another.
    pub fn expect_status(self, status: u16) -> Result<Self, BoxError> {
        if self.status.as_u16() == status {
            return Ok(self);
        }
        Err(format!("expected {status}, got {}: {}", self.status, self.text).into())
    }
}

/// Calls the API as one client.
#[derive(Debug, Clone)]
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: Arc<str>,
    session: Arc<Session>,
}

/// What the clones of a client share.
#[derive(Default)]
struct Session {
    token: Mutex<Option<String>>,
    /// Client id and secret, to get the next token with: tokens live for minutes.
    known: Mutex<Option<(String, String)>>,
    renewal: AsyncMutex<()>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_mins(1);

impl Client {
    /// Without a token.
    pub fn new(base_url: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Http::builder(TokioExecutor::new()).build(connector);
        Self {
            http,
            base: base_url.trim_end_matches('/').into(),
            session: Arc::default(),
        }
    }

    /// Gets a token for a client and uses it from now on; a new one whenever it has ended.
    pub async fn sign_in(&self, client_id: &str, client_secret: &str) -> Result<(), BoxError> {
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"
        );
        let headers = [(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")];
        let answer = self
            .send_once(Method::POST, "/v1/access_token", &headers, form.into())
            .await?;
        let answer = answer.expect_status(200)?;
        self.set_token(Some(answer.text_at("/access_token").to_owned()));
        *held(&self.session.known) = Some((client_id.to_owned(), client_secret.to_owned()));
        Ok(())
    }

    /// Uses this token, and no other when it ends.
    pub fn set_token(&self, token: Option<String>) {
        *held(&self.session.token) = token;
        *held(&self.session.known) = None;
    }

    /// The token in use.
    pub fn token(&self) -> Option<String> {
        held(&self.session.token).clone()
    }

    /// Gets a new token in place of one that was refused; false when there is none to be had.
    async fn renew(&self, refused: Option<&str>) -> Result<bool, BoxError> {
        let _one_at_a_time = self.session.renewal.lock().await;
        let known = held(&self.session.known).clone();
        let Some((id, secret)) = known else {
            return Ok(false);
        };
        // another request may have got one meanwhile
        if self.token().as_deref() == refused {
            self.sign_in(&id, &secret).await?;
        }
        Ok(true)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Answer, BoxError> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Result<Answer, BoxError> {
        self.send(Method::DELETE, path, &[], Bytes::new()).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, BoxError> {
        self.json(Method::POST, path, body).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer, BoxError> {
        self.json(Method::PUT, path, body).await
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Result<Answer, BoxError> {
        let headers = [(CONTENT_TYPE.as_str(), "application/json")];
        self.send(method, path, &headers, body.to_string().into())
            .await
    }

    /// Any request; `path` may be a whole URL. Sent again when the token had ended.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, BoxError> {
        let token = self.token();
        let answer = self
            .send_once(method.clone(), path, headers, body.clone())
            .await?;
        if answer.status == StatusCode::UNAUTHORIZED && self.renew(token.as_deref()).await? {
            return self.send_once(method, path, headers, body).await;
        }
        Ok(answer)
    }

    async fn send_once(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, BoxError> {
        let uri = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = self.token() {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body))?;
        let work = async {
            let (head, body) = self.http.request(request).await?.into_parts();
            let text = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
            let body = serde_json::from_str(&text).unwrap_or(Value::Null);
            Ok::<_, BoxError>(Answer {
                status: head.status,
                headers: head.headers,
                text,
                body,
            })
        };
        tokio::time::timeout(TIMEOUT, work).await?
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
