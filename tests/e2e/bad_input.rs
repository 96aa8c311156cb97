//! Whatever is sent: an answer that names the problem, and nothing half made.

use entrepot::client::Answer;
use hyper::{Method, body::Bytes};
use kit::BoxError;
use serde_json::{Value, json};

use crate::stage::{Partner, Stage, everything_counted, on_both_stages, public_id, uuid_of};

on_both_stages!(
    nothing_is_half_made_of_a_bad_customer,
    nothing_is_half_made_of_a_bad_subscriber,
    nothing_is_half_made_of_a_bad_request,
);

/// Not a 2xx, not a 5xx, and in the shape of an error.
fn refused(answer: &Answer, what: &str) {
    assert!(
        answer.status.is_client_error(),
        "{what}: {} {}",
        answer.status,
        answer.text
    );
    assert!(
        answer.body["message"].is_string(),
        "{what}: {}",
        answer.text
    );
    let tracking = answer.text_at("/trackingId");
    assert_eq!(tracking, answer.header("trackingid"), "{what}");
    assert_ne!(tracking, "", "{what}");
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        assert!(error["description"].is_string(), "{what}: {}", answer.text);
        assert!(
            error["errorCode"].is_null() || error["errorCode"].is_i64(),
            "{what}: {}",
            answer.text
        );
    }
}

/// Values that no text field should swallow or choke on.
fn nasty() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!("   "),
        json!(7),
        json!(true),
        json!([]),
        json!({}),
        json!("\u{0}"),
        json!("line\nbreak"),
        json!("x".repeat(10_000)),
    ]
}

fn set(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[key] = value;
    body
}

async fn nothing_is_half_made_of_a_bad_customer(stage: &Stage) {
    let partner = stage.partner().await;
    stage.settled().await;
    let before = everything_counted(&mut stage.sql().await).await;
    let good = partner.customer("bad-1", &["webex_calling", "webex_meetings"]);
    for pointer in [
        "/provisioningId",
        "/packages",
        "/externalId",
        "/address",
        "/address/addressLine1",
        "/address/city",
        "/address/country",
        "/customerInfo",
        "/customerInfo/name",
        "/customerInfo/primaryEmail",
        "/provisioningParameters/calling/location/timezone",
    ] {
        for value in nasty() {
            let body = set(&good, pointer, value.clone());
            let mut shown = value.to_string();
            shown.truncate(40);
            let answer = partner.create(&body).await;
            refused(&answer, &format!("{pointer} = {shown}"));
        }
    }
    for packages in [
        json!(["no_such_package"]),
        json!(["attendant_console"]),
        json!(["webex_calling", "webex_calling"]),
        json!([7]),
        json!(vec!["webex_calling"; 1000]),
    ] {
        let answer = partner.create(&set(&good, "/packages", packages)).await;
        refused(&answer, "packages");
    }
    for other in [
        ("/customerInfo/name", json!("100 % Bakery")),
        ("/customerInfo/primaryEmail", json!("nobody")),
        ("/address/country", json!("ZZ")),
        ("/provisioningId", json!("bm90IGEgdXVpZA")),
        ("/billingStartDate", json!("2026-02-30")),
    ] {
        let answer = partner.create(&set(&good, other.0, other.1)).await;
        refused(&answer, other.0);
    }
    // another partner's template is as unknown as one that is not there
    let stranger = stage.other_partner().await;
    stage.settled().await;
    let before_stranger = everything_counted(&mut stage.sql().await).await;
    let theirs = set(&good, "/provisioningId", json!(stranger.provisioning_id));
    let foreign = partner.create(&theirs).await;
    refused(&foreign, "another partner's template");
    assert_eq!(
        everything_counted(&mut stage.sql().await).await,
        before_stranger
    );
    for table in [
        "provisioning.customer",
        "provisioning.operation",
        "compliance.screening",
    ] {
        assert_eq!(before_stranger[table], before[table], "{table}");
    }
    // and the good one is as good as ever
    let url = partner.accepted(&good).await;
    partner.until(&url, "provisioned").await;
    stage.settled().await;
}

async fn nothing_is_half_made_of_a_bad_subscriber(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("bad-2", &["webex_calling"]).await;
    stage.settled().await;
    let before = everything_counted(&mut stage.sql().await).await;
    let good = crate::stage::subscriber(&id, "one@bad-2.example", "webex_calling", 1);
    for pointer in [
        "/customerId",
        "/email",
        "/package",
        "/provisioningParameters",
        "/provisioningParameters/firstName",
        "/provisioningParameters/lastName",
        "/provisioningParameters/extension",
    ] {
        for value in nasty() {
            let body = set(&good, pointer, value.clone());
            let mut shown = value.to_string();
            shown.truncate(40);
            refused(
                &partner.subscribe(&body).await,
                &format!("{pointer} = {shown}"),
            );
        }
    }
    for other in [
        ("/package", json!("webex_suite")),
        ("/package", json!("attendant_console")),
        ("/packages", json!(["webex_calling", "webex_suite"])),
        ("/email", json!("one@@bad-2.example")),
        ("/provisioningParameters/primaryPhoneNumber", json!("12")),
        ("/provisioningParameters/locationId", json!("nowhere")),
    ] {
        let answer = partner.subscribe(&set(&good, other.0, other.1)).await;
        refused(&answer, other.0);
    }
    // somebody else's customer
    let stranger = stage.other_partner().await;
    let foreign = stranger.subscribe(&good).await;
    refused(&foreign, "another partner's customer");
    let after = everything_counted(&mut stage.sql().await).await;
    for table in [
        "identity.person",
        "subscriber.subscriber",
        "subscriber.assignment",
        "subscriber.feed_entry",
        "billing.usage_open",
    ] {
        assert_eq!(after[table], before[table], "{table}");
    }
    partner.subscribed(&good).await;
    stage.settled().await;
}

