//! The feed.

use kit::auth::{Caller, CallerKind};
use kit::boot::Context;
use kit::feed;
use proto::billing::v1::Event;
use proto::billing::v1::events_server::Events;
use proto::feed::v1::FollowRequest;
use tonic::{Request, Response, Status};

/// See `Events`.
pub(super) struct Service {
    pub(super) context: Context,
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
