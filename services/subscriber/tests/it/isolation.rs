//! A partner's subscribers are not there for others (R-1203), by any way in.

use kit::{auth::CallerKind, fault::Fault, testing};
use proto::subscriber::v1::{
    DeleteSubscriberRequest, GetSubscriberRequest, ListSubscribersRequest, ResendConsentRequest,
    UpdateSubscriberRequest,
};

use super::world::{WRITE, World, missing, packages, partner, verdict};

#[tokio::test]
async fn r1203_another_partner_finds_nothing() {
    let world = World::new().await;
    let created = world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    let id = created.subscriber_id.clone();
    let stranger = partner(0xb);
    let mut client = world.subscribers();

    let request = GetSubscriberRequest {
        subscriber_id: id.clone(),
    };
    let result = client
        .get_subscriber(testing::request(request, &stranger))
        .await;
    assert_eq!(verdict(result.map_err(Fault::from)), missing());

    let request = UpdateSubscriberRequest {
        subscriber_id: id.clone(),
        packages: vec!["meet".to_owned(), "plan".to_owned()],
        parameters: None,
    };
    let result = client
        .update_subscriber(testing::request(request, &stranger))
        .await;
    assert_eq!(verdict(result.map_err(Fault::from)), missing());

    let request = DeleteSubscriberRequest {
        subscriber_id: id.clone(),
    };
    let result = client
        .delete_subscriber(testing::request(request, &stranger))
        .await;
    assert_eq!(verdict(result.map_err(Fault::from)), missing());

    let request = ResendConsentRequest {
        subscriber_id: id.clone(),
    };
    let result = client
        .resend_consent(testing::request(request, &stranger))
        .await;
    assert_eq!(verdict(result.map_err(Fault::from)), missing());

    for request in [
        ListSubscribersRequest::default(),
        ListSubscribersRequest {
            customer_id: world.customer.to_string(),
            ..ListSubscribersRequest::default()
        },
        ListSubscribersRequest {
            email: created.email.clone(),
            ..ListSubscribersRequest::default()
        },
    ] {
        let request = testing::request(request, &stranger);
        let page = client.list_subscribers(request).await.unwrap().into_inner();
        assert!(page.subscribers.is_empty());
    }
    assert_eq!(world.get(&id).await.unwrap(), created);
}

#[tokio::test]
async fn r1203_an_entitlement_touches_the_named_partner_only() {
    let world = World::new().await;
    world
        .create(world.creation("ada@example.com", &["meet"]))
        .await
        .unwrap();
    // the same customer id under another partner is another customer
    let mut request = world.entitlement(world.customer, packages());
    request.partner_id = partner(0xb).partner.to_string();
    request.packages.truncate(1);
    world.entitle(request).await.unwrap();
    world
        .create(world.creation("b@example.com", &["meet"]))
        .await
        .unwrap();
}

#[tokio::test]
async fn r1203_reading_needs_the_scope() {
    let world = World::new().await;
    let writer = testing::caller(CallerKind::Partner, world.partner.partner, &[WRITE]);
    let mut client = world.subscribers();
    let request = testing::request(ListSubscribersRequest::default(), &writer);
    let result = client.list_subscribers(request).await;
    assert_eq!(verdict(result.map_err(Fault::from)).1, "SCOPE_MISSING");
    let request = GetSubscriberRequest::default();
    let result = client
        .get_subscriber(testing::request(request, &writer))
        .await;
    assert_eq!(verdict(result.map_err(Fault::from)).1, "SCOPE_MISSING");
}
