//! Provisioning: how a partner's customer comes to be, changes and ends.
//!
//! The **catalogue** says which packages exist. It is data: the code asks a package
//! for its features and never for its name. An **onboarding template** (R-201 to R-206) says how a
//! partner sets customers up; its provisioning id is what the creation of a customer names.
//!
//! A **customer** (R-301 to R-315) is created, changed and removed asynchronously. The request is
//! judged at once and as a whole, and accepted in one transaction with the durable operation that
//! carries it out and the event that tells of it; from then on it survives any crash. The
//! operation asks the other contexts, step by step: compliance screens, identity makes the
//! organization, subscriber takes the entitlement. Each of these calls is safe to repeat, because
//! every id was chosen when the customer was accepted. A match on a restricted-party list holds the
//! operation until the reviewers' decision arrives on the compliance feed.
//!
//! A **sub-partner** (R-1101 to R-1106) is a partner of its own in everything but its set-up, which
//! its parent does here.
//!
//! Other contexts follow this one's feed: `CustomerChanged` with the whole state after each change,
//! and `PackageDefined` for the catalogue.
//!
//! Inside, `domain` holds the rules without any input or output, `store` the SQL, `app` the use
//! cases and the workflows, `grpc` the services and `worker` the background work.

use kit::boot::{Context, Parts};
use proto::provisioning::v1::{
    catalogue_server::CatalogueServer, customers_server::CustomersServer,
    events_server::EventsServer, operations_server::OperationsServer,
    sub_partners_server::SubPartnersServer, templates_server::TemplatesServer,
};
use sqlx::migrate::Migrator;
use tonic::service::Routes;

mod app;
mod config;
mod domain;
mod error;
mod grpc;
mod message;
mod store;
mod worker;

pub use config::{Config, DialIn, Policy};

/// The schema of this context.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The services and the background work of this context.
pub fn parts(context: Context, config: Config) -> Parts {
    let app = app::App { context, config };
    let workers = worker::workers(&app);
    let routes = Routes::new(CatalogueServer::new(grpc::catalogue::Service(app.clone())))
        .add_service(TemplatesServer::new(grpc::templates::Service(app.clone())))
        .add_service(CustomersServer::new(grpc::customers::Service::new(
            app.clone(),
        )))
        .add_service(SubPartnersServer::new(grpc::sub_partners::Service(
            app.clone(),
        )))
        .add_service(OperationsServer::new(grpc::operations::Service(
            app.clone(),
        )))
        .add_service(EventsServer::new(grpc::events::Service(app)));
    Parts {
        routes,
        workers,
        open: &[],
    }
}
