//! What a creation is refused for. Nobody is enrolled by a refused one.

use kit::fault::Kind;
use proto::subscriber::v1::{CreateSubscriberRequest, SubscriberParameters};

use super::world::{World, packages, verdict, violations};

const NUMBER: &str = "provisioningParameters.primaryPhoneNumber";
const EXTENSION: &str = "provisioningParameters.extension";
const LOCATION: &str = "provisioningParameters.locationId";

async fn refused(world: &World, request: CreateSubscriberRequest, expected: &[(&str, &str)]) {
    let fault = world.create(request).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Invalid, "INVALID_ARGUMENT")
    );
    assert_eq!(violations(&fault), expected);
    assert_eq!(world.identity.enrolments(), 0);
}

#[tokio::test]
async fn all_that_is_missing_is_told_at_once() {
    let world = World::new().await;
    let mut request = CreateSubscriberRequest::default();
    let missing = [
        ("customerId", "MISSING"),
        ("email", "MISSING"),
        ("provisioningParameters.firstName", "MISSING"),
        ("provisioningParameters.lastName", "MISSING"),
    ];
    refused(&world, request.clone(), &missing).await;
    request.customer_id = world.customer.to_string();
    let missing = [missing[1], missing[2], missing[3], ("package", "MISSING")];
    refused(&world, request, &missing).await;
}

#[tokio::test]
async fn problems_of_all_kinds_are_told_at_once() {
    let world = World::new().await;
    let request = CreateSubscriberRequest {
        customer_id: world.customer.to_string(),
        email: "nobody".to_owned(),
        packages: vec!["gold".to_owned(), "lobby".to_owned(), "desk".to_owned()],
        parameters: Some(SubscriberParameters {
            first_name: "A".repeat(65),
            last_name: "B\u{7}".to_owned(),
            primary_phone_number: "0415".to_owned(),
            extension: "1".to_owned(),
            location_id: "nowhere".to_owned(),
        }),
    };
    let expected = [
        ("email", "INVALID_EMAIL"),
        ("provisioningParameters.firstName", "TOO_LONG"),
        ("provisioningParameters.lastName", "INVALID"),
        (NUMBER, "INVALID_PHONE_NUMBER"),
        (EXTENSION, "INVALID_EXTENSION"),
        (LOCATION, "UNKNOWN_LOCATION"),
        ("packages", "PACKAGE_DEPENDENCY"),
        ("packages", "PACKAGE_NOT_ENTITLED"),
        ("packages", "PACKAGE_NOT_ASSIGNABLE"),
    ];
    let fault = world.create(request).await.unwrap_err();
    let mut found = violations(&fault);
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn r101_exactly_one_base_package() {
    let world = World::new().await;
    for wanted in [&["meet", "voice"][..], &["plan", "plan", "meet", "voice"]] {
        let mut request = world.calling("ada@example.com", wanted, "1000");
        request.packages.dedup();
        refused(&world, request, &[("packages", "BASE_PACKAGE_COUNT")]).await;
    }
    let request = world.creation("ada@example.com", &["plan"]);
    refused(&world, request, &[("package", "BASE_PACKAGE_COUNT")]).await;
    let request = world.creation("ada@example.com", &["meet", "meet"]);
    refused(&world, request, &[("packages", "DUPLICATE")]).await;
}

#[tokio::test]
async fn r103_an_add_on_without_what_it_needs_is_refused() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["meet", "desk"]);
    refused(&world, request, &[("packages", "PACKAGE_DEPENDENCY")]).await;
}

#[tokio::test]
async fn r104_a_package_outside_the_entitlement_is_refused() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["gold"]);
    refused(&world, request, &[("package", "PACKAGE_NOT_ENTITLED")]).await;
    let request = world.calling("ada@example.com", &["lobby"], "1000");
    refused(&world, request, &[("package", "PACKAGE_NOT_ASSIGNABLE")]).await;
}

#[tokio::test]
async fn r401_a_calling_package_needs_a_number_or_an_extension() {
    let world = World::new().await;
    let request = world.creation("ada@example.com", &["voice"]);
    refused(&world, request, &[(EXTENSION, "MISSING")]).await;
}

#[tokio::test]
async fn r401_a_seat_is_for_calling_packages_only() {
    let world = World::new().await;
    let mut request = world.calling("ada@example.com", &["meet"], "1000");
    let parameters = request.parameters.as_mut().unwrap();
    parameters.primary_phone_number = "+14155550100".to_owned();
    parameters.location_id = world.location.to_string();
    let expected = [NUMBER, EXTENSION, LOCATION].map(|field| (field, "NO_CALLING_SEAT"));
    refused(&world, request, &expected).await;
}

#[tokio::test]
async fn a_location_of_another_customer_is_unknown() {
    let world = World::new().await;
    let second = uuid::Uuid::from_u128(0xc2);
    world
        .entitle(world.entitlement(second, packages()))
        .await
        .unwrap();
    let mut request = world.calling("ada@example.com", &["voice"], "1000");
    let foreign = super::world::place(second).to_string();
    request.parameters.as_mut().unwrap().location_id = foreign;
    refused(&world, request, &[(LOCATION, "UNKNOWN_LOCATION")]).await;
}

#[tokio::test]
async fn a_calling_package_needs_a_location() {
    let world = World::new().await;
    let second = uuid::Uuid::from_u128(0xc2);
    let mut entitlement = world.entitlement(second, packages());
    entitlement.location = None;
    world.entitle(entitlement).await.unwrap();
    let mut request = world.calling("ada@example.com", &["voice"], "1000");
    request.customer_id = second.to_string();
    refused(&world, request, &[(LOCATION, "MISSING")]).await;
}

#[tokio::test]
async fn a_limit_is_a_limit() {
    let world = World::new().await;
    let first = world
        .create(world.creation("a@example.com", &["scarce"]))
        .await
        .unwrap();
    let second = world.creation("b@example.com", &["scarce"]);
    let reached = (Kind::Precondition, "PACKAGE_LIMIT_REACHED".to_owned());
    assert_eq!(verdict(world.create(second.clone()).await), reached);
    let other = world
        .create(world.creation("c@example.com", &["meet"]))
        .await
        .unwrap();
    assert_eq!(
        verdict(world.update(&other.subscriber_id, &["scarce"]).await),
        reached
    );
    assert_eq!(world.identity.enrolments(), 2);

    world.delete(&first.subscriber_id).await.unwrap();
    world.create(second).await.unwrap();
}
