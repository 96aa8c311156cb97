//! `Events`.

use kit::{
    auth::{Caller, CallerKind},
    feed,
};
use proto::{
    feed::v1::FollowRequest,
    provisioning::v1::{Event, events_server::Events},
};
use tonic::{Request, Response, Status};

use crate::app::App;

#[derive(Debug)]
pub(crate) struct Service(pub(crate) App);

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
