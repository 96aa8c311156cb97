//! What all five contexts would otherwise write again, and, but for who may do what and how it is told, no
//! noun of the trade.
//!
//! * [`id`], [`time`]: ids, randomness and time as arguments.
//! * [`db`], [`scope`], [`migrate`]: transactions that know their tenant; schemas, roles, grants.
//! * [`fault`], [`page`], [`idempotency`], [`email`]: one error model, keyset pages, safe repeats, addresses.
//! * [`access`]: scopes, roles, restrictions, and what is left of them; [`audit`]: what is told of an act.
//! * [`seal`]: secrets at rest; [`fetch`]: the one way out of our network.
//! * [`link`], [`auth`], [`boot`], [`stop`], [`health`]: a service, here or away.
//! * [`feed`], [`operation`], [`group`]: the outbox with its followers, durable operations, group commit.
//! * [`telemetry`], [`mod@metrics`]: one trace id from REST to SQL.
//! * [`cluster`]: a private PostgreSQL; `testing`: what tests share.

pub mod access;
pub mod audit;
pub mod auth;
pub mod boot;
pub mod cluster;
pub mod db;
pub mod email;
pub mod fault;
pub mod feed;
pub mod fetch;
pub mod group;
pub mod health;
pub mod id;
pub mod idempotency;
pub mod link;
pub mod metrics;
pub mod migrate;
pub mod operation;
pub mod page;
pub mod scim;
pub mod scope;
pub mod seal;
pub mod stop;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

/// An error of any type, where only its text and source chain matter.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The tables that every context's schema holds besides its own.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
