//! What a partner restricts for its customers: frozen from the template, switched for one, off when
//! attached.

use entrepot::client::Answer;
use hyper::Method;
use serde_json::{Value, json};

use crate::stage::{Partner, Stage, customer, on_both_stages};

on_both_stages!(
    a39_a_changed_template_touches_nobody,
    a40_attach_keeps_the_organization_and_frees_it,
);

const PACKAGES: [&str; 1] = ["webex_calling"];

/// The organization of a customer that is provisioned.
async fn organization(partner: &Partner, url: &str) -> String {
    let done = partner.until(url, "provisioned").await;
    done.text_at("/orgId").to_owned()
}

fn settings_of(org: &str) -> String {
    format!("/platform/v1/organizations/{org}/settings")
}

async fn is_restricted(partner: &Partner, org: &str) -> bool {
    let found = partner.get(&settings_of(org)).await;
    let found = found.expect_status(200).unwrap();
    found.body["restrictedByPartner"].as_bool().unwrap()
}

async fn change(partner: &Partner, org: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json")];
    let (path, body) = (settings_of(org), body.to_string().into());
    let sent = partner.api.send(Method::PATCH, &path, &headers, body);
    sent.await.unwrap()
}

async fn a39_a_changed_template_touches_nobody(stage: &Stage) {
    let partner = stage.partner().await;
    let mut body = json!({
        "name": "Restriction",
        "country": "US",
        "language": "en_US",
        "subscriptionId": partner.subscription_id,
        "serviceProviderAdmin": "admin@telecom.example",
    });
    let made = partner
        .post("/platform/v1/onboarding-templates", &body)
        .await;
    let made = made.expect_status(201).unwrap();
    let provisioning_id = made.text_at("/provisioningId");
    let first = customer(provisioning_id, "a39-1", &PACKAGES);
    let first = partner.accepted(&first).await;
    let first = organization(&partner, &first).await;
    assert!(
        is_restricted(&partner, &first).await,
        "r1001: on by default"
    );

    body["restrictedByPartner"] = json!(false);
    let path = format!("/platform/v1/onboarding-templates/{}", made.text_at("/id"));
    let changed = partner.put(&path, &body).await;
    changed.expect_status(200).unwrap();
    let second = customer(provisioning_id, "a39-2", &PACKAGES);
    let second = partner.accepted(&second).await;
    let second = organization(&partner, &second).await;
    assert!(!is_restricted(&partner, &second).await);
    assert!(is_restricted(&partner, &first).await, "it stays as it was");

    switched(stage, &partner, &first).await;
}

/// The partner switches it for one customer, under both names.
async fn switched(stage: &Stage, partner: &Partner, org: &str) {
    let off = change(partner, org, json!({ "restrictedByPartner": false })).await;
    off.expect_status(200).unwrap();
    assert!(!is_restricted(partner, org).await);
    let published = format!("/v1/settings/organizations/{org}/settings");
    let body = json!({ "key": "restricted_by_partner", "value": true });
    let on = partner.post(&published, &body).await;
    on.expect_status(200).unwrap();
    let one = format!("{published}/restricted_by_partner");
    let one = partner.get(&one).await.expect_status(200).unwrap();
    assert_eq!(one.body["value"], true);

    // r1005: enterprise settings are those of a customer with another subscription
    let enterprise = json!({ "restrictEnterpriseSettings": true });
    let refused = change(partner, org, enterprise).await;
    refused.expect_status(400).unwrap();
    let hybrid = json!({ "hybrid": true, "restrictEnterpriseSettings": true });
    let done = change(partner, org, hybrid).await;
    let done = done.expect_status(200).unwrap();
    assert_eq!(done.body["restrictEnterpriseSettings"], true);

    // a41: it binds the customer's own people, not the partner
    let path = format!("/platform/v1/organizations/{org}/effective-permissions");
    let left = partner.get(&path).await.expect_status(200).unwrap();
    assert_eq!(left.body["restricted"], false, "{}", left.text);
    assert_eq!(left.body["withheld"], json!([]));
    let permissions = left.body["permissions"].as_array().unwrap();
    assert!(
        permissions.contains(&json!("settings:write")),
        "{}",
        left.text
    );

    let other = stage.other_partner().await;
    let refused = change(&other, org, json!({ "restrictedByPartner": false })).await;
    refused.expect_status(404).unwrap();
}

async fn a40_attach_keeps_the_organization_and_frees_it(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("a40", &PACKAGES).await;
    let url = Partner::customer_path(&id);
    let org = organization(&partner, &url).await;
    assert!(is_restricted(&partner, &org).await);
    let read = format!("/v1/organizations/{org}");
    let before = partner.get(&read).await.expect_status(200).unwrap();
    partner.delete(&url).await;
    partner.until_gone(&url).await;

    let mut body = partner.customer("a40-again", &PACKAGES);
    body["orgId"] = json!(org);
    body.as_object_mut().unwrap().remove("customerInfo");
    let again = partner.accepted(&body).await;
    assert_eq!(organization(&partner, &again).await, org);
    assert!(!is_restricted(&partner, &org).await, "r504");
    let after = partner.get(&read).await.expect_status(200).unwrap();
    assert_eq!(
        after.text_at("/displayName"),
        before.text_at("/displayName")
    );
}
