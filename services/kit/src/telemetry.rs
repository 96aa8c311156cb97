//! One trace from REST to SQL: trace context in and out, structured logs, OpenTelemetry export.
//!
//! The trace id is made at the edge and is also the `TrackingID`. It is kept in a task-local, so it
//! is known with and without an exporter.

use std::{fmt::Write as _, future::Future, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use opentelemetry::{
    Context,
    trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        TracerProvider as _,
    },
};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::BoxError;

tokio::task_local! {
    static CURRENT: Trace;
}

/// The trace that work belongs to (W3C trace context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// 16 bytes that stay the same all the way.
    pub trace_id: u128,
    /// The span that caused the work.
    pub parent_id: u64,
}

impl Trace {
    /// A new one, from random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        let trace_id = u128::from_be_bytes(random).max(1);
        let parent_id = u64::try_from(trace_id >> 64).unwrap_or(1).max(1);
        Self {
            trace_id,
            parent_id,
        }
    }

    /// Reads a `traceparent` header.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
        if version != "00" || trace.len() != 32 || parent.len() != 16 {
            return None;
        }
        let trace_id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let parent_id = u64::from_str_radix(parent, 16).ok().filter(|id| *id != 0)?;
        Some(Self {
            trace_id,
            parent_id,
        })
    }

    /// As a `traceparent` header.
    pub fn header(self) -> String {
        format!("00-{:032x}-{:016x}-01", self.trace_id, self.parent_id)
    }

    /// The trace id in the form of a UUID.
    pub fn tracking_id(self) -> String {
        format!("ENTREPOT_{}", uuid::Uuid::from_u128(self.trace_id))
    }

    fn context(self) -> Context {
        Context::new().with_remote_span_context(SpanContext::new(
            TraceId::from(self.trace_id),
            SpanId::from(self.parent_id),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        ))
    }
}

/// The trace of the task that runs; none outside of any.
pub fn current() -> Option<Trace> {
    let trace = CURRENT.try_with(|trace| *trace).ok()?;
    // the exporter's span, where there is one, is the better parent
    let context = Span::current().context();
    let span = context.span().span_context().span_id();
    let parent_id = u64::from_be_bytes(span.to_bytes());
    Some(if parent_id == 0 {
        trace
    } else {
        Trace { parent_id, ..trace }
    })
}

/// The `traceparent` header to send on.
pub fn traceparent() -> Option<String> {
    current().map(Trace::header)
}

/// Runs work as part of a trace, in a span.
pub async fn within<F: Future>(trace: Option<Trace>, span: Span, work: F) -> F::Output {
    match trace {
        Some(trace) => {
            // fails only without an exporter, and then there is nothing to connect
            let _ = span.set_parent(trace.context());
            CURRENT.scope(trace, work.instrument(span)).await
        }
        None => work.instrument(span).await,
    }
}

/// Middleware of every HTTP and gRPC server: takes the trace from the request or makes one, opens the
/// server span, and counts the request.
pub async fn server(
    axum::extract::State(random): axum::extract::State<crate::id::Random>,
    request: Request,
    next: Next,
) -> Response {
    let trace = header(&request, "traceparent").and_then(Trace::parse);
    let trace = trace.unwrap_or_else(|| Trace::new(random.bytes()));
    let grpc =
        header(&request, "content-type").is_some_and(|kind| kind.starts_with("application/grpc"));
    // the route, not the path: ids must not become metric labels
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) if !grpc => path.as_str().to_owned(),
        _ if grpc => request.uri().path().to_owned(),
        _ => "unmatched".to_owned(),
    };
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        trace_id = format!("{:032x}", trace.trace_id),
        status = tracing::field::Empty,
    );
    let began = std::time::Instant::now();
    let response = within(Some(trace), span.clone(), next.run(request)).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    span.record("status", status);
    let kind = if grpc { "grpc" } else { "http" };
    let labels = [
        ("kind", kind.to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!(crate::metrics::REQUESTS, &labels).increment(1);
    metrics::histogram!(crate::metrics::REQUEST_SECONDS, &labels[..2]).record(took.as_secs_f64());
    tracing::debug!(parent: &span, micros = u64::try_from(took.as_micros()).unwrap_or(0), "served");
    response
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logs {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Flushes what the exporter still holds when it is dropped.
#[derive(Debug)]
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::debug!(%error, "traces not flushed");
        }
    }
}

/// Starts logs, and traces when there is an OTLP endpoint (gRPC, for example `http://localhost:4317`).
/// Must run inside of the runtime.
pub fn start(filter: &str, logs: Logs, otlp_endpoint: Option<&str>) -> Result<Guard, BoxError> {
    let filter = EnvFilter::try_new(filter)?;
    // traces tell more than logs: every transaction is a span, every statement an event in one
    let detail = EnvFilter::try_new("info,kit::db=debug,sqlx::query=debug")?;
    let writer = std::io::stderr;
    let output = match logs {
        Logs::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(writer)
            .boxed(),
        Logs::Text => tracing_subscriber::fmt::layer()
            .compact()
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .with_writer(writer)
            .boxed(),
    };
    let provider = otlp_endpoint.map(exporter).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        let tracer = provider.tracer("entrepot");
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(detail)
    });
    let registry = tracing_subscriber::registry().with(output.with_filter(filter));
    registry.with(traces).try_init()?;
    Ok(Guard(provider))
}

fn exporter(endpoint: &str) -> Result<SdkTracerProvider, BoxError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(Duration::from_secs(5))
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("entrepot").build())
        .build())
}

/// Bytes as lower-case hex, for logs.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_survives() {
        let trace = Trace::new([7; 16]);
        assert_eq!(Trace::parse(&trace.header()), Some(trace));
        assert_eq!(
            trace.tracking_id(),
            "ENTREPOT_07070707-0707-0707-0707-070707070707"
        );
    }

    #[test]
    fn nonsense_is_no_traceparent() {
        for header in [
            "",
            "00",
            "01-0-0-0",
            "00-00000000000000000000000000000000-0000000000000001-01",
        ] {
            assert_eq!(Trace::parse(header), None, "{header}");
        }
    }

    #[tokio::test]
    async fn work_knows_its_trace() {
        let trace = Trace::new([3; 16]);
        let seen = within(Some(trace), Span::none(), async { current() }).await;
        assert_eq!(seen.map(|seen| seen.trace_id), Some(trace.trace_id));
        assert_eq!(current(), None);
    }
}
