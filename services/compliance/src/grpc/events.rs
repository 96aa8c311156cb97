//! The feed of the context.

use kit::{
    auth::{Caller, CallerKind},
    feed,
};
use proto::{
    compliance::v1::{Event, events_server::Events},
    feed::v1::FollowRequest,
};
use tonic::{Request, Response, Status};

use crate::app::App;

pub(super) struct Service(pub(super) App);

#[tonic::async_trait]
impl Events for Service {
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
