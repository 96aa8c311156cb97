//! Contexts and gateway become a running platform.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use kit::{
    BoxError,
    auth::{ServiceToken, Verifier},
    boot::{Context, Parts, guard},
    cluster::Cluster,
    db::Db,
    health,
    id::{Ids, Random},
    link::{Link, Links},
    stop::{Ended, Tasks},
    time::Clock,
};
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// How long work may take to end after the soft stop.
const PATIENCE: Duration = Duration::from_secs(25);

/// The tables of a context.
pub fn migrations(context: &str) -> &'static Migrator {
    match context {
        "identity" => &identity::MIGRATIONS,
        "provisioning" => &provisioning::MIGRATIONS,
        "subscriber" => &subscriber::MIGRATIONS,
        "billing" => &billing::MIGRATIONS,
        _ => &compliance::MIGRATIONS,
    }
}

/// What the parts of a process share.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Configuration.
    pub config: Arc<Config>,
    /// Owner URL of the database.
    pub database_url: String,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Links to all contexts.
    pub links: Links,
    /// Secret that service clients derive theirs from.
    pub service_secret: String,
    /// Background work.
    pub tasks: Tasks,
}

impl Shared {
    /// The context that a service gets.
    pub fn context(&self, name: &'static str) -> Result<Context, BoxError> {
        Ok(Context {
            db: Db::new(&self.database_url, name, self.config.connections)?,
            clock: self.clock.clone(),
            ids: Ids::new(self.clock.clone(), self.random.clone()),
            random: self.random.clone(),
            links: self.links.clone(),
            token: ServiceToken::new(
                self.links.identity.clone(),
                self.clock.clone(),
                format!("svc-{name}"),
                self.client_secret(name),
            ),
            tasks: self.tasks.clone(),
        })
    }

    /// The client secret of a context: derived, so that roles share one secret only.
    pub fn client_secret(&self, name: &str) -> String {
        kit::auth::derive(&self.service_secret, name)
    }

    /// The service of a context.
    pub fn parts(&self, context: Context) -> Parts {
        let config = &self.config;
        match context.db.context() {
            "identity" => identity::parts(context, config.identity.clone()),
            "provisioning" => provisioning::parts(context, config.provisioning.clone()),
            "subscriber" => subscriber::parts(context, config.subscriber),
            "billing" => billing::parts(context, config.billing.clone()),
            _ => compliance::parts(context, config.compliance.clone()),
        }
    }

    /// The routes of a service with the whole stack around them; its workers run.
    pub fn start(&self, context: Context) -> tonic::service::Routes {
        let verifier = Verifier::new(self.links.identity.clone(), self.clock.clone());
        verifier.watch(context.token.clone(), &self.tasks);
        let parts = self.parts(context);
        let routes = guard(parts.routes, parts.open, verifier, self.random.clone());
        for worker in parts.workers {
            worker.start(&self.tasks);
        }
        routes
    }
}

/// Lets every context sign in; identity runs it at each start.
pub async fn ensure_service_clients(shared: &Shared, identity: &Context) -> Result<(), BoxError> {
    for name in Links::CONTEXTS {
        let secret = shared.client_secret(name);
        identity::bootstrap::ensure_service_client(identity, name, &secret).await?;
    }
    Ok(())
}

/// The whole platform in this process.
#[derive(Debug)]
pub struct Platform {
    /// Where the public REST API listens.
    pub address: SocketAddr,
    /// Where /livez, /readyz and /metrics are.
    pub admin: SocketAddr,
    /// Links to all contexts.
    pub links: Links,
    /// The identity context, for the first credentials.
    pub identity: Context,
    tasks: Tasks,
    closing: CancellationToken,
    databases: Vec<Db>,
    cluster: Option<Cluster>,
}

