//! Changing packages.

use chrono::TimeDelta;
use kit::{fault::Kind, testing, time::to_proto};
use proto::subscriber::v1::{
    EntitledPackage, SubscriberParameters, UpdateSubscriberRequest, event,
};

use super::world::{World, conflict, missing, organization, packages, verdict, violations};

fn extension(extension: &str) -> SubscriberParameters {
    SubscriberParameters {
        extension: extension.to_owned(),
        ..SubscriberParameters::default()
    }
}

#[tokio::test]
async fn r404_a_change_ends_one_assignment_and_starts_the_next_at_the_same_instant() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["suite", "desk", "plan"], "1000"))
        .await;
    let id = created.unwrap().subscriber_id;
    world.clock.advance(TimeDelta::seconds(90));
    let changed = world.update(&id, &["voice", "plan"]).await.unwrap();
    assert_eq!(changed.packages, ["voice", "plan"]);
    assert_eq!(changed.extension, "1000");

    let now = Some(to_proto(world.clock.now()));
    let events = world.events(6).await;
    let mut ended = Vec::new();
    for event in &events[3..] {
        match event.kind.as_ref().unwrap() {
            event::Kind::AssignmentEnded(end) => {
                assert_eq!(end.ended_at, now);
                ended.push(end.assignment_id.clone());
            }
            event::Kind::AssignmentStarted(start) => {
                assert_eq!(
                    (start.slot.as_str(), start.package.as_str()),
                    ("base", "voice")
                );
                assert_eq!(start.started_at, now);
            }
            event::Kind::Audit(_) => panic!("left out"),
        }
    }
    let mut expected: Vec<String> = events[..3]
        .iter()
        .filter_map(|event| match event.kind.as_ref().unwrap() {
            event::Kind::AssignmentStarted(start) if start.slot != "plan" => {
                Some(start.assignment_id.clone())
            }
            _ => None,
        })
        .collect();
    expected.sort();
    ended.sort();
    assert_eq!(ended, expected);
}

#[tokio::test]
async fn r404_the_same_packages_change_nothing() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["suite", "desk"], "1000"))
        .await;
    let created = created.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    let again = world
        .update(&created.subscriber_id, &["desk", "suite"])
        .await
        .unwrap();
    assert_eq!(again, created);
    world.delete(&created.subscriber_id).await.unwrap();
    assert_eq!(
        world.events(4).await.len(),
        4,
        "two started, two ended, none in between"
    );
}

#[tokio::test]
async fn r404_a_change_to_calling_takes_a_number_or_an_extension() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let id = &created.subscriber_id;
    let fault = world.update(id, &["voice"]).await.unwrap_err();
    assert_eq!(
        violations(&fault),
        [("provisioningParameters.extension", "MISSING")]
    );

    let changed = world
        .update_with(id, &["voice"], Some(extension("1000")))
        .await
        .unwrap();
    assert_eq!(
        (changed.extension.as_str(), &changed.location_id),
        ("1000", &world.location.to_string())
    );

    let back = world.update(id, &["meet"]).await.unwrap();
    assert_eq!(
        (back.extension.as_str(), back.location_id.as_str()),
        ("", "")
    );
    world
        .create(world.calling("b@example.com", &["voice"], "1000"))
        .await
        .unwrap();
}

#[tokio::test]
async fn r404_numbers_are_assigned_again_in_the_same_call() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["voice"], "1000"))
        .await
        .unwrap();
    world
        .create(world.calling("b@example.com", &["voice"], "2000"))
        .await
        .unwrap();
    let id = &created.subscriber_id;
    let taken = world
        .update_with(id, &["suite"], Some(extension("2000")))
        .await;
    assert_eq!(verdict(taken), conflict("EXTENSION_IN_USE"));
    assert_eq!(world.get(id).await.unwrap(), created);
    let changed = world
        .update_with(id, &["suite"], Some(extension("3000")))
        .await
        .unwrap();
    assert_eq!(changed.extension, "3000");
}

#[tokio::test]
async fn a_seat_that_moves_is_counted_at_its_new_location() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["voice"], "1000"))
        .await
        .unwrap();
    let branch = uuid::Uuid::from_u128(0xb0);
    let mut entitlement = world.entitlement(world.customer, packages());
    entitlement.location = Some(super::world::location(branch));
    world.entitle(entitlement).await.unwrap();
    let parameters = SubscriberParameters {
        location_id: branch.to_string(),
        ..SubscriberParameters::default()
    };
    let moved = world
        .update_with(&created.subscriber_id, &["voice"], Some(parameters))
        .await;
    assert_eq!(moved.unwrap().location_id, branch.to_string());
    match world.events(3).await[2].kind.as_ref().unwrap() {
        event::Kind::AssignmentStarted(start) => {
            assert_eq!(start.location_id, branch.to_string());
        }
        event::Kind::AssignmentEnded(_) | event::Kind::Audit(_) => {
            panic!("the start comes after the end")
        }
    }
}

