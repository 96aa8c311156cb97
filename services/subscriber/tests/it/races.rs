//! Two at once.

use kit::fault::{Fault, Kind};
use proto::subscriber::v1::{CreateSubscriberRequest, Subscriber, SubscriberParameters};

use super::world::{World, conflict, packages, verdict};

/// Exactly one of two creations wins; the reason of the other.
async fn loser(
    world: &World,
    one: CreateSubscriberRequest,
    other: CreateSubscriberRequest,
) -> (Kind, String) {
    let (one, other) = tokio::join!(world.create(one), world.create(other));
    let (won, lost): (Vec<_>, Vec<Result<Subscriber, Fault>>) =
        [one, other].into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{lost:?}");
    verdict(lost.into_iter().next().unwrap())
}

const ROUNDS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r407_one_of_two_creations_with_the_same_email_wins() {
    let world = World::new().await;
    let second = uuid::Uuid::from_u128(0xc2);
    world
        .entitle(world.entitlement(second, packages()))
        .await
        .unwrap();
    for round in 0..ROUNDS {
        let email = format!("user{round}@example.com");
        let one = world.creation(&email, &["meet"]);
        let mut other = one.clone();
        other.parameters.as_mut().unwrap().last_name = "Lovelace".to_owned();
        assert_eq!(
            loser(&world, one, other).await,
            conflict("SUBSCRIBER_EXISTS")
        );

        let email = format!("elsewhere{round}@example.com");
        let one = world.creation(&email, &["meet"]);
        let other = CreateSubscriberRequest {
            customer_id: second.to_string(),
            ..one.clone()
        };
        assert_eq!(loser(&world, one, other).await, conflict("EMAIL_IN_USE"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_creations_with_the_same_content_make_one_subscriber() {
    let world = World::new().await;
    for round in 0..ROUNDS {
        let extension = format!("{}", 1000 + round);
        let request = world.calling(
            &format!("u{round}@example.com"),
            &["suite", "desk"],
            &extension,
        );
        let (one, other) = tokio::join!(world.create(request.clone()), world.create(request));
        assert_eq!(one.unwrap(), other.unwrap());
    }
    assert_eq!(world.events(2 * ROUNDS).await.len(), 2 * ROUNDS);

    // the second one finds the only unit taken, by itself
    let request = world.creation("scarce@example.com", &["scarce"]);
    let (one, other) = tokio::join!(world.create(request.clone()), world.create(request));
    assert_eq!(one.unwrap(), other.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r702_one_of_two_takers_of_a_number_or_an_extension_wins() {
    let world = World::new().await;
    for round in 0..ROUNDS {
        let with_number = |name: &str| {
            let mut request = world.creation(&format!("{name}{round}@example.com"), &["voice"]);
            let number = format!("+1415555{:04}", 1000 + round);
            request.parameters.as_mut().unwrap().primary_phone_number = number;
            request
        };
        let lost = loser(&world, with_number("a"), with_number("b")).await;
        assert_eq!(lost, conflict("NUMBER_IN_USE"));

        let extension = format!("{}", 1000 + round);
        let one = world.calling(&format!("c{round}@example.com"), &["voice"], &extension);
        let other = world.calling(&format!("d{round}@example.com"), &["voice"], &extension);
        assert_eq!(
            loser(&world, one, other).await,
            conflict("EXTENSION_IN_USE")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r702_one_of_two_changes_to_an_extension_wins() {
    let world = World::new().await;
    let one = world
        .create(world.creation("a@example.com", &["meet"]))
        .await
        .unwrap();
    let other = world
        .create(world.creation("b@example.com", &["meet"]))
        .await
        .unwrap();
    let wanted = || {
        Some(SubscriberParameters {
            extension: "1000".to_owned(),
            ..SubscriberParameters::default()
        })
    };
    let (one, other) = tokio::join!(
        world.update_with(&one.subscriber_id, &["voice"], wanted()),
        world.update_with(&other.subscriber_id, &["voice"], wanted()),
    );
    assert_ne!(one.is_ok(), other.is_ok());
    let lost = if one.is_ok() { other } else { one };
    assert_eq!(verdict(lost), conflict("EXTENSION_IN_USE"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_unit_goes_to_one() {
    let world = World::new().await;
    for round in 0..ROUNDS {
        let one = world.creation(&format!("a{round}@example.com"), &["scarce"]);
        let other = world.creation(&format!("b{round}@example.com"), &["scarce"]);
        let (one, other) = tokio::join!(world.create(one), world.create(other));
        assert_ne!(one.is_ok(), other.is_ok());
        let (won, lost) = if one.is_ok() {
            (one, other)
        } else {
            (other, one)
        };
        let reached = (Kind::Precondition, "PACKAGE_LIMIT_REACHED".to_owned());
        assert_eq!(verdict(lost), reached);
        world.delete(&won.unwrap().subscriber_id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r101_two_changes_of_one_subscriber_wait_for_each_other() {
    let world = World::new().await;
    let created = world
        .create(world.calling("ada@example.com", &["voice"], "1000"))
        .await
        .unwrap();
    let id = created.subscriber_id.as_str();
    for _ in 0..ROUNDS {
        let (one, other) = tokio::join!(
            world.update(id, &["suite", "desk"]),
            world.update(id, &["meet", "plan"]),
        );
        one.ok();
        other.unwrap();
        let now = world.get(id).await.unwrap();
        assert!(
            [["suite", "desk"], ["meet", "plan"]].contains(&[&now.packages[0], &now.packages[1]])
        );
        let back = SubscriberParameters {
            extension: "1000".to_owned(),
            ..SubscriberParameters::default()
        };
        world.update_with(id, &["voice"], Some(back)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r309_losing_a_package_and_assigning_it_exclude_each_other() {
    let world = World::new().await;
    for round in 0..ROUNDS {
        world
            .entitle(world.entitlement(world.customer, packages()))
            .await
            .unwrap();
        let fewer = packages()
            .into_iter()
            .filter(|package| package.name != "meet")
            .collect();
        let entitlement = world.entitlement(world.customer, fewer);
        let creation = world.creation(&format!("user{round}@example.com"), &["meet"]);
        let (lost, created) = tokio::join!(world.entitle(entitlement), world.create(creation));
        match created {
            Ok(created) => {
                assert_eq!(verdict(lost), conflict("PACKAGE_IN_USE"));
                world.delete(&created.subscriber_id).await.unwrap();
            }
            Err(fault) => {
                lost.unwrap();
                assert_eq!(fault.violations[0].reason, "PACKAGE_NOT_ENTITLED");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r405_of_two_deletions_one_finds_something() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let id = created.subscriber_id.as_str();
    let (one, other) = tokio::join!(world.delete(id), world.delete(id));
    assert_ne!(one.is_ok(), other.is_ok());
    assert_eq!(world.events(2).await.len(), 2);
}
