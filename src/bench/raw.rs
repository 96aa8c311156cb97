//! What this machine gives at most, in the same run: commits, bare gRPC, and the thinnest chain of
//! the platform's own shape, REST → gRPC → one insert.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing::post};
use kit::{BoxError, link::Link, stop::Tasks};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgPoolOptions};
use tokio::{net::TcpListener, sync::Mutex};
use tonic::{
    Request, Response, Status,
    service::Routes,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};

use super::{
    Size,
    meter::{Amount, Sample, closed_loop},
};
use crate::client::Client;

/// The limits.
#[derive(Debug)]
pub(super) struct Limits {
    /// One small row a commit, from few connections.
    pub(super) commits_few: Sample,
    /// The same from many.
    pub(super) commits_many: Sample,
    /// A unary call over loopback TCP, one client.
    pub(super) grpc_one: Sample,
    /// The same, many clients.
    pub(super) grpc_many: Sample,
    /// A unary call through a link within the process.
    pub(super) link: Sample,
    /// REST → gRPC → insert.
    pub(super) chain: Sample,
}

/// Few and many connections.
pub(super) const FEW: usize = 8;
pub(super) const MANY: usize = 32;

const TABLE: &str =
    "create table probe (n bigint generated always as identity primary key, payload text not null)";
const INSERT: &str = "insert into probe (payload) values ($1)";
/// What is written: about as long as a name and an e-mail address.
const PAYLOAD: &str = "Lakeside Bakery 000123 LLC, admin@customer-000123.example";

/// Measures them all in an empty database.
pub(super) async fn measure(url: &str, size: &Size) -> Result<Limits, BoxError> {
    let mut owner = PgConnection::connect(url).await?;
    sqlx::query(TABLE).execute(&mut owner).await?;
    owner.close().await?;
    let time = Amount::Time(size.raw);
    let commits_few = commits(url, FEW, time).await?;
    let commits_many = commits(url, MANY, time).await?;

    let tasks = Tasks::new();
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("", tonic_health::ServingStatus::Serving)
        .await;
    let channel = serve_grpc(&tasks, Routes::new(health.clone())).await?;
    let grpc_one = checks(channel.clone(), 1, time).await?;
    let grpc_many = checks(channel, size.clients, time).await?;
    let (link, socket) = Link::here();
    socket.plug(Routes::new(health));
    let link = checks(link, 1, time).await?;
    let chain = chain(&tasks, url, size.clients, time).await?;
    tasks.drain(Duration::from_secs(2)).await;
    Ok(Limits {
        commits_few,
        commits_many,
        grpc_one,
        grpc_many,
        link,
        chain,
    })
}

async fn commits(url: &str, clients: usize, amount: Amount) -> Result<Sample, BoxError> {
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        connections.push(Mutex::new(PgConnection::connect(url).await?));
    }
    let connections: Arc<[_]> = connections.into();
    closed_loop(clients, amount, move |client, _| {
        let connections = Arc::clone(&connections);
        async move {
            let connection = connections.get(client).ok_or("a client has a connection")?;
            let mut connection = connection.lock().await;
            sqlx::query(INSERT)
                .bind(PAYLOAD)
                .execute(&mut *connection)
                .await?;
            Ok(())
        }
    })
    .await
}

/// Serves over loopback TCP until the tasks are stopped.
async fn serve_grpc(tasks: &Tasks, routes: Routes) -> Result<Channel, BoxError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let stop = tasks.clone();
    tasks.spawn("raw-grpc", async move {
        let stopped = stop.stopped();
        let server = Server::builder().add_routes(routes);
        if let Err(error) = server.serve_with_incoming_shutdown(incoming, stopped).await {
            tracing::error!(%error, "raw gRPC server failed");
        }
    });
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    Ok(endpoint.connect().await?)
}

async fn checks<T>(service: T, clients: usize, amount: Amount) -> Result<Sample, BoxError>
where
    T: tonic::client::GrpcService<tonic::body::Body> + Clone + Send + Sync + 'static,
    T::ResponseBody: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    <T::ResponseBody as axum::body::HttpBody>::Error: Into<BoxError> + Send,
    T::Error: Into<BoxError>,
    T::Future: Send,
{
    closed_loop(clients, amount, move |_, _| {
        let mut client = HealthClient::new(service.clone());
        async move {
            client.check(HealthCheckRequest::default()).await?;
            Ok(())
        }
    })
    .await
}

/// The smallest service there is, with an insert in it.
struct Insert(PgPool);

#[tonic::async_trait]
impl Health for Insert {
    type WatchStream = futures::stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        sqlx::query(INSERT)
            .bind(request.into_inner().service)
            .execute(&self.0)
            .await
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(HealthCheckResponse { status: 1 }))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(futures::stream::empty()))
    }
}

/// REST → gRPC over loopback TCP → one insert.
async fn chain(
    tasks: &Tasks,
    url: &str,
    clients: usize,
    amount: Amount,
) -> Result<Sample, BoxError> {
    let most = u32::try_from(clients)?;
    let pool = PgPoolOptions::new()
        .max_connections(most)
        // the platform does not try connections that were used a moment ago either
        .test_before_acquire(false)
        .connect(url)
        .await?;
    let service = HealthServer::new(Insert(pool.clone()));
    let channel = serve_grpc(tasks, Routes::new(service)).await?;
    let surface = Router::new()
        .route("/", post(accept))
        .with_state(HealthClient::new(channel));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let stop = tasks.clone();
    tasks.spawn("raw-rest", async move {
        let stopped = async move { stop.stopped().await };
        if let Err(error) = axum::serve(listener, surface)
            .with_graceful_shutdown(stopped)
            .await
        {
            tracing::error!(%error, "raw REST server failed");
        }
    });
    let client = Client::new(&format!("http://{address}"));
    let sample = closed_loop(clients, amount, move |_, _| {
        let client = client.clone();
        async move {
            let body = json!({ "payload": PAYLOAD });
            client.post("/", &body).await?.expect_status(200)?;
            Ok(())
        }
    })
    .await?;
    pool.close().await;
    Ok(sample)
}

async fn accept(
    State(mut client): State<HealthClient<Channel>>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, axum::http::StatusCode> {
    let payload = body.get("payload").and_then(Value::as_str);
    let request = HealthCheckRequest {
        service: payload.unwrap_or_default().to_owned(),
    };
    match client.check(request).await {
        Ok(answer) => Ok(Json(json!({ "status": answer.into_inner().status }))),
        Err(_) => Err(axum::http::StatusCode::BAD_GATEWAY),
    }
}
