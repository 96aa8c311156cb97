//! Subscribers: who of a customer's people holds which package, since when, and where.
//!
//! The provisioning context tells what a customer may assign ([`Entitlements`]); partners then give
//! packages to people ([`Subscribers`]). An assignment is one package held by one subscriber for
//! one interval. Each subscriber has one open assignment in the slot `base` at any instant, and at
//! most one in the slot of each add-on; a change of package ends one interval and starts
//! the next at the same instant. History is kept. Every start and end is an event of the
//! feed ([`Events`]), written in the same transaction; billing counts from nothing else (R-1402).
//!
//! Instants have microseconds, here and in the events. Billing counts whole seconds and truncates
//! both ends of an interval alike, so adjacent intervals stay adjacent.
//!
//! No package is known here by name. What assignment needs to know of one comes with the
//! entitlement: base or add-on, calling seat, dependencies, limit.
//!
//! People belong to the identity context. A creation first makes sure that the person exists there,
//! outside of any transaction, and then writes. What fails in between leaves a person without a
//! package, which is a state that people may be in, and which the repeated request picks up.
//! A removed subscriber stays a person of its organization.
//!
//! Two things are unique across partners: the e-mail address of a living subscriber and its
//! number. Unique indexes decide races; the loser gets the named conflict.
//!
//! [`Entitlements`]: proto::subscriber::v1::entitlements_server::Entitlements
//! [`Subscribers`]: proto::subscriber::v1::subscribers_server::Subscribers
//! [`Events`]: proto::subscriber::v1::events_server::Events

mod app;
mod config;
mod domain;
mod error;
mod grpc;
mod store;
mod worker;

use kit::boot::{Context, Parts};
use sqlx::migrate::Migrator;

pub use config::Config;

/// The tables of this context.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The context: its services and its background work.
pub fn parts(context: Context, config: Config) -> Parts {
    let Config {} = config;
    let workers = worker::all(&context);
    Parts {
        routes: grpc::routes(context),
        workers,
        open: &[],
    }
}
