//! Follows identity: people whose address is another one now.

use kit::{BoxError, boot::Context, db::Tx, fault::Fault, feed::Follower, id::PartnerId};
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{Event, event::Kind, events_client::EventsClient},
};
use tonic::Streaming;

use crate::{domain::PersonId, error::Error, store::subscriber};

/// The name under which the feed knows us.
const CONSUMER: &str = "subscriber";

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
        let Some(Kind::PersonMoved(moved)) = event.kind else {
            return Ok(());
        };
        let wrong = |_| Error::Inconsistent("id of a person who moved");
        let partner: PartnerId = moved.partner_id.parse().map_err(wrong)?;
        let person: PersonId = moved.person_id.parse().map_err(wrong)?;
        subscriber::set_email(tx, partner, person, &moved.email).await?;
        Ok(())
    }
}
