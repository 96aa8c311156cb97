//! A small client of the public REST API, for the demo, the benchmark and the tests.

use std::{
    sync::{Arc, Mutex, PoisonError},
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
    token: Arc<Mutex<Option<String>>>,
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
            token: Arc::default(),
        }
    }

    /// Gets a token for a client and uses it from now on.
    pub async fn sign_in(&self, client_id: &str, client_secret: &str) -> Result<(), BoxError> {
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"
        );
        let headers = [(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")];
        let answer = self
            .send(Method::POST, "/v1/access_token", &headers, form.into())
            .await?;
        let answer = answer.expect_status(200)?;
        self.set_token(Some(answer.text_at("/access_token").to_owned()));
        Ok(())
    }

    /// Uses this token.
    pub fn set_token(&self, token: Option<String>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The token in use.
    pub fn token(&self) -> Option<String> {
        self.token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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

    /// Any request; `path` may be a whole URL.
    pub async fn send(
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
