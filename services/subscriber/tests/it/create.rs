//! Creating subscribers.

use kit::{fault::Kind, testing, time::to_proto};
use proto::subscriber::v1::SubscriberStatus;
use uuid::Uuid;

use super::world::{READ, World, conflict, missing, organization, verdict, violations};

#[tokio::test]
async fn r401_a_subscriber_is_created_at_once_with_its_seat() {
    let world = World::new().await;
    let mut request = world.calling(" Ada@Example.COM ", &["desk", "suite"], "1000");
    let parameters = request.parameters.as_mut().unwrap();
    parameters.primary_phone_number = "+1 415-555-0100".to_owned();
    let created = world.create(request).await.unwrap();
    assert_eq!(created.email, "ada@example.com");
    assert_eq!(created.packages, ["suite", "desk"]);
    assert_eq!(created.customer_id, world.customer.to_string());
    assert_eq!(created.external_customer_id, "external-c1");
    assert_eq!(created.status(), SubscriberStatus::Provisioned);
    assert_eq!(created.location_id, world.location.to_string());
    assert_eq!(created.primary_phone_number, "+14155550100");
    assert_eq!(created.extension, "1000");
    assert_eq!(created.created_at, Some(to_proto(world.clock.now())));
    assert_eq!(created.status_changed_at, created.created_at);
    assert!(!created.person_id.is_empty());
    assert_eq!(world.get(&created.subscriber_id).await.unwrap(), created);
}

#[tokio::test]
async fn r401_a_package_without_calling_has_no_seat() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    assert_eq!(
        (created.location_id.as_str(), created.extension.as_str()),
        ("", "")
    );
}

#[tokio::test]
async fn r401_a_location_can_be_chosen_and_the_first_is_the_default() {
    let world = World::new().await;
    let branch = Uuid::from_u128(0xb0);
    let mut entitlement = world.entitlement(world.customer, super::world::packages());
    entitlement.location = Some(super::world::location(branch));
    world.entitle(entitlement).await.unwrap();

    let first = world
        .create(world.calling("a@example.com", &["voice"], "100"))
        .await
        .unwrap();
    assert_eq!(first.location_id, world.location.to_string());
    // the same extension, elsewhere
    let mut request = world.calling("b@example.com", &["voice"], "100");
    request.parameters.as_mut().unwrap().location_id = branch.to_string();
    assert_eq!(
        world.create(request).await.unwrap().location_id,
        branch.to_string()
    );
}

#[tokio::test]
async fn a_repeated_creation_answers_with_what_there_is() {
    let world = World::new().await;
    let request = world.calling("ada@example.com", &["suite", "desk"], "1000");
    let created = world.create(request.clone()).await.unwrap();
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let mut again = request.clone();
    again.email = "ADA@example.com".to_owned();
    again.packages.reverse();
    again.parameters.as_mut().unwrap().location_id = world.location.to_string();
    assert_eq!(world.create(again).await.unwrap(), created);
    assert_eq!(world.identity.enrolments(), 1);

    let mut other = request;
    other.parameters.as_mut().unwrap().last_name = "Lovelace".to_owned();
    assert_eq!(
        verdict(world.create(other).await),
        conflict("SUBSCRIBER_EXISTS")
    );
}

#[tokio::test]
async fn a_repeated_creation_needs_no_second_unit() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["scarce"]);
    let created = world.create(request.clone()).await.unwrap();
    assert_eq!(world.create(request).await.unwrap(), created);
}

#[tokio::test]
async fn r407_an_email_of_another_organization_is_refused() {
    let world = World::new().await;
    world
        .identity
        .settle("ada@example.com", Uuid::from_u128(0xdead));
    let fault = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Conflict, "EMAIL_IN_USE")
    );
    assert_eq!(violations(&fault), [("email", "EMAIL_IN_USE")]);
}

