//! The router over contexts that answer what a test wants and remember what they were asked.

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::Request as HttpRequest, routing::post};
use chrono::DateTime;
use http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;
use kit::{id::Random, testing, time::Clock};
use serde_json::Value;
use tonic::{Status, service::Routes};
use tonic_prost::ProstCodec;
use tower::ServiceExt as _;

/// The ids of everything in these tests.
pub(crate) const ID: &str = "52cf576d-60a8-407a-b22c-467c51591908";

/// One call that a context got.
pub(crate) struct Seen {
    pub(crate) path: &'static str,
    pub(crate) authorization: String,
    /// Marked as made for a client.
    pub(crate) edge: bool,
    message: Box<dyn Any + Send>,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// All five contexts at once: paths of RPCs are unique.
#[derive(Clone, Default)]
pub(crate) struct Contexts {
    router: Router,
    log: Log,
    refusal: Arc<Mutex<Option<Status>>>,
}

impl Contexts {
    /// Answers an RPC.
    pub(crate) fn on<Q, A>(
        mut self,
        path: &'static str,
        answer: impl Fn(&Q) -> Result<A, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Q: prost::Message + Default + Clone + 'static,
        A: prost::Message + Default + 'static,
    {
        let (log, refusal) = (Arc::clone(&self.log), Arc::clone(&self.refusal));
        let handler = move |request: HttpRequest| async move {
            let service = tower::service_fn(move |request: tonic::Request<Q>| {
                let header = request.metadata().get("authorization");
                let authorization = header
                    .map_or("", |value| value.to_str().unwrap())
                    .to_owned();
                let edge = request.metadata().contains_key(kit::auth::EDGE);
                let message = request.into_inner();
                let result = match refusal.lock().unwrap().clone() {
                    Some(status) => Err(status),
                    None => answer(&message).map(tonic::Response::new),
                };
                let message = Box::new(message);
                log.lock().unwrap().push(Seen {
                    path,
                    authorization,
                    edge,
                    message,
                });
                std::future::ready(result)
            });
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<A, Q>::default());
            grpc.unary(service, request).await.map(Body::new)
        };
        self.router = self.router.route(path, post(handler));
        self
    }

    /// Answers an RPC with a default message.
    pub(crate) fn on_default<Q, A>(self, path: &'static str) -> Self
    where
        Q: prost::Message + Default + Clone + 'static,
        A: prost::Message + Default + 'static,
    {
        self.on(path, |_: &Q| Ok(A::default()))
    }

    /// Adds generated servers.
    pub(crate) fn with(mut self, routes: Routes) -> Self {
        self.router = self
            .router
            .merge(routes.into_axum_router().reset_fallback());
        self
    }

    /// Puts the surface before them.
    pub(crate) fn stage(self) -> Stage {
        self.stage_with(|_| {})
    }

    /// Puts the surface before them, with a configuration.
    pub(crate) fn stage_with(self, configure: impl Fn(&mut gateway::Config)) -> Stage {
        let mut config = gateway::Config {
            base_url: Some("https://api.example.net/".to_owned()),
            ..gateway::Config::default()
        };
        configure(&mut config);
        let clock = Clock::manual(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let served = || Routes::from(self.router.clone());
        let links = testing::links()
            .with_identity(served())
            .with_provisioning(served())
            .with_subscriber(served())
            .with_billing(served())
            .with_compliance(served())
            .build();
        let router = gateway::surface(links, config, clock.clone(), Random::seeded(1));
        Stage {
            router,
            clock,
            log: self.log,
            refusal: self.refusal,
        }
    }
}

/// The surface.
pub(crate) struct Stage {
    pub(crate) router: Router,
    pub(crate) clock: Clock,
    log: Log,
    refusal: Arc<Mutex<Option<Status>>>,
}

/// What a client sees.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the error body, and gives the codes and fields in it.
    pub(crate) fn errors(&self) -> BTreeMap<String, i64> {
        assert!(
            self.status.is_client_error() || self.status.is_server_error(),
            "{self:?}"
        );
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        assert!(
            body["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{body}"
        );
        assert_eq!(
            body["trackingId"].as_str().unwrap(),
            self.header("trackingid")
        );
        let errors = body["errors"].as_array().unwrap();
        assert!(!errors.is_empty());
        let entry = |error: &Value| {
            assert!(
                error["description"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
            let field = error["fieldName"].as_str().unwrap_or_default().to_owned();
            (field, error["errorCode"].as_i64().unwrap())
        };
        errors.iter().map(entry).collect()
    }
}

impl Stage {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// With a token, and a JSON body where there is one.
    pub(crate) async fn call(&self, method: &str, uri: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("accept", "application/json")
            .header("authorization", "Bearer T");
        let request = match body {
            "" => request.body(Body::empty()),
            _ => request
                .header(CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_owned())),
        };
        self.send(request.unwrap()).await
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.call("GET", uri, "").await
    }

    pub(crate) async fn post(&self, uri: &str, body: &str) -> Answer {
        self.call("POST", uri, body).await
    }

    /// From now on every call is refused like this.
    pub(crate) fn refuse(&self, status: Status) {
        *self.refusal.lock().unwrap() = Some(status);
    }

    /// All calls since the last look.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.log.lock().unwrap())
    }

    /// The only message since the last look.
    pub(crate) fn asked<Q: Clone + 'static>(&self) -> Q {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "one gRPC call for a request");
        seen.remove(0)
            .message
            .downcast_ref::<Q>()
            .expect("the message")
            .clone()
    }
}

/// Refusals as contexts make them.
pub(crate) fn fault(kind: kit::fault::Kind, reason: &str) -> Status {
    kit::fault::Fault::new(kind, reason, "why").into()
}

/// An id as the public sees it.
pub(crate) fn public(kind: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{kind}/{ID}"))
}
