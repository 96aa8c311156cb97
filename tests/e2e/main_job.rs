//! A service provider's month: from the token to the report that its bill is checked with.

use std::{collections::BTreeSet, time::Duration};

use chrono::{Days, NaiveDate, TimeDelta};
use entrepot::client::Client;
use serde_json::json;

use crate::stage::{Partner, Stage, on_both_stages, rows, subscriber};

on_both_stages!(r301_r401_r1402_from_the_token_to_the_report);

const PACKAGES: [&str; 3] = ["webex_calling", "webex_suite", "webex_meetings"];

async fn r301_r401_r1402_from_the_token_to_the_report(stage: &Stage) {
    let mut partner = stage.partner().await;
    partner.provisioning_id = partner.template("Small offices").await;
    let (customer_id, subscribers) = onboard(stage, &partner).await;
    change_and_remove(&partner, &customer_id, &subscribers).await;
    lists(&partner, &customer_id, &subscribers).await;
    stage.settled().await;
    let first_day = stage.first_day().await;

    stage.advance(TimeDelta::days(3)).await;
    let partner = stage.partner().await;
    stage.three_levels(&partner, first_day).await;
    whole_day(&partner, first_day + Days::new(1)).await;
    links(stage, first_day).await;
}

/// A customer with five subscribers; their ids.
async fn onboard(stage: &Stage, partner: &Partner) -> (String, Vec<String>) {
    let url = partner
        .accepted(&partner.customer("prairie-1", &PACKAGES))
        .await;
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let done = partner.until(&url, "provisioned").await;
    assert_eq!(done.header("location"), url);
    assert_eq!(done.text_at("/externalId"), "prairie-1");
    assert_ne!(done.text_at("/orgId"), "");
    assert_eq!(done.body["packages"], json!(PACKAGES));
    let details = done.body["resourceDetails"]["packages"].as_array().unwrap();
    assert_eq!(details.len(), 3);
    assert!(details.iter().all(|one| one["status"] == "provisioned"));

    let customer_id = done.text_at("/id").to_owned();
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = format!("user{number}@prairie-1.example");
        let body = subscriber(&customer_id, &email, "webex_calling", number);
        let made = partner.subscribe(&body).await.expect_status(200).unwrap();
        assert_eq!(made.text_at("/email"), email);
        assert_eq!(made.text_at("/package"), "webex_calling");
        assert!(made.header("location").ends_with(made.text_at("/id")));
        ids.push(made.text_at("/id").to_owned());
    }
    // the first one, and nobody else, administers the new organization
    let administrators: Vec<String> =
        sqlx::query_scalar("select email from identity.person where administrator")
            .fetch_all(&mut stage.sql().await)
            .await
            .unwrap();
    assert!(administrators.contains(&"user0@prairie-1.example".to_owned()));
    for number in 1..5 {
        assert!(!administrators.contains(&format!("user{number}@prairie-1.example")));
    }
    (customer_id, ids)
}

async fn change_and_remove(partner: &Partner, customer_id: &str, subscribers: &[String]) {
    // long enough that both packages are metered
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let path = Partner::subscriber_path(&subscribers[1]);
    let changed = partner
        .put(&path, &json!({ "package": "webex_suite" }))
        .await;
    let changed = changed.expect_status(200).unwrap();
    assert_eq!(changed.text_at("/package"), "webex_suite");

    let path = Partner::subscriber_path(&subscribers[2]);
    partner.delete(&path).await.expect_status(204).unwrap();
    partner.get(&path).await.expect_status(404).unwrap();
    // the address is free again
    let again = subscriber(customer_id, "user2@prairie-1.example", "webex_meetings", 2);
    let again = partner.subscribed(&again).await;
    let path = Partner::subscriber_path(&again);
    partner.delete(&path).await.expect_status(204).unwrap();
}

async fn lists(partner: &Partner, customer_id: &str, subscribers: &[String]) {
    let path = format!("/v1/wholesale/subscribers?customerId={customer_id}&max=2");
    let pages = partner.pages(&path).await;
    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2]);
    let found: BTreeSet<_> = pages
        .iter()
        .flatten()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    let wanted: BTreeSet<_> = [0, 1, 3, 4].map(|n| subscribers[n].clone()).into();
    assert_eq!(found, wanted);

    // by offset, as a partner's script pages
    let second = partner.get(&format!("{path}&offset=2")).await;
    let second = second.expect_status(200).unwrap();
    assert_eq!(second.body["items"], json!(pages[1]));

    let by_external = "/v1/wholesale/customers?externalId=prairie-1";
    let found = partner.get(by_external).await.expect_status(200).unwrap();
    assert_eq!(found.text_at("/items/0/id"), customer_id);
    assert_eq!(
        partner.count("/v1/wholesale/customers?externalId=no").await,
        0
    );
}

/// A day that everybody had a package all day long: a whole one each (R-1403).
async fn whole_day(partner: &Partner, day: NaiveDate) {
    let day = day.to_string();
    let rows = rows(&partner.csv("USER", &day, &day).await);
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows.iter().all(|row| row["QUANTITY"] == "1"), "{rows:?}");
    let sold: BTreeSet<_> = rows
        .iter()
        .map(|row| row["SERVICE_NAME"].as_str())
        .collect();
    assert_eq!(sold, BTreeSet::from(["WEBEX_CALLING", "WEBEX_SUITE"]));
}

/// A link lasts for half an hour (R-1407) and dies with its report (R-1406).
async fn links(stage: &Stage, first_day: NaiveDate) {
    let partner = stage.partner().await;
    let day = first_day.to_string();
    let (path, link) = partner.report("PARTNER", &day, &day).await;
    let anybody = Client::new("");
    let file = anybody
        .get(&link)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    assert!(file.header("content-type").starts_with("text/csv"));
    let body = json!({ "billingStartDate": day, "billingEndDate": day, "type": "PARTNER" });
    let again = partner.post("/v1/wholesale/billing/reports", &body).await;
    again.expect_status(409).unwrap();

    stage.advance(TimeDelta::minutes(31)).await;
    let anybody = Client::new("");
    anybody
        .get(&link)
        .await
        .unwrap()
        .expect_status(403)
        .unwrap();
    let partner = stage.partner().await;
    let renewed = partner.get(&path).await.expect_status(200).unwrap();
    let link = renewed.text_at("/tempDownloadURL").to_owned();
    anybody
        .get(&link)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    partner.delete(&path).await.expect_status(204).unwrap();
    anybody
        .get(&link)
        .await
        .unwrap()
        .expect_status(403)
        .unwrap();
    partner.get(&path).await.expect_status(404).unwrap();
}
