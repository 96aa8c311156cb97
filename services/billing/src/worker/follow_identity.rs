//! Follows identity: partners, their names and parents.

use kit::BoxError;
use kit::boot::Context;
use kit::db::Tx;
use kit::fault::Fault;
use kit::feed::Follower;
use proto::feed::v1::FollowRequest;
use proto::identity::v1::Event;
use proto::identity::v1::event::Kind;
use proto::identity::v1::events_client::EventsClient;
use tonic::Streaming;

use super::parse;
use crate::app::caught_up::CONSUMER;
use crate::app::remember;

/// The follower.
pub(super) struct FollowIdentity {
    pub(super) context: Context,
}

impl Follower for FollowIdentity {
    type Event = Event;
    const FEED: &'static str = "identity";

    async fn open(&self, after: i64) -> Result<Streaming<Event>, Fault> {
        let message = FollowRequest {
            consumer: CONSUMER.to_owned(),
            after_position: after,
        };
        let request = self.context.token.request(message).await?;
        let mut client = EventsClient::new(self.context.links.identity.clone());
        Ok(client.follow(request).await?.into_inner())
    }

    async fn handle(&self, tx: &mut Tx, event: Event) -> Result<(), BoxError> {
        let Some(Kind::PartnerChanged(changed)) = event.kind else {
            return Ok(());
        };
        let partner = parse::id(&changed.partner_id, "partner_id")?;
        let parent = match changed.parent_partner_id.as_str() {
            "" => None,
            text => Some(parse::id(text, "parent_partner_id")?),
        };
        remember::partner(tx, partner, parent, &changed.display_name).await?;
        Ok(())
    }
}
