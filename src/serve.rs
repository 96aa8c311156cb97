//! `serve`: one role over the network.

use std::{net::SocketAddr, sync::Arc};

use kit::{
    BoxError, health,
    id::Random,
    link::{Link, Links},
    stop::{Ended, Tasks},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Server, server::TcpIncoming};

use crate::{
    cli::Role,
    config::Config,
    platform::{
        Shared, admin_surface, asked_to_end, ensure_service_clients, migrations, serve_http,
    },
    say,
};

impl Shared {
    /// For a process that reaches all contexts over the network.
    pub(crate) fn away(config: &Config) -> Result<Self, BoxError> {
        let mut links = Links::nowhere();
        for name in Links::CONTEXTS {
            links.set(name, Link::away(config.url(name))?);
        }
        let database_url = config.database_url.clone().unwrap_or_default();
        let missing =
            "ENTREPOT_SERVICE_SECRET is not set: the roles of a split deployment share one";
        Ok(Self {
            config: Arc::new(config.clone()),
            database_url,
            clock: config.clock(),
            random: Random::system(),
            links,
            service_secret: config.service_secret.clone().ok_or(missing)?,
            tasks: Tasks::new(),
        })
    }
}

/// Runs one role until it is asked to end.
pub(crate) async fn run(config: Config, role: Role) -> Result<(), BoxError> {
    let closing = CancellationToken::new();
    let (tasks, databases) = match role.context() {
        Some(name) => start_context(&config, name, &closing).await?,
        None => start_gateway(&config, &closing).await?,
    };
    let listen = config.admin(if role == Role::Gateway {
        config.listen
    } else {
        config.grpc_listen
    });
    let admin = TcpListener::bind(listen).await?;
    say(&format!(
        "health and metrics at http://{}",
        admin.local_addr()?
    ))?;
    serve_http(
        &tasks,
        &closing,
        "admin",
        admin,
        admin_surface(databases.clone(), tasks.clone()),
    );

    tokio::select! {
        () = asked_to_end() => {}
        () = tasks.stopped() => {}
    }
    closing.cancel();
    let ended = tasks.drain(std::time::Duration::from_secs(25)).await;
    for db in &databases {
        db.close().await;
    }
    match ended {
        Ended::Drained => Ok(()),
        Ended::Cut => Err("some work had to be cut off; it goes on at the next start".into()),
    }
}

async fn start_gateway(
    config: &Config,
    closing: &CancellationToken,
) -> Result<(Tasks, Vec<kit::db::Db>), BoxError> {
    let mut links = Links::nowhere();
    for name in Links::CONTEXTS {
        links.set(name, Link::away(config.url(name))?);
    }
    let tasks = Tasks::new();
    let listener = TcpListener::bind(config.listen).await?;
    say(&format!(
        "gateway is ready at http://{}",
        listener.local_addr()?
    ))?;
    let surface = gateway::surface(
        links,
        config.gateway.clone(),
        config.clock(),
        Random::system(),
    );
    serve_http(&tasks, closing, "gateway", listener, surface);
    Ok((tasks, Vec::new()))
}

async fn start_context(
    config: &Config,
    name: &'static str,
    closing: &CancellationToken,
) -> Result<(Tasks, Vec<kit::db::Db>), BoxError> {
    let mut config = config.clone();
    if name == "identity" {
        if config.identity.issuer.is_none() && config.gateway.base_url.is_none() {
            tracing::warn!("ENTREPOT_BASE_URL is not set: tokens are issued for this machine only");
        }
        config.settle_issuer(config.listen)?;
        if let Some(secret) = config.service_secret.clone() {
            config.settle_seal_key(&secret);
        }
    }
    let shared = Shared::away(&config)?;
    if shared.database_url.is_empty() {
        return Err("DATABASE_URL is not set".into());
    }
    let (applied, known) =
        kit::migrate::progress(&shared.database_url, name, migrations(name)).await?;
    if applied < known {
        let text = "the schema is behind: run `entrepot database migrate` first";
        return Err(format!("{text} ({applied} of {known} migrations applied)").into());
    }
    let context = shared.context(name)?;
    let db = context.db.clone();
    if name == "identity" {
        ensure_service_clients(&shared, &context).await?;
    }
    let routes = shared.start(context);

    let (reporter, health_server) = tonic_health::server::health_reporter();
    let watch = health::watch(db.clone(), shared.tasks.clone(), reporter, name);
    shared.tasks.spawn("health", watch);
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .build_v1()?;
    let listener = TcpListener::bind(config.grpc_listen).await?;
    let address: SocketAddr = listener.local_addr()?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (closing, stop) = (closing.clone(), shared.tasks.clone());
    shared.tasks.spawn("grpc", async move {
        let closed = async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = stop.stopped() => {}
            }
        };
        let server = Server::builder()
            .http2_keepalive_interval(Some(std::time::Duration::from_secs(20)))
            .add_routes(routes)
            .add_service(health_server)
            .add_service(reflection)
            .serve_with_incoming_shutdown(incoming, closed);
        if let Err(error) = server.await {
            tracing::error!(%error, "gRPC listener failed");
        }
    });
    say(&format!("{name} is ready at http://{address}"))?;
    Ok((shared.tasks, vec![db]))
}