#[tokio::test]
async fn a_change_is_held_against_the_same_rules() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    for (wanted, reason) in [
        (&["gold"][..], "PACKAGE_NOT_ENTITLED"),
        (&["plan"], "BASE_PACKAGE_COUNT"),
        (&["meet", "desk"], "PACKAGE_DEPENDENCY"),
        (&["lobby"], "PACKAGE_NOT_ASSIGNABLE"),
        (&[], "MISSING"),
    ] {
        let fault = world
            .update(&created.subscriber_id, wanted)
            .await
            .unwrap_err();
        assert_eq!(fault.kind, Kind::Invalid);
        assert_eq!(fault.violations[0].reason, reason);
    }
    let parameters = SubscriberParameters {
        primary_phone_number: "12".to_owned(),
        extension: "x".to_owned(),
        ..SubscriberParameters::default()
    };
    let result = world
        .update_with(&created.subscriber_id, &["gold"], Some(parameters))
        .await;
    assert_eq!(result.unwrap_err().violations.len(), 3);
}

#[tokio::test]
async fn r403_an_administrator_stays_on_the_level_of_the_beginning() {
    let world = World::new().await;
    let (calling, rest): (Vec<EntitledPackage>, _) =
        packages().into_iter().partition(|package| package.calling);
    let second = uuid::Uuid::from_u128(0xc2);
    world
        .entitle(world.entitlement(second, calling.clone()))
        .await
        .unwrap();
    let all = calling.into_iter().chain(rest).collect();
    world.entitle(world.entitlement(second, all)).await.unwrap();

    let mut ids = Vec::new();
    for (email, extension) in [
        ("first@example.com", "1000"),
        ("second@example.com", "2000"),
    ] {
        let mut request = world.calling(email, &["suite"], extension);
        request.customer_id = second.to_string();
        ids.push(world.create(request).await.unwrap().subscriber_id);
    }
    let refused = (Kind::Precondition, "ADMINISTRATOR_DOWNGRADE".to_owned());
    assert_eq!(verdict(world.update(&ids[0], &["meet"]).await), refused);
    world.update(&ids[0], &["voice"]).await.unwrap();
    world.update(&ids[1], &["meet"]).await.unwrap();
}

#[tokio::test]
async fn r403_an_attached_organization_binds_nobody() {
    // its administrator was there before, so no subscriber is
    let world = World::new().await;
    let second = uuid::Uuid::from_u128(0xc2);
    world
        .identity
        .settle("owner@example.com", organization(second));
    world
        .entitle(world.entitlement(second, packages()))
        .await
        .unwrap();
    let mut request = world.calling("ada@example.com", &["suite"], "1000");
    request.customer_id = second.to_string();
    let created = world.create(request).await.unwrap();
    world
        .update(&created.subscriber_id, &["meet"])
        .await
        .unwrap();
}

#[tokio::test]
async fn r1106_a_suspended_partner_changes_nothing() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let mut suspended = world.partner.clone();
    suspended.suspended = true;
    let request = UpdateSubscriberRequest {
        subscriber_id: created.subscriber_id,
        packages: vec!["meet".to_owned()],
        parameters: None,
    };
    let request = testing::request(request, &suspended);
    let result = world
        .subscribers()
        .update_subscriber(request)
        .await
        .map_err(Into::into);
    assert_eq!(
        verdict(result),
        (Kind::Forbidden, "TENANT_SUSPENDED".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_changed() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    world.delete(&created.subscriber_id).await.unwrap();
    for id in [
        created.subscriber_id.as_str(),
        "nonsense",
        "",
        &world.customer.to_string(),
    ] {
        assert_eq!(verdict(world.update(id, &["meet"]).await), missing());
    }
}

#[tokio::test]
async fn clocks_that_disagree_make_no_overlap() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let at = created.created_at;
    world.clock.advance(TimeDelta::seconds(-30));
    world
        .update(&created.subscriber_id, &["meet", "plan"])
        .await
        .unwrap();
    world.delete(&created.subscriber_id).await.unwrap();
    for event in world.events(4).await {
        match event.kind.unwrap() {
            event::Kind::AssignmentStarted(start) => assert_eq!(start.started_at, at),
            event::Kind::AssignmentEnded(end) => assert_eq!(end.ended_at, at),
            event::Kind::Audit(_) => panic!("left out"),
        }
    }
}