impl Platform {
    /// Starts everything on a database whose schemas are up to date.
    pub async fn start(
        mut config: Config,
        database_url: String,
        clock: Clock,
        cluster: Option<Cluster>,
    ) -> Result<Self, BoxError> {
        // tokens name the address, so it comes first
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        config.settle_issuer(address)?;
        let mut links = Links::nowhere();
        let mut sockets = Vec::new();
        for name in Links::CONTEXTS {
            let (link, socket) = Link::here();
            links.set(name, link);
            sockets.push((name, socket));
        }
        let random = Random::system();
        // one process: nobody else needs to know it
        let service_secret = random.token();
        config.settle_seal_key(&service_secret);
        let shared = Shared {
            config: Arc::new(config),
            database_url,
            clock: clock.clone(),
            service_secret,
            random: random.clone(),
            links: links.clone(),
            tasks: Tasks::new(),
        };
        let identity = shared.context("identity")?;
        ensure_service_clients(&shared, &identity).await?;
        let mut databases = Vec::new();
        for (name, socket) in sockets {
            let context = if name == "identity" {
                identity.clone()
            } else {
                shared.context(name)?
            };
            databases.push(context.db.clone());
            socket.plug(shared.start(context));
        }

        let gateway_config = shared.config.gateway.clone();
        let surface = gateway::surface(links.clone(), gateway_config, clock, random);
        let closing = CancellationToken::new();
        serve_http(&shared.tasks, &closing, "gateway", listener, surface);

        let admin_listener = TcpListener::bind(shared.config.admin(shared.config.listen)).await?;
        let admin = admin_listener.local_addr()?;
        let surface = admin_surface(databases.clone(), shared.tasks.clone());
        serve_http(&shared.tasks, &closing, "admin", admin_listener, surface);
        let tasks = shared.tasks;
        Ok(Self {
            address,
            admin,
            links,
            identity,
            tasks,
            closing,
            databases,
            cluster,
        })
    }

    /// The base URL of the public REST API.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the process is asked to end, or ends by itself.
    pub async fn wait(&self) {
        tokio::select! {
            () = asked_to_end() => {}
            () = self.tasks.stopped() => {}
        }
    }

    /// The process id of the private PostgreSQL's server, for tests that kill it.
    pub fn server_pid(&self) -> Option<u32> {
        self.cluster.as_ref().and_then(Cluster::server_pid)
    }

    /// Stops taking requests, finishes what is held, stops the database.
    pub async fn stop(self) -> Result<(), BoxError> {
        self.closing.cancel();
        let ended = self.tasks.drain(PATIENCE).await;
        for db in &self.databases {
            db.close().await;
        }
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(|| cluster.stop()).await?;
        }
        match ended {
            Ended::Drained => Ok(()),
            Ended::Cut => Err("some work had to be cut off; it goes on at the next start".into()),
        }
    }
}

/// Serves HTTP until the soft stop.
pub(crate) fn serve_http(
    tasks: &Tasks,
    closing: &CancellationToken,
    name: &'static str,
    listener: TcpListener,
    surface: Router,
) {
    let closing = closing.clone();
    let stop = tasks.clone();
    tasks.spawn(name, async move {
        let closed = async move {
            tokio::select! {
                () = closing.cancelled() => {}
                () = stop.stopped() => {}
            }
        };
        let service = surface.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service)
            .with_graceful_shutdown(closed)
            .await
        {
            tracing::error!(name, %error, "listener failed");
        }
    });
}

/// /livez depends on nothing, /readyz on the databases and on not stopping.
pub(crate) fn admin_surface(databases: Vec<Db>, tasks: Tasks) -> Router {
    let ready = move || {
        let (databases, tasks) = (databases.clone(), tasks.clone());
        async move {
            if tasks.stopping() {
                return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
            }
            let checks = databases
                .iter()
                .map(|db| async move { (db.context(), health::check(db).await) });
            for (context, outcome) in futures::future::join_all(checks).await {
                if let Err(error) = outcome {
                    tracing::warn!(context, %error, "not ready");
                    return (
                        StatusCode::SERVICE_UNAVAILABLE,
                        format!("{context}: database\n"),
                    );
                }
            }
            (StatusCode::OK, "ready\n".to_owned())
        }
    };
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|| async { kit::metrics::render() }))
}

/// Waits for an interrupt or a termination.
pub(crate) async fn asked_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
