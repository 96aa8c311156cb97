//! The feed: whole, in order, for services only.

use kit::{fault::Fault, testing, time::to_proto};
use proto::{
    feed::v1::FollowRequest,
    subscriber::v1::{
        AssignmentEnded, AssignmentStarted, event::Kind, events_client::EventsClient,
    },
};

use super::world::World;

#[tokio::test]
async fn r1402_the_feed_tells_all_that_billing_needs() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["voice"], "1000"))
        .await
        .unwrap();
    let started = Some(to_proto(world.clock.now()));
    world.clock.advance(chrono::TimeDelta::microseconds(1));
    world.delete(&created.subscriber_id).await.unwrap();
    let ended = Some(to_proto(world.clock.now()));

    let events = world.events(2).await;
    let Some(Kind::AssignmentStarted(start)) = &events[0].kind else {
        panic!("no start")
    };
    let expected = AssignmentStarted {
        assignment_id: start.assignment_id.clone(),
        customer_id: world.customer.to_string(),
        subscriber_id: created.subscriber_id.clone(),
        person_id: created.person_id,
        workspace_id: String::new(),
        location_id: world.location.to_string(),
        package: "voice".to_owned(),
        slot: "base".to_owned(),
        started_at: started,
    };
    assert_eq!(*start, expected);
    let expected = AssignmentEnded {
        assignment_id: start.assignment_id.clone(),
        customer_id: world.customer.to_string(),
        subscriber_id: created.subscriber_id,
        ended_at: ended,
    };
    assert_eq!(events[1].kind, Some(Kind::AssignmentEnded(expected)));
    for (event, at) in events.iter().zip([started, ended]) {
        let header = event.header.as_ref().unwrap();
        assert_eq!(header.partner_id, world.partner.partner.to_string());
        assert_eq!(header.occurred_at, at);
    }
    let position = |n: usize| events[n].header.as_ref().unwrap().position;
    assert!(position(0) < position(1));
}

#[tokio::test]
async fn the_feed_is_for_services_only() {
    let world = World::new().await;
    let request = testing::request(FollowRequest::default(), &world.partner);
    let result = EventsClient::new(world.link.clone()).follow(request).await;
    let fault = Fault::from(result.map(drop).unwrap_err());
    assert_eq!(fault.reason, "CALLER_NOT_ALLOWED");
}
