//! A client does not know where its service is: here (the generated client calls the generated
//! server, no socket) or away (HTTP/2). Both carry the trace context.

use std::{
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response};
use tonic::{
    Status,
    body::Body,
    service::Routes,
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt as _};

use crate::{BoxError, telemetry};

/// A link that broke; a status may stand in its source chain.
#[derive(Debug, thiserror::Error)]
#[error("link broken")]
pub struct Broken(#[source] BoxError);

/// Where a call goes.
#[derive(Clone)]
enum Target {
    /// A service in this process; empty until it has started.
    Here(Arc<OnceLock<Routes>>),
    /// A service somewhere else.
    Away(Channel),
    /// Nobody.
    Nowhere,
}

/// Calls one service.
#[derive(Clone)]
pub struct Link(Target);

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Target::Here(_) => "Link::Here",
            Target::Away(_) => "Link::Away",
            Target::Nowhere => "Link::Nowhere",
        })
    }
}

/// The end of a local link that the service is plugged into once it has started. Links come before
/// services, because services link to each other in circles.
#[derive(Debug, Clone)]
pub struct Socket(Arc<OnceLock<Routes>>);

impl Socket {
    /// Plugs the service in. A second one is ignored.
    pub fn plug(&self, routes: Routes) {
        let _ = self.0.set(routes);
    }
}

impl Link {
    /// A link within the process, and the socket that its service goes into.
    pub fn here() -> (Self, Socket) {
        let routes = Arc::new(OnceLock::new());
        (Self(Target::Here(Arc::clone(&routes))), Socket(routes))
    }

    /// A link to a service at a URL; the connection is made when it is needed, and again after a loss.
    pub fn away(url: &str) -> Result<Self, BoxError> {
        let endpoint = Endpoint::from_shared(url.to_owned())?
            .connect_timeout(Duration::from_secs(2))
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true);
        Ok(Self(Target::Away(endpoint.connect_lazy())))
    }

    /// A link to nobody: every call is answered with UNAVAILABLE.
    pub fn nowhere() -> Self {
        Self(Target::Nowhere)
    }
}

impl Service<Request<Body>> for Link {
    type Response = Response<Body>;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Response<Body>, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // readiness is awaited in the call, on the clone that makes it
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(value) =
            telemetry::traceparent().and_then(|text| HeaderValue::try_from(text).ok())
        {
            request.headers_mut().insert("traceparent", value);
        }
        match self.0.clone() {
            Target::Here(routes) => Box::pin(async move {
                let Some(routes) = routes.get().cloned() else {
                    return Err(unavailable());
                };
                routes
                    .oneshot(request)
                    .await
                    .map_err(|never| match never {})
            }),
            Target::Away(channel) => Box::pin(async move {
                channel.oneshot(request).await.map_err(|error| {
                    tracing::debug!(%error, "peer not reached");
                    unavailable()
                })
            }),
            Target::Nowhere => Box::pin(async { Err(unavailable()) }),
        }
    }
}

fn unavailable() -> Broken {
    Broken(Box::new(Status::unavailable(
        "the service is not reachable",
    )))
}

/// The links to all contexts.
#[derive(Debug, Clone)]
pub struct Links {
    /// Organizations, people, tokens.
    pub identity: Link,
    /// Catalogue, templates, customers.
    pub provisioning: Link,
    /// Subscribers.
    pub subscriber: Link,
    /// Metering, reports.
    pub billing: Link,
    /// Screening, cases.
    pub compliance: Link,
}

impl Links {
    /// The contexts, in the order of their start.
    pub const CONTEXTS: [&'static str; 5] = [
        "identity",
        "compliance",
        "subscriber",
        "billing",
        "provisioning",
    ];

    /// Links that lead nowhere.
    pub fn nowhere() -> Self {
        Self {
            identity: Link::nowhere(),
            provisioning: Link::nowhere(),
            subscriber: Link::nowhere(),
            billing: Link::nowhere(),
            compliance: Link::nowhere(),
        }
    }

    /// Sets the link of a context by its name.
    pub fn set(&mut self, context: &str, link: Link) {
        match context {
            "identity" => self.identity = link,
            "provisioning" => self.provisioning = link,
            "subscriber" => self.subscriber = link,
            "billing" => self.billing = link,
            "compliance" => self.compliance = link,
            _ => {}
        }
    }

    /// The link of a context by its name.
    pub fn get(&self, context: &str) -> Link {
        match context {
            "identity" => self.identity.clone(),
            "provisioning" => self.provisioning.clone(),
            "subscriber" => self.subscriber.clone(),
            "billing" => self.billing.clone(),
            "compliance" => self.compliance.clone(),
            _ => Link::nowhere(),
        }
    }
}
