//! One trace id from REST through gRPC to SQL. A binary of its own: which spans are recorded is decided
//! once for a process, and other tests would decide it first.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::{Router, body::Body, http::Request, middleware::from_fn_with_state, routing::get};
use kit::{
    auth::CallerKind,
    boot::{Context, Parts},
    id::{PartnerId, Random},
    link::{Link, Links},
    scope::Scope,
    telemetry, testing,
    time::Clock,
};
use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{
        Event,
        events_client::EventsClient,
        events_server::{Events, EventsServer},
    },
};
use sqlx::migrate::Migrator;
use tonic::{Response, Status, service::Routes};
use tower::ServiceExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

/// A context without tables of its own.
static NO_MIGRATIONS: Migrator = Migrator {
    table_name: std::borrow::Cow::Borrowed("migration"),
    ..Migrator::DEFAULT
};

struct Transacts(Context);

#[tonic::async_trait]
impl Events for Transacts {
    type FollowStream = tokio_stream::Empty<Result<Event, Status>>;
    async fn follow(
        &self,
        _: tonic::Request<FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let partner = PartnerId::new(&self.0.ids);
        let tx = self.0.db.begin(Scope::Partner(partner)).await.unwrap();
        tx.commit().await.unwrap();
        Ok(Response::new(tokio_stream::empty()))
    }
}

#[tokio::test]
async fn rest_grpc_and_sql_share_one_trace() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry()
        .with(layer.with_tracked_inactivity(false))
        .with(tracing_subscriber::EnvFilter::new("info,kit::db=debug"));
    let _guard = tracing::subscriber::set_default(subscriber);

    let test = testing::database("kit", &NO_MIGRATIONS).await;
    let context = testing::context(test.db, Clock::system(), Links::nowhere());
    let routes = Routes::new(EventsServer::new(Transacts(context.clone())));
    let link: Link = testing::serve(
        Parts {
            routes,
            workers: Vec::new(),
            open: &[],
        },
        &context,
    );
    let caller = testing::caller(CallerKind::Service, PartnerId::new(&context.ids), &[]);
    let handler = move || {
        let (link, caller) = (link.clone(), caller.clone());
        async move {
            let request = testing::request(FollowRequest::default(), &caller);
            EventsClient::new(link).follow(request).await.unwrap();
            telemetry::current().unwrap().tracking_id()
        }
    };
    let surface = Router::new()
        .route("/thing", get(handler))
        .layer(from_fn_with_state(Random::system(), telemetry::server));

    let traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    let request = Request::get("/thing").header("traceparent", traceparent);
    let answer = surface
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1000)
        .await
        .unwrap();
    assert_eq!(body, "ENTREPOT_01234567-89ab-cdef-0123-456789abcdef");

    provider.force_flush().unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    let named = |part: &str| {
        let found = spans.iter().find(|span| span.name.contains(part));
        found.unwrap_or_else(|| panic!("no span {part} in {:?}", spans.iter().map(|s| &s.name)))
    };
    let (rest, grpc, sql) = (named("GET /thing"), named("/Follow"), named("transaction"));
    for span in [rest, grpc, sql] {
        let trace = span.span_context.trace_id().to_string();
        assert_eq!(trace, "0123456789abcdef0123456789abcdef", "{}", span.name);
    }
    assert_eq!(
        grpc.parent_span_id,
        rest.span_context.span_id(),
        "gRPC hangs below REST"
    );
    assert_eq!(
        sql.parent_span_id,
        grpc.span_context.span_id(),
        "SQL hangs below gRPC"
    );
    assert_eq!(sql.span_kind, SpanKind::Client);
}
