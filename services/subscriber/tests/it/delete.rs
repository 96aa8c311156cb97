//! Removing subscribers, and asking for a consent again.

use chrono::TimeDelta;
use kit::{fault::Kind, testing, time::to_proto};
use proto::subscriber::v1::{DeleteSubscriberRequest, ResendConsentRequest, event};

use super::world::{World, missing, verdict};

#[tokio::test]
async fn r405_removal_ends_what_is_held_at_that_instant() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["suite", "desk"], "1000"))
        .await;
    let id = created.unwrap().subscriber_id;
    world.clock.advance(TimeDelta::hours(12));
    world.delete(&id).await.unwrap();
    let now = Some(to_proto(world.clock.now()));
    for event in &world.events(4).await[2..] {
        match event.kind.as_ref().unwrap() {
            event::Kind::AssignmentEnded(end) => {
                assert_eq!((&end.subscriber_id, end.ended_at), (&id, now));
            }
            event::Kind::AssignmentStarted(_) | event::Kind::Audit(_) => panic!("nothing starts"),
        }
    }
    assert_eq!(verdict(world.get(&id).await), missing());
    assert_eq!(verdict(world.delete(&id).await), missing());
}

#[tokio::test]
async fn r405_email_number_and_extension_become_free_and_the_person_stays() {
    let world = World::new().await;
    let mut request = world.calling("ada@example.com", &["voice"], "1000");
    request.parameters.as_mut().unwrap().primary_phone_number = "+14155550100".to_owned();
    let first = world.create(request.clone()).await.unwrap();
    world.delete(&first.subscriber_id).await.unwrap();
    let second = world.create(request).await.unwrap();
    assert_ne!(second.subscriber_id, first.subscriber_id);
    assert_eq!(second.person_id, first.person_id);
}

#[tokio::test]
async fn r1106_a_suspended_partner_may_delete() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let mut suspended = world.partner.clone();
    suspended.suspended = true;
    let request = DeleteSubscriberRequest {
        subscriber_id: created.subscriber_id,
    };
    let request = testing::request(request, &suspended);
    world
        .subscribers()
        .delete_subscriber(request)
        .await
        .unwrap();
}

#[tokio::test]
async fn no_consent_is_ever_pending() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let resend = async |id: &str| {
        let request = ResendConsentRequest {
            subscriber_id: id.to_owned(),
        };
        let request = testing::request(request, &world.partner);
        verdict(
            world
                .subscribers()
                .resend_consent(request)
                .await
                .map_err(Into::into),
        )
    };
    let refused = (Kind::Precondition, "CONSENT_NOT_PENDING".to_owned());
    assert_eq!(resend(&created.subscriber_id).await, refused);
    assert_eq!(resend(&world.customer.to_string()).await, missing());
}