async fn nothing_is_half_made_of_a_bad_request(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("bad-3", &["webex_calling"]).await;
    stage.settled().await;
    let before = everything_counted(&mut stage.sql().await).await;
    bodies(&partner).await;
    urls(&partner, &id).await;
    tokens(stage).await;
    assert_eq!(everything_counted(&mut stage.sql().await).await, before);
}

/// Sends, and once more when the connection was not there any more: it is closed after a body that
/// was too large.
async fn post(
    partner: &Partner,
    path: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<Answer, BoxError> {
    let send = || {
        let body = body.clone();
        partner.api.send(Method::POST, path, headers, body)
    };
    match send().await {
        Err(_) => send().await,
        answer => answer,
    }
}

async fn bodies(partner: &Partner) {
    let json = [("content-type", "application/json")];
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let huge = format!("{{\"externalId\":\"{}\"}}", "x".repeat(3 << 20));
    let bad: [&[u8]; 9] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\"text\"",
        b"{\"externalId\":\"\xff\xfe\"}",
        b"externalId=1",
        deep.as_bytes(),
        huge.as_bytes(),
    ];
    for path in [
        "/v1/wholesale/customers",
        "/v1/wholesale/subscribers",
        "/v1/wholesale/billing/reports",
        "/platform/v1/onboarding-templates",
        "/platform/v1/sub-partners",
    ] {
        for body in bad {
            let body = Bytes::copy_from_slice(body);
            let length = body.len();
            let sent = post(partner, path, &json, body).await;
            match sent {
                Ok(answer) => refused(&answer, &format!("{path}, {length} bytes")),
                // a body that is far too large may be cut off while it is still being sent
                Err(error) => assert!(length > 1 << 20, "{path}, {length} bytes: {error}"),
            }
        }
    }
    let other = [("content-type", "text/xml")];
    let body = Bytes::from_static(b"<customer/>");
    let answer = post(partner, "/v1/wholesale/customers", &other, body).await;
    let answer = answer.unwrap();
    refused(&answer, "XML");
}

async fn urls(partner: &Partner, customer_id: &str) {
    for path in [
        "/v1/wholesale/customers/nonsense",
        "/v1/wholesale/customers/Y2lzY29zcGFyazovL3VzL0VOVEVSUFJJU0Uv",
        "/v1/wholesale/customers?max=-1",
        "/v1/wholesale/customers?max=abc",
        "/v1/wholesale/customers?status=married",
        "/v1/wholesale/customers?cursor=forged",
        "/v1/wholesale/customers?orgId=%00",
        "/v1/wholesale/subscribers?after=yesterday",
        "/v1/wholesale/subscribers?sortBy=colour",
        "/v1/wholesale/billing/reports?billingStartDate=soon",
        "/v1/wholesale/billing/reports/nonsense",
        "/v1/wholesale/nothing",
        "/platform/v1/operations/nonsense",
    ] {
        refused(&partner.get(path).await, path);
    }
    let other_kind = public_id("SUBSCRIBER", uuid_of(customer_id));
    let path = Partner::customer_path(&other_kind);
    refused(&partner.get(&path).await, "an id of another kind");
    let wrong = partner
        .api
        .send(
            Method::PATCH,
            &Partner::customer_path(customer_id),
            &[],
            Bytes::new(),
        )
        .await
        .unwrap();
    assert_eq!(wrong.status, 405);
    for (first, last) in [
        ("2026-13-01", "2026-13-02"),
        ("2026-02-02", "2026-02-01"),
        ("2199-01-01", "2199-01-31"),
        ("1999-01-01", "1999-01-31"),
    ] {
        let body = json!({ "billingStartDate": first, "billingEndDate": last });
        let answer = partner.post("/v1/wholesale/billing/reports", &body).await;
        refused(&answer, first);
    }
}

async fn tokens(stage: &Stage) {
    let nobody = stage.nobody();
    for token in [None, Some("x"), Some("a.b.c")] {
        nobody.set_token(token.map(str::to_owned));
        let answer = nobody.get("/v1/wholesale/customers").await.unwrap();
        assert_eq!(answer.status, 401);
        refused(&answer, "token");
    }
    let (id, secret) = stage.partner_client();
    nobody.set_token(None);
    assert!(nobody.sign_in(id, "wrong").await.is_err());
    assert!(nobody.sign_in("nobody", secret).await.is_err());
}
