//! No customer escapes restricted-party screening.

use chrono::TimeDelta;
use serde_json::json;

use crate::stage::{Partner, Stage, listed_customer, on_both_stages, subscriber};

on_both_stages!(
    r603_r604_a_listed_party_waits_and_goes_on_once_approved,
    r604_a_rejected_party_ends_in_an_error,
    r604_an_undecided_case_expires_after_72_hours,
    r601_a_new_address_is_screened_again,
);

/// A customer in review: where it is, its id, the id of its case.
async fn in_review(stage: &Stage, partner: &Partner, external_id: &str) -> (String, String) {
    let body = listed_customer(&partner.provisioning_id, external_id);
    let url = partner.accepted(&body).await;
    let waiting = partner.until(&url, "pending_rpl_review").await;
    let case = open_case(stage, waiting.text_at("/id")).await;
    (url, case)
}

async fn open_case(stage: &Stage, customer_id: &str) -> String {
    let path = format!("/platform/v1/screening/cases?customerId={customer_id}&status=open");
    let found = stage.reviewer().await.get(&path).await.unwrap();
    let found = found.expect_status(200).unwrap();
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
    let hits = found.body["items"][0]["hits"].as_array().unwrap();
    assert!(!hits.is_empty());
    found.text_at("/items/0/id").to_owned()
}

async fn decide(stage: &Stage, case: &str, decision: &str) {
    let path = format!("/platform/v1/screening/cases/{case}/decide");
    let body = json!({ "decision": decision, "reason": "looked at by a person" });
    let decided = stage.reviewer().await.post(&path, &body).await.unwrap();
    decided.expect_status(200).unwrap();
}

async fn r603_r604_a_listed_party_waits_and_goes_on_once_approved(stage: &Stage) {
    let partner = stage.partner().await;
    let (url, case) = in_review(stage, &partner, "listed-1").await;
    let waiting = partner.get(&url).await;
    let email = "early@listed-1.example";
    let early = subscriber(waiting.text_at("/id"), email, "webex_calling", 1);
    let refused = partner.subscribe(&early).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    // the partner may look, not decide
    let path = format!("/platform/v1/screening/cases/{case}/decide");
    let own = partner
        .post(&path, &json!({ "decision": "approve", "reason": "ours" }))
        .await;
    assert!([403, 404].contains(&own.status.as_u16()), "{}", own.text);

    decide(stage, &case, "approve").await;
    let done = partner.until(&url, "provisioned").await;
    // what was still waiting can be provisioned now
    let late = subscriber(done.text_at("/id"), email, "webex_calling", 1);
    partner.subscribed(&late).await;
    stage.settled().await;
}

async fn r604_a_rejected_party_ends_in_an_error(stage: &Stage) {
    let partner = stage.partner().await;
    let (url, case) = in_review(stage, &partner, "listed-2").await;
    decide(stage, &case, "reject").await;
    let ended = partner.until(&url, "error").await;
    assert!(
        ended.body["errors"][0]["errorCode"].is_i64(),
        "{}",
        ended.text
    );
    assert_ne!(ended.text_at("/errors/0/description"), "");
    // decided once and for all
    let path = format!("/platform/v1/screening/cases/{case}/decide");
    let body = json!({ "decision": "approve", "reason": "changed my mind" });
    let again = stage.reviewer().await.post(&path, &body).await.unwrap();
    assert!(again.status.is_client_error(), "{}", again.text);
    let late = subscriber(
        ended.text_at("/id"),
        "late@listed-2.example",
        "webex_calling",
        1,
    );
    let refused = partner.subscribe(&late).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    stage.settled().await;
}

async fn r604_an_undecided_case_expires_after_72_hours(stage: &Stage) {
    let partner = stage.partner().await;
    let (url, case) = in_review(stage, &partner, "listed-3").await;
    stage.advance(TimeDelta::hours(71)).await;
    let partner = stage.partner().await;
    let waiting = partner.get(&url).await.expect_status(200).unwrap();
    assert_eq!(waiting.text_at("/status"), "pending_rpl_review");
    stage.advance(TimeDelta::minutes(61)).await;
    let partner = stage.partner().await;
    let ended = partner.until(&url, "error").await;
    assert_ne!(ended.text_at("/errors/0/description"), "");
    let path = format!("/platform/v1/screening/cases/{case}");
    let expired = stage.reviewer().await.get(&path).await.unwrap();
    assert_eq!(expired.text_at("/status"), "expired");
    stage.settled().await;
}

async fn r601_a_new_address_is_screened_again(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("moving-1", &["webex_calling"]).await;
    let path = Partner::customer_path(&id);
    let mut body = json!({ "externalId": "moving-1", "packages": ["webex_calling"] });
    body["address"] = json!({
        "addressLine1": "9 Harbor Drive",
        "city": "Portland",
        "stateOrProvince": "OR",
        "zipOrPostalCode": "97035",
        "country": "US",
    });
    let changed = partner.put(&path, &body).await.expect_status(202).unwrap();
    assert!(changed.header("location").ends_with(&id));
    let done = partner.until(&path, "provisioned").await;
    assert_eq!(done.text_at("/address/city"), "Portland");
    let screenings: i64 = sqlx::query_scalar("select count(*) from compliance.screening")
        .fetch_one(&mut stage.sql().await)
        .await
        .unwrap();
    assert_eq!(screenings, 2);
    // no new address, no new screening
    let body = json!({ "externalId": "moving-1", "packages": ["webex_calling", "webex_meetings"] });
    partner.put(&path, &body).await.expect_status(202).unwrap();
    partner.until(&path, "provisioned").await;
    let screenings: i64 = sqlx::query_scalar("select count(*) from compliance.screening")
        .fetch_one(&mut stage.sql().await)
        .await
        .unwrap();
    assert_eq!(screenings, 2);
    stage.settled().await;
}
