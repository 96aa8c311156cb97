//! Transactions that know their tenant.
//!
//! Beginning a transaction and setting its reach is one round trip. A service connects with its own
//! role, which row-level security binds; [`Scope::Whole`] changes to the service's `_whole` role for
//! the length of the transaction.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Notify, watch};
use tracing::Instrument as _;

use crate::{group::Requests, scope::Scope};

/// The database of one context.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    context: &'static str,
    pub(crate) signals: Arc<Signals>,
}

/// Hints within the process that there is work; replicas find out by polling. PostgreSQL's own
/// NOTIFY would serialise all commits.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Events wait for their position.
    pub(crate) appended: Notify,
    /// Events got their position.
    pub(crate) stamped: Notify,
    /// Operations of a kind are due; a runner that was busy hears of it all the same.
    due: Mutex<HashMap<String, watch::Sender<()>>>,
    /// Requests that somebody waits for.
    pub(crate) requests: Requests,
}

impl Signals {
    /// Hears when operations of a kind become due.
    pub(crate) fn due(&self, kind: &str) -> watch::Receiver<()> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.entry(kind.to_owned()).or_default().subscribe()
    }

    fn are_due(&self, kind: &str) {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(due) = due.get(kind) {
            due.send_replace(());
        }
    }
}

/// Longest a statement may run.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest a transaction may stand idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A connection that was used this short a time ago is not tried before it is used again: that would
/// be one more round trip for each transaction.
const TRUSTED: Duration = Duration::from_millis(250);
/// Longest a request waits for a connection: better refuse early than pile up.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connect options of a context: its schema, its role, its limits.
pub fn options(url: &str, context: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name(&format!("entrepot-{context}"))
        .options([
            ("search_path", context.to_owned()),
            ("role", format!("entrepot_{context}")),
            (
                "statement_timeout",
                STATEMENT_TIMEOUT.as_millis().to_string(),
            ),
            (
                "idle_in_transaction_session_timeout",
                IDLE_TIMEOUT.as_millis().to_string(),
            ),
        ]))
}

impl Db {
    /// Prepares a pool; connections are made when they are needed.
    pub fn new(url: &str, context: &'static str, connections: u32) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options(url, context)?);
        Ok(Self {
            pool,
            context,
            signals: Arc::default(),
        })
    }

    /// The context it belongs to, which is also its schema.
    pub fn context(&self) -> &'static str {
        self.context
    }

    /// Begins a transaction with a reach.
    pub async fn begin(&self, scope: Scope) -> Result<Tx, sqlx::Error> {
        self.begin_with(scope, "").await
    }

    /// Begins a transaction for many at once: its statements are planned once for a connection, not
    /// once more each time, because their plans do not depend on what they are about.
    pub async fn begin_many(&self, scope: Scope) -> Result<Tx, sqlx::Error> {
        let planned = "; set local plan_cache_mode = force_generic_plan";
        self.begin_with(scope, planned).await
    }

    async fn begin_with(&self, scope: Scope, more: &'static str) -> Result<Tx, sqlx::Error> {
        let sql = match scope {
            Scope::Partner(partner) => {
                format!("begin; set local entrepot.partner = '{partner}'{more}")
            }
            Scope::Organization(partner, organization) => {
                format!(
                    "begin; set local entrepot.partner = '{partner}'; \
                     set local entrepot.organization = '{organization}'"
                )
            }
            Scope::Whole(why) => {
                tracing::trace!(why, "whole scope");
                let context = self.context;
                format!("begin; set local role entrepot_{context}_whole{more}")
            }
        };
        // Safe: the only parts put in are a UUID and constants.
        let span = tracing::debug_span!(
            "transaction",
            otel.kind = "client",
            db.system.name = "postgresql",
            db.namespace = self.context,
        );
        let inner = self
            .pool
            .begin_with(AssertSqlSafe(sql))
            .instrument(span.clone())
            .await?;
        Ok(Tx {
            span,
            inner,
            signals: Arc::clone(&self.signals),
            appended: false,
            due: HashSet::new(),
        })
    }

    /// One trip to the database and back, for health checks.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("select 1").execute(&self.pool).await.map(drop)
    }

    /// Connections in use, and the most there can be.
    pub fn usage(&self) -> (u32, u32) {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        (
            self.pool.size().saturating_sub(idle),
            self.pool.options().get_max_connections(),
        )
    }

    /// Closes the pool.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction. Whoever holds one takes no second connection; dropped, it is rolled back.
#[derive(Debug)]
pub struct Tx {
    /// Lasts as long as the transaction.
    span: tracing::Span,
    inner: Transaction<'static, Postgres>,
    signals: Arc<Signals>,
    /// An event was appended.
    pub(crate) appended: bool,
    /// Kinds of operations that became due.
    pub(crate) due: HashSet<String>,
}

impl Tx {
    /// The connection, for a query.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.inner.commit().instrument(self.span).await?;
        if self.appended {
            self.signals.appended.notify_one();
        }
        for kind in &self.due {
            self.signals.are_due(kind);
        }
        Ok(())
    }
}
