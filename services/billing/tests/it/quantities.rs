//! Quantities as printed.

use proto::billing::v1::ReportType;

use super::world::{Give, World, at};

#[tokio::test]
async fn r1403_whole_and_half_days() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let whole = world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-09-01 08:00:00",
    );
    world.end(whole, "2026-11-01 00:00:00");
    let half = world.begin(
        Give::base(customer, world.uuid(), "webex_suite"),
        "2026-10-05 06:00:00",
    );
    world.end(half, "2026-10-05 18:00:00");

    let rows = world
        .rows(partner, ReportType::Partner, "2026-10-01", "2026-10-31")
        .await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["SERVICE_NAME"], "WEBEX_CALLING");
    assert_eq!(rows[0]["QUANTITY"], "31");
    assert_eq!(rows[1]["SERVICE_NAME"], "WEBEX_SUITE");
    assert_eq!(rows[1]["QUANTITY"], "0.5");
    assert_eq!(rows[1]["SKU"], "SKU-SUITE");
    assert_eq!(rows[1]["DESCRIPTION"], "Suite, all of it");
    assert_eq!(rows[1]["SUBSCRIPTION_ID"], "Sub1");
    assert_eq!(rows[1]["CONSUMPTION_START_DATE"], "2026-10-01");
    assert_eq!(rows[1]["CONSUMPTION_END_DATE"], "2026-10-31");
}

#[tokio::test]
async fn r1402_use_that_goes_on_counts_to_the_end_of_the_period() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-30 12:00:00",
    );
    let rows = world
        .rows(partner, ReportType::User, "2026-10-01", "2026-10-31")
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["QUANTITY"], "1.5");
}

#[tokio::test]
async fn r1402_a_change_of_package_within_a_day_splits_it() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let user = world.uuid();
    let first = world.begin(
        Give::base(customer, user, "webex_calling"),
        "2026-10-05 00:00:00",
    );
    world.end(first, "2026-10-05 06:00:00");
    let second = world.begin(
        Give::base(customer, user, "webex_suite"),
        "2026-10-05 06:00:00",
    );
    world.end(second, "2026-10-06 00:00:00");
    let rows = world
        .rows(partner, ReportType::User, "2026-10-05", "2026-10-05")
        .await;
    let quantities: Vec<_> = rows
        .iter()
        .map(|row| (row["SERVICE_NAME"].as_str(), row["QUANTITY"].as_str()))
        .collect();
    assert_eq!(
        quantities,
        [("WEBEX_CALLING", "0.25"), ("WEBEX_SUITE", "0.75")]
    );
}

#[tokio::test]
async fn r1402_nothing_is_billed_before_the_deferred_start() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.deferred_customer(partner, "ACME", "2026-10-11");
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    let early = world.begin(
        Give::base(customer, world.uuid(), "webex_suite"),
        "2026-10-01 00:00:00",
    );
    world.end(early, "2026-10-10 00:00:00");
    let rows = world
        .rows(partner, ReportType::Partner, "2026-10-01", "2026-10-20")
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["QUANTITY"], "10");
}

#[tokio::test]
async fn r1402_use_of_no_length_is_no_use_and_seconds_are_cut() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    let begin = at("2026-10-05 00:00:00");
    let millis = chrono::TimeDelta::milliseconds;
    let brief = world.begin_at(Give::base(customer, world.uuid(), "webex_suite"), begin);
    world.end_at(brief, begin + millis(999));
    let second = world.begin_at(
        Give::base(customer, world.uuid(), "webex_calling"),
        begin + millis(999),
    );
    world.end_at(second, begin + millis(1_000));
    let rows = world
        .rows(partner, ReportType::User, "2026-10-05", "2026-10-05")
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["SERVICE_NAME"], "WEBEX_CALLING");
    assert_eq!(rows[0]["QUANTITY"], "0.000012");
}

#[tokio::test]
async fn r1405_columns_and_text_of_a_customer_report() {
    let world = World::new().await;
    let partner = world.partner("=Partner, \"The\" Best", None);
    let customer = world.customer(partner, "@SUM(A1)");
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-05 00:00:00",
    );
    let file = world
        .file(partner, ReportType::Customer, "2026-10-05", "2026-10-05")
        .await;
    let (header, row) = file.split_once("\r\n").unwrap();
    assert_eq!(
        header,
        "PARTNER_NAME,PARTNER_ORG_ID,CUSTOMER_ORG_ID,CUSTOMER_EXTERNAL_ID,SUBSCRIPTION_ID,\
         SERVICE_NAME,SKU,DESCRIPTION,CONSUMPTION_START_DATE,CONSUMPTION_END_DATE,QUANTITY,\
         LOCATION_ID"
    );
    assert!(row.starts_with("\"'=Partner, \"\"The\"\" Best\",Y2lz"));
    assert!(row.ends_with(",1,\r\n"));
    let row = &super::world::rows_of(&file)[0];
    assert_eq!(row["CUSTOMER_EXTERNAL_ID"], "'@SUM(A1)");
    assert_eq!(row.len(), 12);
}

#[tokio::test]
async fn r1405_a_report_without_usage_is_its_header() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let file = world
        .file(partner, ReportType::User, "2026-10-05", "2026-10-05")
        .await;
    assert_eq!(file.lines().count(), 1);
    assert!(file.contains(",QUANTITY,LOCATION_ID,SUBSCRIBER_ID,USER_ID,WORKSPACE_ID\r\n"));
}
