//! `Events`: the feed.

use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    feed,
};
use proto::{
    feed::v1::FollowRequest,
    subscriber::v1::{Event, events_server::Events},
};
use tonic::{Request, Response, Status};

/// The service.
pub(super) struct Service {
    context: Context,
}

impl Service {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }
}

#[tonic::async_trait]
impl Events for Service {
    type FollowStream = feed::Stream<Event>;

    async fn follow(
        &self,
        request: Request<FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let Context { db, tasks, .. } = self.context.clone();
        feed::serve(db, tasks, request.into_inner()).await
    }
}
