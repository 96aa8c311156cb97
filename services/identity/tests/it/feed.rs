//! What others are told.

use std::time::Duration;

use kit::testing;
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{
        PartnerChanged, SetPartnerSuspendedRequest, event, events_client::EventsClient,
    },
};

use super::world::{World, new_partner, partner, reason, service};

impl World {
    async fn changes(&self, count: usize) -> Vec<PartnerChanged> {
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: 0,
        };
        let request = testing::request(request, &service());
        let mut events = EventsClient::new(self.link.clone());
        let mut stream = events.follow(request).await.unwrap().into_inner();
        let mut changes = Vec::new();
        while changes.len() < count {
            let next = tokio::time::timeout(Duration::from_secs(20), stream.message());
            let event = next.await.expect("an event comes").unwrap().unwrap();
            assert!(event.header.unwrap().position > 0);
            if let event::Kind::PartnerChanged(change) = event.kind.expect("a kind") {
                changes.push(change);
            }
        }
        changes
    }
}

impl World {
    /// The addresses that somebody got, as others hear of it.
    pub(crate) async fn moves_of(&self, person_id: &str) -> Vec<String> {
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: 0,
        };
        let request = testing::request(request, &service());
        let mut events = EventsClient::new(self.link.clone());
        let mut stream = events.follow(request).await.unwrap().into_inner();
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), stream.message());
            let event = next.await.expect("an event comes").unwrap().unwrap();
            if let event::Kind::PersonMoved(moved) = event.kind.expect("a kind")
                && moved.person_id == person_id
            {
                return vec![moved.email];
            }
        }
    }
}

#[tokio::test]
async fn r1106_others_learn_of_new_suspended_and_resumed_partners_once() {
    let (world, credentials) = World::started().await;
    let parent = credentials.partner_id;
    let child = world.partner(Some(parent)).await;
    let again = testing::request(new_partner(&child.to_string(), Some(parent)), &service());
    world.organizations().create_partner(again).await.unwrap();
    for suspended in [true, true, false] {
        let request = SetPartnerSuspendedRequest {
            partner_id: child.to_string(),
            suspended,
        };
        let request = testing::request(request, &partner(parent));
        world
            .organizations()
            .set_partner_suspended(request)
            .await
            .unwrap();
    }
    let last = world.partner(None).await;

    let changes = world.changes(5).await;
    let seen: Vec<(&str, bool)> = changes
        .iter()
        .map(|c| (c.partner_id.as_str(), c.suspended))
        .collect();
    let (parent, child, last) = (parent.to_string(), child.to_string(), last.to_string());
    assert_eq!(
        seen,
        [
            (parent.as_str(), false),
            (&child, false),
            (&child, true),
            (&child, false),
            (&last, false)
        ]
    );
    assert_eq!(changes[1].parent_partner_id, parent);
    assert_eq!(changes[1].display_name, "Südtel");
}

#[tokio::test]
async fn only_contexts_follow_the_feed() {
    let world = World::new().await;
    let own = world.partner(None).await;
    let request = FollowRequest {
        consumer: "test".to_owned(),
        after_position: 0,
    };
    let request = testing::request(request, &partner(own));
    let refused = EventsClient::new(world.link.clone())
        .follow(request)
        .await
        .map(|_| ());
    assert_eq!(reason(refused), "CALLER_NOT_ALLOWED");
}
