//! Tokens that are taken back before they end.

use std::time::{Duration, Instant};

use entrepot::client::Client;
use serde_json::json;

use crate::stage::{Stage, eventually, on_both_stages};

on_both_stages!(a_suspended_sub_partner_is_out_within_seconds_in_every_context);

/// One read in each context.
const READS: [(&str, &str); 4] = [
    ("provisioning", "/v1/wholesale/customers"),
    ("subscriber", "/v1/wholesale/subscribers"),
    ("billing", "/v1/wholesale/billing/reports"),
    ("compliance", "/platform/v1/screening/cases"),
];

async fn status(api: &Client, path: &str) -> u16 {
    api.get(path).await.expect("an answer").status.as_u16()
}

async fn a_suspended_sub_partner_is_out_within_seconds_in_every_context(stage: &Stage) {
    let parent = stage.partner().await;
    let body = json!({
        "name": "North Reseller",
        "adminEmail": "admin@north.example",
        "adminFirstName": "Olivia",
        "adminLastName": "Brooks",
        "subscriptionId": parent.subscription_id,
    });
    let made = parent.post("/platform/v1/sub-partners", &body).await;
    let org = made
        .expect_status(201)
        .unwrap()
        .text_at("/orgId")
        .to_owned();
    let body = json!({ "orgId": org, "kind": "partner", "displayName": "North" });
    let client = stage
        .operator()
        .await
        .post("/platform/v1/clients", &body)
        .await;
    let client = client.unwrap().expect_status(201).unwrap();
    let (id, secret) = (client.text_at("/clientId"), client.text_at("/clientSecret"));
    let own = stage.nobody();
    own.sign_in(id, secret).await.expect("signs in");
    // this token, and no other
    let held = stage.nobody();
    held.set_token(own.token());
    for (context, path) in READS {
        let wanted = if context == "compliance" { 403 } else { 200 };
        assert_eq!(status(&held, path).await, wanted, "{context}");
    }

    let suspend = format!("/platform/v1/sub-partners/{org}/suspend");
    let suspended = parent.post(&suspend, &json!({})).await;
    suspended.expect_status(200).unwrap();
    let began = Instant::now();
    for (context, path) in READS {
        eventually(context, Duration::from_secs(5), async || {
            (status(&held, path).await == 401).then_some(())
        })
        .await;
    }
    println!("out everywhere after {:?}", began.elapsed());

    // a new token says that it is suspended: it reads, and does nothing else (R-1106)
    assert_eq!(status(&own, READS[0].1).await, 200);
    let body = json!({ "name": "x", "country": "US", "language": "en_US" });
    let refused = own.post("/platform/v1/onboarding-templates", &body).await;
    assert_eq!(refused.unwrap().status, 403);
    assert_eq!(
        status(&held, READS[0].1).await,
        401,
        "the old one stays out"
    );
    let theirs = parent.get(READS[0].1).await;
    assert_eq!(theirs.status, 200, "nobody else was meant");
}
