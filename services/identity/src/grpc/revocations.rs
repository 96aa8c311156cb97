//! `entrepot.identity.v1.Revocations`.

use std::sync::Arc;

use kit::auth::{Caller, CallerKind};
use proto::identity::v1::{ListRevocationsRequest, ListRevocationsResponse, revocations_server};
use tonic::{Request, Response, Status};

use crate::app::{self, State};

/// The service.
#[derive(Debug)]
pub(crate) struct Revocations(pub(crate) Arc<State>);

#[tonic::async_trait]
impl revocations_server::Revocations for Revocations {
    async fn list_revocations(
        &self,
        request: Request<ListRevocationsRequest>,
    ) -> Result<Response<ListRevocationsResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let (revoked, position) = app::list_revocations::list_revocations(&self.0).await?;
        let revoked = revoked.into_iter().map(app::revoke::message).collect();
        Ok(Response::new(ListRevocationsResponse { revoked, position }))
    }
}
