//! The one shape of a service: a [`Context`] in, [`Parts`] out; and the stack around its routes.

use std::{future::Future, pin::Pin, time::Duration};

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use tonic::{Status, service::Routes};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    auth::{CallerKind, EDGE, ServiceToken, Verifier, unauthenticated},
    db::Db,
    fault::{Fault, Kind, reason},
    id::{Ids, Random},
    link::Links,
    stop::Tasks,
    telemetry,
    time::Clock,
};

/// What a service gets.
#[derive(Debug, Clone)]
pub struct Context {
    /// Its database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Ids.
    pub ids: Ids,
    /// Randomness.
    pub random: Random,
    /// Links to all contexts.
    pub links: Links,
    /// Its own token, for calls to other contexts.
    pub token: ServiceToken,
    /// The process's background work.
    pub tasks: Tasks,
}

/// What a service is.
pub struct Parts {
    /// Its gRPC services.
    pub routes: Routes,
    /// Its background work.
    pub workers: Vec<Worker>,
    /// gRPC paths that need no token, for example `/entrepot.identity.v1.Tokens/IssueToken`.
    pub open: &'static [&'static str],
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// Background work with a name; it runs until the soft stop.
pub struct Worker {
    name: &'static str,
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Worker {
    /// Work under a name.
    pub fn new(name: &'static str, future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            name,
            future: Box::pin(future),
        }
    }

    /// Starts it.
    pub fn start(self, tasks: &Tasks) {
        tasks.spawn(self.name, self.future);
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Worker").field(&self.name).finish()
    }
}

/// Longest a unary call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct Guard {
    verifier: Verifier,
    open: &'static [&'static str],
}

/// Puts the stack around a service's routes: trace, panic, deadline, authentication. The same in one
/// process and in many.
pub fn guard(
    routes: Routes,
    open: &'static [&'static str],
    verifier: Verifier,
    random: Random,
) -> Routes {
    let guard = Guard { verifier, open };
    let guarded = routes
        .into_axum_router()
        .layer(from_fn_with_state(guard, authenticate))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(random, telemetry::server));
    Routes::from(guarded)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    refuse(Fault::new(
        Kind::Internal,
        reason::INTERNAL,
        "internal error",
    ))
}

fn refuse(fault: Fault) -> Response {
    let (parts, body) = Status::from(fault)
        .into_http::<axum::body::Body>()
        .into_parts();
    Response::from_parts(parts, body).into_response()
}

/// Health and reflection tell nothing of any tenant.
const ALWAYS_OPEN: [&str; 2] = ["/grpc.health.v1.", "/grpc.reflection.v1."];

async fn authenticate(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = guard.open.contains(&path) || ALWAYS_OPEN.iter().any(|open| path.starts_with(open));
    let streaming = path.ends_with("/Follow") || open;
    match token(request.headers()) {
        Some(token) => match guard.verifier.shared(token).await {
            Ok(caller) if from_edge(request.headers()) && caller.kind == CallerKind::Service => {
                return refuse(unauthenticated());
            }
            Ok(caller) => drop(request.extensions_mut().insert(caller)),
            Err(_) if open => {}
            Err(fault) => return refuse(fault),
        },
        None if open => {}
        None => return refuse(unauthenticated()),
    }
    if streaming {
        return next.run(request).await;
    }
    match tokio::time::timeout(CALL_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse(Fault::new(
            Kind::Unavailable,
            reason::UNAVAILABLE,
            "took too long",
        )),
    }
}

/// The token of a context is for contexts: at the edge it opens nothing.
fn from_edge(headers: &HeaderMap) -> bool {
    headers.contains_key(EDGE)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get("authorization")?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}
