//! The state that handlers share, and the way of a request: slashes, trace, tracking id, limits,
//! route, handler, failure.

use std::{panic::AssertUnwindSafe, str::FromStr as _, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{FromRequestParts as _, RawPathParams, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodFilter, on},
};
use futures::FutureExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS},
    uri::PathAndQuery,
};
use kit::{fault::reason, id::Random, link::Links, telemetry, time::Clock};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tracing::{Instrument as _, Span};

use crate::{
    Config,
    call::{Call, Outcome, collect},
    caller::{self, Delegations},
    failure::{Failure, table},
    limit::{self, Limiter},
    pages::{self, text::Text},
    peer::Peer,
    query::Query,
    rest::scim,
    routes::{ROUTES, Route},
};

const TRACKING_ID: HeaderName = HeaderName::from_static("trackingid");

/// What handlers share.
#[derive(Debug)]
pub(crate) struct Surface {
    pub(crate) links: Links,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) delegations: Delegations,
    limiter: Limiter,
    in_flight: Semaphore,
    /// Uploads, which are held in memory before anybody knows who sends them.
    uploads: Arc<Semaphore>,
}

/// Uploads at a time.
const UPLOADS: usize = 2;

/// Identifies one request in headers, bodies and traces.
#[derive(Debug, Clone)]
struct TrackingId(Arc<str>);

/// See the crate's `surface`.
pub(crate) fn router(links: Links, config: Config, clock: Clock, random: Random) -> Router {
    let surface = Arc::new(Surface {
        delegations: Delegations::new(links.identity.clone(), clock.clone()),
        limiter: Limiter::new(config.rate_per_second, config.burst),
        in_flight: Semaphore::new(config.max_in_flight.min(Semaphore::MAX_PERMITS)),
        uploads: Arc::new(Semaphore::new(UPLOADS)),
        links,
        config,
        clock,
        random: random.clone(),
    });
    let mut router = Router::new();
    for route in ROUTES.iter().copied().flatten() {
        // the table's methods are all known ones
        let method = Method::from_str(route.method).unwrap_or(Method::GET);
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let handler = move |State(surface), Extension(tracking), request| {
            answer(route, surface, tracking, request)
        };
        router = router.route(route.path, on(filter, handler));
    }
    let router = router
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&surface), edge))
        .layer(from_fn_with_state(random, telemetry::server))
        .with_state(surface);
    // routes match before layers run, so the path is put right around the router
    Router::new().fallback_service(router.map_request(collapse))
}

