//! A partner that sells through sub-partners.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use crate::stage::{Partner, Stage, eventually, on_both_stages, subscriber};

on_both_stages!(r1101_r1106_a_parent_acts_for_its_sub_partner);

const CUSTOMERS: &str = "/v1/wholesale/customers";

async fn set_up(parent: &Partner, name: &str, email: &str) -> String {
    let body = json!({
        "name": name,
        "adminEmail": email,
        "adminFirstName": "Olivia",
        "adminLastName": "Brooks",
        "subscriptionId": parent.subscription_id,
    });
    let made = parent.post("/platform/v1/sub-partners", &body).await;
    let made = made.expect_status(201).unwrap();
    assert_eq!(made.text_at("/provisioningState"), "active");
    assert_eq!(made.text_at("/subscriptionId"), parent.subscription_id);
    made.text_at("/orgId").to_owned()
}

async fn r1101_r1106_a_parent_acts_for_its_sub_partner(stage: &Stage) {
    let parent = stage.partner().await;
    let org = set_up(&parent, "North Reseller", "admin@north.example").await;
    let sibling = set_up(&parent, "South Reseller", "admin@south.example").await;
    let listed = parent.get("/v1/wholesale/subPartners").await;
    let listed = listed.expect_status(200).unwrap();
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);

    let acting = parent.for_sub_partner(&org).await;
    let id = acting.provisioned("north-1", &["webex_calling"]).await;
    let body = subscriber(&id, "one@north-1.example", "webex_calling", 1);
    acting.subscribed(&body).await;

    // its own customers only: not in the parent's list, not its sibling's (R-1103)
    assert_eq!(acting.count(CUSTOMERS).await, 1);
    assert_eq!(parent.count(CUSTOMERS).await, 0);
    let beside = parent.for_sub_partner(&sibling).await;
    assert_eq!(beside.count(CUSTOMERS).await, 0);
    let path = Partner::customer_path(&id);
    let foreign = beside.get(&path).await.expect_status(404).unwrap();
    let absent = Partner::customer_path(&crate::stage::public_id("ENTERPRISE", parent.id));
    let absent = beside.get(&absent).await.expect_status(404).unwrap();
    assert_eq!(foreign.body["message"], absent.body["message"]);

    strangers(stage, &parent, &org).await;
    stage.settled().await;
    rolled_up(stage, &org).await;
    let parent = stage.partner().await;
    suspended(&parent, &org, &path).await;
    stage.settled().await;
}

/// Another partner cannot act for it, and is told nothing (R-1203).
async fn strangers(stage: &Stage, parent: &Partner, org: &str) {
    let stranger = stage.other_partner().await;
    let path = format!("{CUSTOMERS}?onBehalfOfSubPartnerOrgId={org}");
    let refused = stranger.get(&path).await;
    let nowhere = crate::stage::public_id("ORGANIZATION", uuid::Uuid::nil());
    let path = format!("{CUSTOMERS}?onBehalfOfSubPartnerOrgId={nowhere}");
    let absent = stranger.get(&path).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    assert_eq!(refused.status, absent.status);
    assert_eq!(refused.body["message"], absent.body["message"]);
    // nor can a parent act for another partner
    let path = format!("{CUSTOMERS}?onBehalfOfSubPartnerOrgId={}", stranger.org());
    assert_eq!(parent.get(&path).await.status, refused.status);
}

/// The sub-partner's usage is in its own report.
async fn rolled_up(stage: &Stage, org: &str) {
    let day = stage.now().date_naive();
    stage.advance(TimeDelta::days(2)).await;
    let parent = stage.partner().await;
    let body = json!({
        "billingStartDate": day.to_string(),
        "billingEndDate": day.to_string(),
        "type": "CUSTOMER",
        "subPartnerOrgId": org,
    });
    let made = parent.post("/v1/wholesale/billing/reports", &body).await;
    let made = made.expect_status(200).unwrap();
    let path = format!("/v1/wholesale/billing/reports/{}", made.text_at("/id"));
    let link = eventually("the report", Duration::from_secs(30), async || {
        let report = parent.get(&path).await.expect_status(200).unwrap();
        (report.text_at("/status") == "COMPLETED")
            .then(|| report.text_at("/tempDownloadURL").to_owned())
    })
    .await;
    let file = stage.nobody().get(&link).await.unwrap();
    let rows = crate::stage::rows(&file.expect_status(200).unwrap().text);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["CUSTOMER_EXTERNAL_ID"], "north-1");
}

/// A suspended one reads and deletes, and does nothing else (R-1106).
async fn suspended(parent: &Partner, org: &str, customer: &str) {
    let acting = parent.for_sub_partner(org).await;
    let path = format!("/platform/v1/sub-partners/{org}");
    let suspended = parent.post(&format!("{path}/suspend"), &json!({})).await;
    let suspended = suspended.expect_status(200).unwrap();
    assert_eq!(suspended.text_at("/provisioningState"), "suspended");

    let body = acting.customer("north-2", &["webex_calling"]);
    let validate = "/v1/wholesale/customers/validate";
    let refused = acting.post(validate, &body).await;
    refused.expect_status(403).unwrap();
    acting.create(&body).await.expect_status(403).unwrap();
    let change = json!({ "externalId": "north-1", "packages": ["webex_calling"] });
    acting
        .put(customer, &change)
        .await
        .expect_status(403)
        .unwrap();
    assert_eq!(acting.count(CUSTOMERS).await, 1);
    acting.delete(customer).await.expect_status(202).unwrap();
    acting.until_gone(customer).await;

    let resumed = parent.post(&format!("{path}/resume"), &json!({})).await;
    let resumed = resumed.expect_status(200).unwrap();
    assert_eq!(resumed.text_at("/provisioningState"), "active");
}