#[tokio::test]
async fn r407_an_email_of_another_customer_or_partner_is_refused_before_anything_happens() {
    let world = World::new().await;
    let second = Uuid::from_u128(0xc2);
    world
        .entitle(world.entitlement(second, super::world::packages()))
        .await
        .unwrap();
    world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let mut request = world.creation("ada@example.com", &["meet"]);
    request.customer_id = second.to_string();
    assert_eq!(
        verdict(world.create(request).await),
        conflict("EMAIL_IN_USE")
    );

    let stranger = super::world::partner(0xb);
    let third = Uuid::from_u128(0xc3);
    let mut entitlement = world.entitlement(third, super::world::packages());
    entitlement.partner_id = stranger.partner.to_string();
    world.entitle(entitlement).await.unwrap();
    let mut request = world.creation("ada@example.com", &["meet"]);
    request.customer_id = third.to_string();
    assert_eq!(
        verdict(world.create_as(&stranger, request).await),
        conflict("EMAIL_IN_USE")
    );
    assert_eq!(world.identity.enrolments(), 1);
}

#[tokio::test]
async fn r702_a_number_has_one_owner_across_partners_and_nobody_is_enrolled_in_vain() {
    let world = World::new().await;
    let with_number = |email: &str| {
        let mut request = world.creation(email, &["voice"]);
        request.parameters.as_mut().unwrap().primary_phone_number = "+14155550100".to_owned();
        request
    };
    world.create(with_number("a@example.com")).await.unwrap();
    assert_eq!(
        verdict(world.create(with_number("b@example.com")).await),
        conflict("NUMBER_IN_USE")
    );

    let stranger = super::world::partner(0xb);
    let third = Uuid::from_u128(0xc3);
    let mut entitlement = world.entitlement(third, super::world::packages());
    entitlement.partner_id = stranger.partner.to_string();
    world.entitle(entitlement).await.unwrap();
    let mut request = with_number("c@example.com");
    request.customer_id = third.to_string();
    assert_eq!(
        verdict(world.create_as(&stranger, request).await),
        conflict("NUMBER_IN_USE")
    );
    assert_eq!(world.identity.enrolments(), 1);
}

#[tokio::test]
async fn an_extension_has_one_owner_at_its_location() {
    let world = World::new().await;
    world
        .create(world.calling("a@example.com", &["voice"], "1000"))
        .await
        .unwrap();
    let fault = world
        .create(world.calling("b@example.com", &["voice"], "1000"))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Conflict, "EXTENSION_IN_USE")
    );
    let field = "provisioningParameters.extension";
    assert_eq!(violations(&fault), [(field, "EXTENSION_IN_USE")]);
    assert_eq!(world.identity.enrolments(), 1);
}

#[tokio::test]
async fn what_identity_cannot_do_now_can_be_tried_again() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["meet"]);
    world.identity.set_down(true);
    let fault = world.create(request.clone()).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Unavailable);
    world.identity.set_down(false);
    world.create(request).await.unwrap();
}

#[tokio::test]
async fn a_person_enrolled_before_can_become_a_subscriber() {
    let world = World::new().await;
    world
        .identity
        .settle("ada@example.com", organization(world.customer));
    world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
}

#[tokio::test]
async fn r1203_another_partners_customer_is_not_there() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["meet"]);
    let stranger = super::world::partner(0xb);
    assert_eq!(
        verdict(world.create_as(&stranger, request.clone()).await),
        missing()
    );
    for customer in [Uuid::from_u128(0xdead).to_string(), "nonsense".to_owned()] {
        let request = proto::subscriber::v1::CreateSubscriberRequest {
            customer_id: customer,
            ..request.clone()
        };
        assert_eq!(verdict(world.create(request).await), missing());
    }
}

#[tokio::test]
async fn r1106_a_suspended_partner_creates_nothing() {
    let world = World::new().await;
    let mut suspended = world.partner.clone();
    suspended.suspended = true;
    let request = world.creation("ada@example.com", &["meet"]);
    let verdict = verdict(world.create_as(&suspended, request).await);
    assert_eq!(verdict, (Kind::Forbidden, "TENANT_SUSPENDED".to_owned()));
}

#[tokio::test]
async fn r1203_creating_needs_the_scope() {
    let world = World::new().await;
    let kind = kit::auth::CallerKind::Partner;
    let reader = testing::caller(kind, world.partner.partner, &[READ]);
    let request = world.creation("ada@example.com", &["meet"]);
    let verdict = verdict(world.create_as(&reader, request).await);
    assert_eq!(verdict, (Kind::Forbidden, "SCOPE_MISSING".to_owned()));
}
