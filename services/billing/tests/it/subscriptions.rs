//! Blanket subscriptions.

use kit::auth::CallerKind;
use kit::fault::{Fault, Kind};
use kit::id::PartnerId;
use kit::testing;
use proto::billing::v1::{
    CreateSubscriptionRequest, ListSubscriptionsRequest, ReportType, Subscription,
};
use uuid::Uuid;

use super::world::{Give, World, caller};

async fn create(
    world: &World,
    kind: CallerKind,
    partner: PartnerId,
    currency: &str,
) -> Result<Subscription, Fault> {
    let operator = PartnerId::from_uuid(Uuid::nil());
    let caller = testing::caller(kind, operator, &["platform:subscriptions_write"]);
    let request = CreateSubscriptionRequest {
        partner_id: partner.to_string(),
        subscription_id: "Sub1042".to_owned(),
        currency: currency.to_owned(),
    };
    let request = testing::request(request, &caller);
    Ok(world
        .subscriptions()
        .create_subscription(request)
        .await?
        .into_inner())
}

#[tokio::test]
async fn r1401_the_operator_creates_a_subscription_once() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let first = create(&world, CallerKind::Operator, partner, "EUR")
        .await
        .unwrap();
    world.clock.advance(chrono::TimeDelta::hours(1));
    let again = create(&world, CallerKind::Operator, partner, "EUR")
        .await
        .unwrap();
    assert_eq!(first, again);
    let other = create(&world, CallerKind::Operator, partner, "USD")
        .await
        .unwrap_err();
    assert_eq!(other.reason, "SUBSCRIPTION_EXISTS");
    let bad = create(&world, CallerKind::Operator, partner, "euro")
        .await
        .unwrap_err();
    assert_eq!(
        (bad.kind, bad.violations[0].field.as_str()),
        (Kind::Invalid, "currency")
    );
    let refused = create(&world, CallerKind::Partner, partner, "EUR")
        .await
        .unwrap_err();
    assert_eq!(refused.kind, Kind::Forbidden);
}

#[tokio::test]
async fn r1102_a_sub_partner_shares_the_subscription_of_its_parent() {
    let world = World::new().await;
    let parent = world.partner("Parent", None);
    let child = world.partner("Child", Some(parent));
    let stranger = world.partner("Stranger", None);
    world.settle().await;
    create(&world, CallerKind::Operator, parent, "EUR")
        .await
        .unwrap();
    for (partner, count) in [(parent, 1), (child, 1), (stranger, 0)] {
        let request = testing::request(ListSubscriptionsRequest {}, &caller(partner));
        let found = world
            .subscriptions()
            .list_subscriptions(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(found.subscriptions.len(), count);
    }
}

#[tokio::test]
async fn r1401_a_customer_without_a_subscription_is_billed_to_the_partners() {
    let world = World::new().await;
    let parent = world.partner("Parent", None);
    let child = world.partner("Child", Some(parent));
    create(&world, CallerKind::Operator, parent, "EUR")
        .await
        .unwrap();
    for (partner, name) in [(parent, "P"), (child, "C")] {
        let customer = world.customer_on(partner, name, "", "");
        world.begin(
            Give::base(customer, world.uuid(), "webex_calling"),
            "2026-10-01 00:00:00",
        );
    }
    for (partner, quantity) in [(parent, "2"), (child, "1")] {
        let rows = world
            .rows(partner, ReportType::Partner, "2026-10-01", "2026-10-01")
            .await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["SUBSCRIPTION_ID"], "Sub1042");
        assert_eq!(rows[0]["QUANTITY"], quantity);
    }
}
