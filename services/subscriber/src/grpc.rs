//! The gRPC surface: reads messages, checks the caller, calls a use case.

mod convert;
mod entitlements;
mod events;
mod holders;
mod subscribers;

use kit::boot::Context;
use proto::subscriber::v1::{
    entitlements_server::EntitlementsServer, events_server::EventsServer,
    holders_server::HoldersServer, subscribers_server::SubscribersServer,
};
use tonic::service::Routes;

/// All services of this context.
pub(crate) fn routes(context: Context) -> Routes {
    let subscribers = subscribers::Service::new(context.clone());
    let entitlements = entitlements::Service::new(context.clone());
    let holders = holders::Service::new(context.clone());
    Routes::new(SubscribersServer::new(subscribers))
        .add_service(EntitlementsServer::new(entitlements))
        .add_service(HoldersServer::new(holders))
        .add_service(EventsServer::new(events::Service::new(context)))
}
