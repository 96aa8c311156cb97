//! What the feed tells of assignments.

use chrono::{DateTime, Utc};
use kit::{audit::Entry, time::to_proto};
use proto::subscriber::v1::{AssignmentEnded, AssignmentStarted, Event, event::Kind};

use crate::{
    domain::{AssignmentId, CustomerId, LocationId, PersonId, SubscriberId},
    store::assignment::Started,
};

/// Whose assignment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The customer.
    pub(super) customer: CustomerId,
    /// The subscriber.
    pub(super) subscriber: SubscriberId,
    /// The person.
    pub(super) person: PersonId,
    /// Where the seat is.
    pub(super) location: Option<LocationId>,
}

/// An assignment began.
pub(super) fn started(holder: Holder, started: &Started, at: DateTime<Utc>) -> Event {
    Event {
        header: None,
        kind: Some(Kind::AssignmentStarted(AssignmentStarted {
            assignment_id: started.assignment_id.to_string(),
            customer_id: holder.customer.to_string(),
            subscriber_id: holder.subscriber.to_string(),
            person_id: holder.person.to_string(),
            workspace_id: String::new(),
            location_id: holder.location.map(|id| id.to_string()).unwrap_or_default(),
            package: started.package.clone(),
            slot: started.slot.clone(),
            started_at: Some(to_proto(at)),
        })),
    }
}

/// A caller did something to a subscriber.
pub(super) fn act(act: Entry, customer: CustomerId, subscriber: SubscriberId) -> Event {
    let act = act.target("subscriber", subscriber);
    act.detail("customer", customer.to_string()).into()
}

/// An assignment ended.
pub(super) fn ended(
    customer: CustomerId,
    subscriber: SubscriberId,
    assignment: AssignmentId,
    at: DateTime<Utc>,
) -> Event {
    Event {
        header: None,
        kind: Some(Kind::AssignmentEnded(AssignmentEnded {
            assignment_id: assignment.to_string(),
            customer_id: customer.to_string(),
            subscriber_id: subscriber.to_string(),
            ended_at: Some(to_proto(at)),
        })),
    }
}
