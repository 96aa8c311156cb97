//! Nothing that was used is lost, and nothing is reported before it is known.

use std::time::Duration;

use kit::testing;
use proto::billing::v1::event::Kind;
use proto::billing::v1::events_client::EventsClient;
use proto::billing::v1::{ReportStatus, ReportType};
use proto::feed::v1::FollowRequest;

use super::world::{Give, World};

#[tokio::test]
async fn r1402_an_end_without_a_beginning_stops_the_follower() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let held = world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    world.end(held, "2026-10-02 00:00:00");
    world.settle().await;
    world.end(held, "2026-10-03 00:00:00");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.position("subscriber").await, 2);
}

#[tokio::test]
async fn r1402_a_second_beginning_in_one_slot_stops_the_follower() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let user = world.uuid();
    world.begin(
        Give::base(customer, user, "webex_calling"),
        "2026-10-01 00:00:00",
    );
    world.settle().await;
    world.begin(
        Give::base(customer, user, "webex_suite"),
        "2026-10-02 00:00:00",
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.position("subscriber").await, 1);
}

#[tokio::test]
async fn r1402_an_add_on_is_a_slot_of_its_own() {
    let world = World::new().await;
    world.package("attendant_console", "SKU-AC", "Attendant Console");
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let user = world.uuid();
    world.begin(
        Give::base(customer, user, "webex_calling"),
        "2026-10-01 00:00:00",
    );
    let add_on = Give {
        slot: "attendant_console",
        ..Give::base(customer, user, "attendant_console")
    };
    world.begin(add_on, "2026-10-02 00:00:00");
    let rows = world
        .rows(partner, ReportType::User, "2026-10-01", "2026-10-02")
        .await;
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row["SERVICE_NAME"].as_str(), row["QUANTITY"].as_str()))
        .collect();
    assert_eq!(found, [("ATTENDANT_CONSOLE", "1"), ("WEBEX_CALLING", "2")]);
}

#[tokio::test]
async fn r1405_a_report_waits_for_a_feed_that_is_behind() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    world.settle().await;
    // The follower cannot handle what comes: the table that it writes to is locked.
    let mut owner = world.owner().await;
    sqlx::raw_sql("begin; lock table billing.usage_open in share row exclusive mode;")
        .execute(&mut owner)
        .await
        .unwrap();
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    let report = world
        .create(partner, ReportType::Partner, "2026-10-01", "2026-10-01")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let waiting = world.get(partner, &report.report_id).await.unwrap();
    assert_eq!(waiting.status(), ReportStatus::InProgress);
    sqlx::raw_sql("rollback").execute(&mut owner).await.unwrap();
    world.settle().await;
    world.clock.advance(chrono::TimeDelta::seconds(5));
    let report = world.finished(partner, &report.report_id).await;
    let file = world
        .download(super::world::link_of(&report.download_path))
        .await
        .unwrap();
    assert_eq!(super::world::rows_of(&file)[0]["QUANTITY"], "1");
}

#[tokio::test]
async fn r1405_the_end_of_a_report_is_told_on_the_feed() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    world.settle().await;
    let report = world
        .create(partner, ReportType::Customer, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    let service = testing::caller(kit::auth::CallerKind::Service, partner, &["internal"]);
    let request = FollowRequest {
        consumer: "test".to_owned(),
        after_position: 0,
    };
    let mut events = EventsClient::new(world.link.clone())
        .follow(testing::request(request, &service))
        .await
        .unwrap()
        .into_inner();
    let mut next = async || {
        let event = tokio::time::timeout(Duration::from_secs(20), events.message());
        let event = event.await.unwrap().unwrap().unwrap();
        assert_eq!(event.header.unwrap().partner_id, partner.to_string());
        event.kind.unwrap()
    };
    let Kind::Audit(act) = next().await else {
        panic!("it was asked for")
    };
    assert_eq!(act.action, "report.created");
    let Kind::ReportChanged(changed) = next().await else {
        panic!("another event")
    };
    let told = changed.report.unwrap();
    assert_eq!(told.report_id, report.report_id);
    assert_eq!(told.status(), ReportStatus::Completed);
    assert_eq!(told.download_path, "");
}
