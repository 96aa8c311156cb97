//! Prechecks.

use kit::{
    fault::{Fault, Kind},
    testing,
};
use proto::subscriber::v1::{
    CreateSubscriberRequest, PrecheckSubscriberRequest, SubscriberParameters,
};
use uuid::Uuid;

use super::world::{World, missing, organization, verdict, violations};

impl World {
    async fn precheck(&self, request: PrecheckSubscriberRequest) -> Result<(), Fault> {
        let request = testing::request(request, &self.partner);
        self.subscribers().precheck_subscriber(request).await?;
        Ok(())
    }
}

fn check(subscriber: CreateSubscriberRequest) -> PrecheckSubscriberRequest {
    PrecheckSubscriberRequest {
        subscriber: Some(subscriber),
        ..PrecheckSubscriberRequest::default()
    }
}

#[tokio::test]
async fn r408_a_precheck_changes_nothing_and_the_creation_then_works() {
    let world = World::new().await;
    let request = world.calling("ada@example.com", &["suite", "desk"], "1000");
    world.precheck(check(request.clone())).await.unwrap();
    assert_eq!(world.identity.enrolments(), 0);
    world.create(request.clone()).await.unwrap();
    // it would be answered with what there is
    world.precheck(check(request)).await.unwrap();
}

#[tokio::test]
async fn r408_all_problems_are_told_at_once() {
    let world = World::new().await;
    world
        .create(world.creation("first@example.com", &["scarce"]))
        .await
        .unwrap();
    world
        .identity
        .settle("ada@example.com", Uuid::from_u128(0xdead));
    let mut request = world.calling("ada@example.com", &["scarce"], "1000");
    request.parameters.as_mut().unwrap().first_name = String::new();
    let fault = world.precheck(check(request)).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Invalid, "INVALID_ARGUMENT")
    );
    assert_eq!(
        violations(&fault),
        [
            ("provisioningParameters.firstName", "MISSING"),
            ("provisioningParameters.extension", "NO_CALLING_SEAT"),
            ("email", "EMAIL_IN_USE"),
            ("package", "PACKAGE_LIMIT_REACHED"),
        ]
    );
}

#[tokio::test]
async fn r408_what_others_have_is_told_together() {
    let world = World::new().await;
    let mut taken = world.calling("a@example.com", &["voice"], "1000");
    taken.parameters.as_mut().unwrap().primary_phone_number = "+14155550100".to_owned();
    world.create(taken.clone()).await.unwrap();
    world
        .identity
        .settle("b@example.com", Uuid::from_u128(0xdead));
    taken.email = "b@example.com".to_owned();
    let fault = world.precheck(check(taken)).await.unwrap_err();
    let reasons: Vec<&str> = violations(&fault)
        .into_iter()
        .map(|(_, reason)| reason)
        .collect();
    assert_eq!(
        reasons,
        ["NUMBER_IN_USE", "EXTENSION_IN_USE", "EMAIL_IN_USE"]
    );
    assert_eq!(fault.kind, Kind::Conflict);
}

#[tokio::test]
async fn r407_r408_a_bare_email_is_checked() {
    let world = World::new().await;
    let bare = |email: &str| {
        check(CreateSubscriberRequest {
            email: email.to_owned(),
            ..CreateSubscriberRequest::default()
        })
    };
    world.precheck(bare("ada@example.com")).await.unwrap();
    world
        .identity
        .settle("ada@example.com", organization(world.customer));
    let fault = world.precheck(bare("Ada@example.com")).await.unwrap_err();
    assert_eq!(violations(&fault), [("email", "EMAIL_IN_USE")]);
    let fault = world.precheck(bare("")).await.unwrap_err();
    assert_eq!(violations(&fault), [("email", "MISSING")]);
    let fault = world
        .precheck(PrecheckSubscriberRequest::default())
        .await
        .unwrap_err();
    assert_eq!(violations(&fault), [("email", "MISSING")]);
}

#[tokio::test]
async fn r408_with_a_customer_what_is_there_is_checked() {
    let world = World::new().await;
    let mut request = world.creation("ada@example.com", &["meet"]);
    request.packages.clear();
    request.parameters = None;
    world.precheck(check(request.clone())).await.unwrap();
    request.packages = vec!["gold".to_owned()];
    let fault = world.precheck(check(request.clone())).await.unwrap_err();
    assert_eq!(violations(&fault), [("package", "PACKAGE_NOT_ENTITLED")]);
    request.packages = vec!["voice".to_owned()];
    world.precheck(check(request.clone())).await.unwrap();

    world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    assert_eq!(
        verdict(world.precheck(check(request)).await).1,
        "SUBSCRIBER_EXISTS"
    );
}

#[tokio::test]
async fn r408_for_a_new_customer_emails_and_parameters_are_checked() {
    let world = World::new().await;
    let new = |email: &str, primary: &str| PrecheckSubscriberRequest {
        subscriber: Some(CreateSubscriberRequest {
            email: email.to_owned(),
            packages: vec!["gold".to_owned()],
            parameters: Some(SubscriberParameters {
                first_name: "Ada".to_owned(),
                extension: "1".to_owned(),
                ..SubscriberParameters::default()
            }),
            ..CreateSubscriberRequest::default()
        }),
        provisioning_id: "1a2b".to_owned(),
        customer_primary_email: primary.to_owned(),
    };
    world
        .identity
        .settle("boss@example.com", Uuid::from_u128(0xdead));
    let fault = world
        .precheck(new("ada@example.com", "boss@example.com"))
        .await
        .unwrap_err();
    assert_eq!(
        violations(&fault),
        [
            ("provisioningParameters.lastName", "MISSING"),
            ("provisioningParameters.extension", "INVALID_EXTENSION"),
            ("customerInfo.primaryEmail", "EMAIL_IN_USE"),
        ]
    );
    let mut both = new("ada@example.com", "");
    both.subscriber.as_mut().unwrap().customer_id = world.customer.to_string();
    let fault = world.precheck(both).await.unwrap_err();
    let fields: Vec<&str> = violations(&fault)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert!(fields.contains(&"provisioningId"), "{fields:?}");
    assert!(fields.contains(&"customerInfo.primaryEmail"), "{fields:?}");
}

#[tokio::test]
async fn r1203_another_partners_customer_is_not_there() {
    let world = World::new().await;
    let request = check(world.creation("ada@example.com", &["meet"]));
    let request = testing::request(request, &super::world::partner(0xb));
    let result = world
        .subscribers()
        .precheck_subscriber(request)
        .await
        .map_err(Into::into);
    assert_eq!(verdict(result), missing());
}
