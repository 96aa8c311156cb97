//! gRPC: message to domain and back, and who may call what.

mod audit;
mod cases;
mod events;
mod lists;
mod message;
mod screening;

use kit::{
    auth::{Caller, CallerKind},
    fault::{Fault, Kind, reason},
};
use proto::compliance::v1::{
    audit_server::AuditServer, cases_server::CasesServer, events_server::EventsServer,
    lists_server::ListsServer, screening_server::ScreeningServer,
};
use tonic::service::Routes;

use crate::app::App;

/// May read cases and lists, and check a party.
const READ: &str = "platform:screening_read";
/// May decide cases and import lists.
const WRITE: &str = "platform:screening_write";

/// Largest message with list files, in bytes: three files of the largest list published, unpacked.
const LARGEST_IMPORT: usize = 64 << 20;

/// The services of the context.
pub(crate) fn routes(app: &App) -> Routes {
    let lists = ListsServer::new(lists::Service(app.clone()));
    Routes::new(ScreeningServer::new(screening::Service::new(app)))
        .add_service(CasesServer::new(cases::Service(app.clone())))
        .add_service(lists.max_decoding_message_size(LARGEST_IMPORT))
        .add_service(AuditServer::new(audit::Service(app.clone())))
        .add_service(EventsServer::new(events::Service(app.clone())))
}

/// Needs a reviewer or the operator with a scope; partners never see a case.
fn staff<T>(request: &tonic::Request<T>, scope: &str) -> Result<Caller, Fault> {
    let caller = Caller::of(request)?;
    if !matches!(caller.kind, CallerKind::Reviewer | CallerKind::Operator) {
        let message = "this caller may not do that";
        return Err(Fault::new(
            Kind::Forbidden,
            reason::CALLER_NOT_ALLOWED,
            message,
        ));
    }
    caller.require(scope)?;
    Ok(caller)
}
