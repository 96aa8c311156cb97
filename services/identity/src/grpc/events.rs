//! `entrepot.identity.v1.Events`.

use std::sync::Arc;

use kit::{
    auth::{Caller, CallerKind},
    feed,
};
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{Event, events_server},
};
use tonic::{Request, Response, Status};

use crate::app::State;

/// The service.
#[derive(Debug)]
pub(crate) struct Events(pub(crate) Arc<State>);

#[tonic::async_trait]
impl events_server::Events for Events {
    type FollowStream = feed::Stream<Event>;

    async fn follow(
        &self,
        request: Request<FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let context = &self.0.context;
        feed::serve(
            context.db.clone(),
            context.tasks.clone(),
            request.into_inner(),
        )
        .await
    }
}
