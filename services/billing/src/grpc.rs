//! The contract's services: who may call, proto to domain and back.

use proto::billing::v1::events_server::EventsServer;
use proto::billing::v1::reports_server::ReportsServer;
use proto::billing::v1::subscriptions_server::SubscriptionsServer;
use tonic::service::Routes;

use crate::app::App;

mod events;
mod reports;
mod subscriptions;

/// The one path that needs no token: the link's signature is the proof.
pub(crate) const OPEN: &[&str] = &["/entrepot.billing.v1.Reports/DownloadReport"];

/// All services.
pub(crate) fn routes(app: App) -> Routes {
    Routes::new(ReportsServer::new(reports::Service { app: app.clone() }))
        .add_service(SubscriptionsServer::new(subscriptions::Service {
            app: app.clone(),
        }))
        .add_service(EventsServer::new(events::Service {
            context: app.context,
        }))
}
