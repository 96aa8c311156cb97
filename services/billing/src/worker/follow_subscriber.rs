//! Follows the subscriber context: assignments begin and end (R-1402).

use kit::BoxError;
use kit::boot::Context;
use kit::db::Tx;
use kit::fault::Fault;
use kit::feed::Follower;
use kit::id::PartnerId;
use proto::feed::v1::FollowRequest;
use proto::subscriber::v1::event::Kind;
use proto::subscriber::v1::events_client::EventsClient;
use proto::subscriber::v1::{AssignmentStarted, Event};
use tonic::Streaming;

use super::parse::{self, Malformed};
use crate::app::caught_up::CONSUMER;
use crate::app::meter;
use crate::domain::usage::second;
use crate::store::usage::Assignment;

/// The follower.
pub(super) struct FollowSubscriber {
    pub(super) context: Context,
}

impl Follower for FollowSubscriber {
    type Event = Event;
    const FEED: &'static str = "subscriber";

    async fn open(&self, after: i64) -> Result<Streaming<Event>, Fault> {
        let message = FollowRequest {
            consumer: CONSUMER.to_owned(),
            after_position: after,
        };
        let request = self.context.token.request(message).await?;
        let mut client = EventsClient::new(self.context.links.subscriber.clone());
        Ok(client.follow(request).await?.into_inner())
    }

    async fn handle(&self, tx: &mut Tx, event: Event) -> Result<(), BoxError> {
        let partner = parse::partner(event.header.as_ref())?;
        match event.kind {
            Some(Kind::AssignmentStarted(started)) => {
                meter::begin(tx, &assignment(partner, started)?).await?;
            }
            Some(Kind::AssignmentEnded(ended)) => {
                let customer = parse::id(&ended.customer_id, "customer_id")?;
                let subscriber = parse::id(&ended.subscriber_id, "subscriber_id")?;
                let assignment = parse::id(&ended.assignment_id, "assignment_id")?;
                let at = parse::instant(ended.ended_at.as_ref(), "ended_at")?;
                meter::end(tx, partner, customer, subscriber, assignment, at).await?;
            }
            // What others keep, and a kind that a newer subscriber context knows.
            Some(Kind::Audit(_)) | None => {}
        }
        Ok(())
    }
}

fn assignment(partner_id: PartnerId, started: AssignmentStarted) -> Result<Assignment, Malformed> {
    let began = parse::instant(started.started_at.as_ref(), "started_at")?;
    Ok(Assignment {
        partner_id,
        customer_id: parse::id(&started.customer_id, "customer_id")?,
        subscriber_id: parse::id(&started.subscriber_id, "subscriber_id")?,
        slot: started.slot,
        id: parse::id(&started.assignment_id, "assignment_id")?,
        person_id: parse::some_id(&started.person_id, "person_id")?,
        workspace_id: parse::some_id(&started.workspace_id, "workspace_id")?,
        location_id: parse::some_id(&started.location_id, "location_id")?,
        package: started.package,
        started: second(began),
    })
}
