//! Prechecks tell everything that is wrong, at once, and change nothing.

use serde_json::json;

use crate::stage::{Stage, codes, everything_counted, fields, on_both_stages, subscriber};

on_both_stages!(r408_all_problems_at_once_and_nothing_made);

async fn r408_all_problems_at_once_and_nothing_made(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("there-1", &["webex_calling"]).await;
    let body = subscriber(&id, "one@there-1.example", "webex_calling", 1);
    partner.subscribed(&body).await;
    stage.settled().await;
    let before = everything_counted(&mut stage.sql().await).await;

    let path = "/v1/wholesale/customers/validate";
    let good = partner.customer("new-1", &["webex_calling", "webex_meetings"]);
    let passed = partner.post(path, &good).await.expect_status(200).unwrap();
    assert_eq!(passed.text_at("/message"), "success");
    assert_eq!(passed.body["info"][0]["infoCode"], 100);

    let mut bad = good.clone();
    bad["packages"] = json!(["webex_calling", "no_such_package"]);
    bad["customerInfo"]["name"] = json!("100% Bakery");
    bad["customerInfo"]["primaryEmail"] = json!("not an address");
    bad["address"]["country"] = json!("XX");
    bad["provisioningParameters"]["calling"]["location"]["timezone"] = json!("Mars/Olympus");
    let refused = partner.post(path, &bad).await.expect_status(400).unwrap();
    let named = fields(&refused);
    for field in [
        "packages",
        "customerInfo.name",
        "customerInfo.primaryEmail",
        "address.country",
        "provisioningParameters.calling.location.timezone",
    ] {
        let found = named.iter().any(|name| name.starts_with(field));
        assert!(found, "{field} in {}", refused.text);
    }
    // the real call says the same
    let real = partner.create(&bad).await.expect_status(400).unwrap();
    assert_eq!(fields(&real), named);
    assert_eq!(codes(&real), codes(&refused));

    let path = "/v1/wholesale/subscribers/validate";
    let good = subscriber(&id, "two@there-1.example", "webex_calling", 2);
    let passed = partner.post(path, &good).await.expect_status(200).unwrap();
    assert_eq!(passed.body["info"][0]["infoCode"], 100);
    let mut bad = subscriber(&id, "one@there-1.example", "webex_suite", 2);
    bad["provisioningParameters"] = json!({ "extension": "abc" });
    let refused = partner.post(path, &bad).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    assert!(codes(&refused).len() >= 3, "{}", refused.text);

    assert_eq!(everything_counted(&mut stage.sql().await).await, before);
}
