//! Follows the compliance context: decisions on cases.

use kit::{BoxError, db::Tx, fault::Fault, feed::Follower};
use proto::{
    compliance::v1::{CaseClosed, CaseState, Event, event::Kind, events_client::EventsClient},
    feed::v1::{EventHeader, FollowRequest},
};
use tonic::Streaming;

use crate::{
    app::{
        App,
        close_case::{ClosedCase, close_case},
    },
    domain::screening::Verdict,
};

#[derive(Debug)]
pub(crate) struct Cases(pub(crate) App);

impl Follower for Cases {
    type Event = Event;
    const FEED: &'static str = "compliance";

    async fn open(&self, after: i64) -> Result<Streaming<Event>, Fault> {
        let context = &self.0.context;
        let request = FollowRequest {
            consumer: "provisioning".to_owned(),
            after_position: after,
        };
        let request = context.token.request(request).await?;
        let mut events = EventsClient::new(context.links.compliance.clone());
        Ok(events.follow(request).await?.into_inner())
    }

    async fn handle(&self, tx: &mut Tx, event: Event) -> Result<(), BoxError> {
        let (Some(header), Some(Kind::CaseClosed(closed))) = (&event.header, &event.kind) else {
            return Ok(());
        };
        if let Some(closed) = closed_case(header, closed) {
            close_case(&self.0, tx, &closed).await?;
        } else {
            // waiting would not make it readable
            tracing::error!(case_id = closed.case_id, "closed case not understood");
        }
        Ok(())
    }
}

fn closed_case(header: &EventHeader, closed: &CaseClosed) -> Option<ClosedCase> {
    let verdict = match closed.state() {
        CaseState::Approved => Verdict::Approved,
        CaseState::Rejected => Verdict::Rejected,
        CaseState::Expired => Verdict::Expired,
        CaseState::Unspecified | CaseState::Open => return None,
    };
    Some(ClosedCase {
        partner: header.partner_id.parse().ok()?,
        customer_id: closed.customer_id.parse().ok()?,
        case_id: closed.case_id.parse().ok()?,
        verdict,
        decided_by: closed.decided_by.clone(),
    })
}