/// Clients in the field send `//v1/…`, and paths of identity with a version before or after.
fn collapse(mut request: Request) -> Request {
    let uri = request.uri();
    let versions = ["/v1/identity/", "/identity/v1/"];
    let versioned = versions.iter().any(|version| uri.path().contains(version));
    let alias = uri.path().starts_with(scim::ALIAS);
    if !uri.path().contains("//") && !versioned && !alias {
        return request;
    }
    let mut path = String::with_capacity(uri.path().len());
    for character in uri.path().chars() {
        if character != '/' || !path.ends_with('/') {
            path.push(character);
        }
    }
    let rest = versions
        .iter()
        .find_map(|version| path.strip_prefix(version));
    if let Some(rest) = rest {
        path = format!("/identity/{rest}");
    }
    if let Some(known) = scim::known_path(&path) {
        path = known;
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// Around everything: the tracking id, limits, and what must be true of every response.
async fn edge(State(surface): State<Arc<Surface>>, mut request: Request, next: Next) -> Response {
    let (tracking, own) = tracking_id(&surface, &request);
    request.extensions_mut().insert(tracking.clone());
    let peer = Peer::of(&request, surface.config.proxies);
    request.extensions_mut().insert(peer);
    // the trace id does not tell the client's own id, so a span does
    let span = if own {
        tracing::info_span!("tracked", tracking_id = &*tracking.0)
    } else {
        Span::none()
    };
    let reader = Reader::of(request.uri(), request.headers());
    let mut response = match admit(&surface, request, next).instrument(span).await {
        Ok(response) => response,
        Err(failure) => refuse(failure, reader, &tracking),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(&*tracking.0) {
        headers.insert(TRACKING_ID, value);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Who reads an answer.
#[derive(Clone, Copy)]
enum Reader {
    /// A program.
    Program,
    /// A program that speaks SCIM.
    Directory,
    /// A person.
    Person(&'static Text),
}

impl Reader {
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        if scim::speaks(uri, headers) {
            return Self::Directory;
        }
        pages::reader(uri, headers).map_or(Self::Program, Self::Person)
    }
}

/// What went wrong, as JSON for programs and as a page for people.
fn refuse(failure: Failure, reader: Reader, tracking: &TrackingId) -> Response {
    match reader {
        Reader::Person(text) => pages::failure(failure, text, &tracking.0),
        Reader::Directory => failure.into_scim(),
        Reader::Program => failure.into_response(&tracking.0),
    }
}

/// The client's own id, or that of the trace; and whether it is the client's own.
fn tracking_id(surface: &Surface, request: &Request) -> (TrackingId, bool) {
    let sent = request
        .headers()
        .get(TRACKING_ID)
        .and_then(|value| value.to_str().ok());
    let sent = sent.filter(|text| {
        !text.is_empty() && text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let made = || {
        let trace = telemetry::current();
        trace
            .unwrap_or_else(|| telemetry::Trace::new(surface.random.bytes()))
            .tracking_id()
    };
    let own = sent.is_some();
    (
        TrackingId(sent.map_or_else(made, str::to_owned).into()),
        own,
    )
}

async fn admit(surface: &Surface, request: Request, next: Next) -> Outcome {
    let _permit = surface.in_flight.try_acquire().map_err(|_| busy())?;
    let limiter = &surface.limiter;
    let address = Peer::found(request.extensions());
    let peer = limiter.by_peer(address);
    let token = caller::bearer(request.headers())
        .ok()
        .map(|token| limiter.by_token(token));
    let now = surface.clock.now();
    // what guesses passwords and secrets is charged to the peer, whatever token comes with it
    let cost = limit::cost(request.method(), request.uri().path());
    match token {
        Some(_) if address.is_some() && cost == 1 => limiter.look(peer, now).map_err(too_many)?,
        Some(_) if cost == 1 => {}
        _ => limiter.take_more(peer, now, cost).map_err(too_many)?,
    }
    if let Some(token) = token {
        limiter.take(token, now).map_err(too_many)?;
    }
    let response = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .await
        .map_err(|_| {
            tracing::error!("a request panicked");
            Failure::internal()
        })?;
    if response.status() == StatusCode::UNAUTHORIZED && token.is_some() && address.is_some() {
        // already refused; whether the budget is used up shows at the next request
        let _ = limiter.take(peer, now);
    }
    Ok(response)
}

fn busy() -> Failure {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let message = "too many requests are being worked on; try again";
    Failure::later(status, reason::UNAVAILABLE, message, Duration::from_secs(1))
}

fn too_many(wait: Duration) -> Failure {
    let message = "too many requests; try again later";
    Failure::later(
        StatusCode::TOO_MANY_REQUESTS,
        reason::EXHAUSTED,
        message,
        wait,
    )
}

async fn unknown_route(
    Extension(tracking): Extension<TrackingId>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let reader = match Reader::of(&uri, &headers) {
        Reader::Directory => Reader::Directory,
        _ => Reader::Program,
    };
    refuse(Failure::missing(), reader, &tracking)
}

async fn wrong_method(Extension(tracking): Extension<TrackingId>) -> Response {
    // axum adds `Allow`
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let message = "the method is not allowed for this resource";
    Failure::new(status, table::METHOD_NOT_ALLOWED, message).into_response(&tracking.0)
}

/// Runs a route's handler.
async fn answer(
    route: &'static Route,
    surface: Arc<Surface>,
    tracking: TrackingId,
    request: Request,
) -> Response {
    let longest = surface.config.request_timeout();
    let reader = Reader::of(request.uri(), request.headers());
    match tokio::time::timeout(longest, handle(route, surface, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => refuse(failure, reader, &tracking),
        Err(_) => refuse(Failure::timeout(), reader, &tracking),
    }
}

async fn handle(route: &'static Route, surface: Arc<Surface>, request: Request) -> Outcome {
    let (mut parts, body) = request.into_parts();
    let token = match route.scope {
        Some(_) => caller::bearer(&parts.headers)?.to_owned(),
        None => String::new(),
    };
    let path = RawPathParams::from_request_parts(&mut parts, &()).await;
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    // parts that cannot be decoded name nothing
    let path = path
        .map(|path| path.iter().map(pair).collect())
        .unwrap_or_default();
    let query = Query::parse(parts.uri.query());
    let peer = Peer::found(&parts.extensions);
    let (limit, _permit) = if route.large {
        let permit = Arc::clone(&surface.uploads)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        (surface.config.max_upload_bytes, Some(permit))
    } else if route.page {
        (surface.config.max_body_bytes.min(route.longest), None)
    } else {
        (surface.config.max_body_bytes, None)
    };
    let body = match route.body {
        Some(_) => collect(body, limit).await,
        None => Ok(Bytes::new()),
    };
    let call = Call {
        surface,
        headers: parts.headers,
        query,
        uri: parts.uri,
        peer,
        token,
        path,
        body,
    };
    let Some(acting_for) = call.acting_for() else {
        return (route.handler)(call).await;
    };
    let surface = Arc::clone(&call.surface);
    let again = call.clone();
    match (route.handler)(call).await {
        Err(refused) if refused.status() == StatusCode::UNAUTHORIZED => {
            // the token that was exchanged is no longer good; another one may be
            surface.delegations.forget(acting_for);
            match parts.method {
                Method::GET | Method::PUT | Method::DELETE => (route.handler)(again).await,
                _ => Err(refused),
            }
        }
        outcome => outcome,
    }
}
