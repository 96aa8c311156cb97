//! What was done can be read again, was done by somebody, and cannot be changed unseen.

use std::collections::BTreeSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use entrepot::client::Client;
use hyper::Method;
use serde_json::{Value, json};

mod directories;

use directories::directories;

use crate::stage::{Browser, Partner, Stage, listed_customer, on_both_stages, subscriber};

on_both_stages!(r1105_everything_that_was_done_stands_in_the_audit);

const EVENTS: &str = "/platform/v1/audit-events";

/// Told by a command on the machine itself.
const NOT_BY_REQUEST: &[&str] = &["client.secret_renewed"];

/// Told when a provider answers, or as time goes by: shown by the tests of identity.
const BY_PROVIDERS: &[&str] = &[
    "identity_provider.activated",
    "identity_provider.certificate_ends",
    "identity_provider.key_changed",
    "identity_provider.refresh_failed",
    "identity_provider.refreshed",
    "identity_provider.tested",
];

async fn r1105_everything_that_was_done_stands_in_the_audit(stage: &Stage) {
    let partner = stage.partner().await;
    let mut secrets = customers(stage, &partner).await;
    secrets.extend(organizations(stage, &partner).await);
    files(stage, &partner).await;
    secrets.extend(people(stage, &partner).await);
    secrets.extend(directories(&partner).await);
    let partner = keys(stage).await;
    stage.settled().await;
    published(&partner).await;
    listed(&partner).await;
    none_is_told(stage, &secrets).await;

    // a case that nobody decides
    let body = listed_customer(&partner.provisioning_id, "audit-late");
    let url = partner.accepted(&body).await;
    partner.until(&url, "pending_rpl_review").await;
    stage.advance(TimeDelta::hours(73)).await;
    let partner = stage.partner().await;
    partner.until(&url, "error").await;
    stage.settled().await;
    let told: Vec<String> =
        sqlx::query_scalar("select distinct action from compliance.audit_event")
            .fetch_all(&mut stage.sql().await)
            .await
            .unwrap();
    let mut told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    told.extend(NOT_BY_REQUEST);
    told.extend(BY_PROVIDERS);
    let all: BTreeSet<_> = kit::audit::ACTIONS
        .iter()
        .map(|(name, _, _)| *name)
        .collect();
    assert_eq!(told, all);
    unchanged(stage, &partner).await;
}

/// Templates, customers, subscribers, cases.
async fn customers(stage: &Stage, partner: &Partner) -> Vec<String> {
    let template = json!({
        "name": "Short-lived",
        "country": "US",
        "language": "en_US",
        "subscriptionId": partner.subscription_id,
        "serviceProviderAdmin": "admin@telecom.example",
    });
    let made = partner
        .post("/platform/v1/onboarding-templates", &template)
        .await;
    let made = made.expect_status(201).unwrap();
    let path = format!("/platform/v1/onboarding-templates/{}", made.text_at("/id"));
    partner
        .put(&path, &template)
        .await
        .expect_status(200)
        .unwrap();
    partner.delete(&path).await.expect_status(204).unwrap();

    let id = partner
        .provisioned("audit-1", &["webex_calling", "webex_meetings"])
        .await;
    let body = subscriber(&id, "one@audit-1.example", "webex_calling", 1);
    let holder = Partner::subscriber_path(&partner.subscribed(&body).await);
    let changed = partner
        .put(&holder, &json!({ "package": "webex_meetings" }))
        .await;
    changed.expect_status(200).unwrap();
    partner.delete(&holder).await.expect_status(204).unwrap();
    let path = Partner::customer_path(&id);
    let body = json!({ "externalId": "audit-1b", "packages": ["webex_calling"] });
    partner.put(&path, &body).await.expect_status(202).unwrap();
    partner.until(&path, "provisioned").await;
    partner.delete(&path).await;
    partner.until_gone(&path).await;

    let body = listed_customer(&partner.provisioning_id, "audit-2");
    let url = partner.accepted(&body).await;
    partner.until(&url, "pending_rpl_review").await;
    let reviewer = stage.reviewer().await;
    let cases = reviewer
        .get("/platform/v1/screening/cases?status=open")
        .await
        .unwrap();
    let case = cases.text_at("/items/0/id").to_owned();
    let body = json!({ "decision": "approve", "reason": "SECRET-REASON: another person" });
    let path = format!("/platform/v1/screening/cases/{case}/decide");
    let decided = reviewer.post(&path, &body).await.unwrap();
    decided.expect_status(200).unwrap();
    partner.until(&url, "provisioned").await;
    // why a reviewer decided is nothing for the partner
    vec!["SECRET-REASON".to_owned()]
}

/// Partners, sub-partners, clients, what is done in another's name.
async fn organizations(stage: &Stage, partner: &Partner) -> Vec<String> {
    let mut secrets = vec![stage.partner_client().1.to_owned()];
    stage.other_partner().await;
    let body = json!({
        "name": "North",
        "adminEmail": "admin@north-audit.example",
        "adminFirstName": "Olivia",
        "adminLastName": "Brooks",
        "subscriptionId": partner.subscription_id,
    });
    let made = partner.post("/platform/v1/sub-partners", &body).await;
    let made = made.expect_status(201).unwrap();
    let org = made.text_at("/orgId").to_owned();
    partner.for_sub_partner(&org).await;
    for act in ["suspend", "resume"] {
        let path = format!("/platform/v1/sub-partners/{org}/{act}");
        let done = partner.post(&path, &json!({})).await;
        assert!(done.status.is_success(), "{}", done.text);
    }
    let body = json!({ "orgId": partner.org(), "displayName": "Second back office" });
    let made = partner.post("/platform/v1/clients", &body).await;
    let made = made.expect_status(201).unwrap();
    secrets.push(made.text_at("/clientSecret").to_owned());
    secrets
}

/// People, their roles, and how they sign in.
async fn people(stage: &Stage, partner: &Partner) -> Vec<String> {
    let path = format!("/identity/organizations/{}", partner.org());
    let body = json!({ "displayName": "First Telecom" });
    let headers = [("content-type", "application/json")];
    let body = body.to_string().into();
    let changed = partner.api.send(Method::PATCH, &path, &headers, body).await;
    changed.unwrap().expect_status(200).unwrap();

    let customer = partner
        .provisioned("audit-people", &["webex_calling"])
        .await;
    let customer = partner.get(&Partner::customer_path(&customer)).await;
    let org = customer.text_at("/orgId").to_owned();
    let add = async |email: &str, roles: &[&str]| {
        let roles: Vec<_> = roles.iter().map(|code| public_role(code)).collect();
        let body = json!({ "emails": [email], "orgId": org, "firstName": "Ann", "lastName": "Lee",
                           "roles": roles });
        let made = partner.post("/v1/people", &body).await;
        made.expect_status(200).unwrap()
    };
    add("first@audit-people.example", &[]).await;
    let made = add("ann@audit-people.example", &["customer_support"]).await;
    let id = made.text_at("/id").to_owned();
    let body = json!({ "key": "restricted_by_partner", "value": false });
    let path = format!("/v1/settings/organizations/{org}/settings");
    let switched = partner.post(&path, &body).await;
    switched.expect_status(200).unwrap();
    let body =
        json!({ "displayName": "Ann Lee", "firstName": "Ann", "lastName": "Lee", "roles": [] });
    let changed = partner.put(&format!("/v1/people/{id}"), &body).await;
    changed.expect_status(200).unwrap();
    let named = format!(
        "/v1/adminAudit/events?orgId={org}&eventCategories=USERS&from=2020-01-01&to=2100-01-01"
    );
    stage.settled().await;
    let told = partner.get(&named).await.expect_status(200).unwrap();
    assert_eq!(
        told.text_at("/items/0/data/targetName"),
        "Ann Lee",
        "{}",
        told.text
    );
    assert!(!told.text_at("/items/0/data/targetOrgName").is_empty());
    assert_eq!(told.text_at("/items/0/data/actorOrgName"), "First Telecom");

    let path = format!("/identity/organizations/{org}/users/{id}/actions/generateOtp");
    let made = partner.post(&path, &json!({})).await;
    let once = made
        .expect_status(200)
        .unwrap()
        .text_at("/oneTimePassword")
        .to_owned();
    let (email, chosen) = ("ann@audit-people.example", "seven purple teapots");
    let mut browser = Browser::new(stage);
    browser.open("/sign-in").await;
    browser
        .send("value=\"identify\"", &[("email", email)])
        .await;
    for typed in ["a wrong password", &once] {
        browser
            .send("value=\"password\"", &[("password", typed)])
            .await;
    }
    let fields = [("new_password", chosen), ("repeated", chosen)];
    browser.send("value=\"new_password\"", &fields).await;
    assert!(browser.sees("Your account"), "{}", browser.page());
    let mut secrets: Vec<_> = browser.cookies().into_values().collect();
    browser.send("class=\"main\"", &[]).await;
    assert!(browser.sees("You are signed out"), "{}", browser.page());
    secrets.extend([once, chosen.to_owned(), "a wrong password".to_owned()]);
    secrets
}

fn public_role(code: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/ROLE/{code}"))
}

/// The key that signs is taken out of use: everybody signs in again.
async fn keys(stage: &Stage) -> Partner {
    let operator = stage.operator().await;
    let keys = operator.get("/v1/jwks").await.unwrap();
    let listed = keys.body["keys"].as_array().cloned().unwrap_or_default();
    let of = |key: &Value| key["alg"] == "EdDSA";
    let key = listed.iter().find(|key| of(key)).expect("a key");
    let id = key["kid"].as_str().expect("an id").to_owned();
    let path = format!("/platform/v1/signing-keys/{id}/retire");
    let retired = operator.post(&path, &json!({})).await.unwrap();
    let retired = retired.expect_status(200).unwrap();
    let keys = operator.get("/v1/jwks").await.unwrap();
    assert!(!keys.text.contains(&id), "{}", keys.text);
    assert!(keys.text.contains(retired.text_at("/successorKeyId")));
    stage.partner().await
}

/// Reports and lists.
async fn files(stage: &Stage, partner: &Partner) {
    let (path, link) = partner.report("USER", "2026-01-01", "2026-01-02").await;
    let file = Client::new("").get(&link).await.unwrap();
    file.expect_status(200).unwrap();
    partner.delete(&path).await.expect_status(204).unwrap();
    let list = "id,type,name,aliases,country\nX-1,company,Nobody At All Ltd,,\n";
    let body = json!({ "list": "OWN", "format": "operator_csv", "files": [STANDARD.encode(list)] });
    let operator = stage.operator().await;
    let imported = operator
        .post("/platform/v1/screening/lists", &body)
        .await
        .unwrap();
    imported.expect_status(201).unwrap();
}

fn items(answer: &entrepot::client::Answer) -> Vec<Value> {
    answer.body["items"].as_array().cloned().unwrap_or_default()
}

/// As the published API gives it.
async fn published(partner: &Partner) {
    let org = partner.org();
    let asked = format!("orgId={org}&from=2020-01-01T00:00:00.000Z&to=2100-01-01T00:00:00.000Z");
    let path = format!("/v1/adminAudit/events?{asked}");
    let found = partner
        .api
        .get(&path)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    assert!(items(&found).len() > 15, "{}", found.text);
    for item in items(&found) {
        let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str);
        assert!(
            text("/id").is_some() && text("/created").is_some(),
            "{item}"
        );
        for field in ["eventDescription", "eventCategory", "actionText"] {
            assert!(text(&format!("/data/{field}")).is_some(), "{field}: {item}");
        }
    }
    let some = partner
        .api
        .get(&format!("{path}&eventCategories=CUSTOMERS&max=2&offset=1"))
        .await;
    let some = some.unwrap().expect_status(200).unwrap();
    assert_eq!(items(&some).len(), 2);
    assert!(
        some.header("link").contains("rel=\"next\""),
        "{}",
        some.header("link")
    );
    assert_eq!(some.text_at("/items/0/data/eventCategory"), "CUSTOMERS");
    assert_eq!(some.text_at("/items/0/data/targetType"), "customer");

    let categories = partner
        .api
        .get("/v1/adminAudit/eventCategories")
        .await
        .unwrap();
    let categories = categories.expect_status(200).unwrap();
    assert!(
        categories.body["eventCategories"]
            .as_array()
            .unwrap()
            .contains(&json!("CUSTOMERS"))
    );

    let asked = asked
        .replace("from=", "startTime=")
        .replace("to=", "endTime=");
    let path = format!("/v1/admin/securityAudit/events?{asked}");
    let found = partner
        .api
        .get(&path)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    for action in ["token.exchanged", "session.started", "sign_in.refused"] {
        let is_it = |item: &Value| item["data"]["eventDescription"] == action;
        assert!(items(&found).iter().any(is_it), "{action}");
    }
    for path in ["/v1/adminAudit/events", "/v1/admin/securityAudit/events"] {
        let bare = partner.api.get(path).await.unwrap();
        bare.expect_status(400).unwrap();
    }
}

/// As our own API gives it: in pages, and whole.
async fn listed(partner: &Partner) {
    let all: Vec<_> = partner.pages(&format!("{EVENTS}?max=7")).await.concat();
    assert!(all.len() > 15);
    let mut sequences: Vec<_> = all
        .iter()
        .filter_map(|one| one["sequence"].as_i64())
        .collect();
    sequences.sort_unstable();
    let length = i64::try_from(all.len()).unwrap();
    assert_eq!(sequences, (1..=length).collect::<Vec<_>>(), "each once");
    for one in all.iter().filter(|one| one["action"] == "customer.created") {
        assert_eq!(one["actorOrgId"], json!(partner.org()), "{one}");
        assert_eq!(one["outcome"], "done");
        let tracking = one["trackingId"].as_str().unwrap_or_default();
        assert!(tracking.starts_with("ENTREPOT_"), "{one}");
    }
    let found = partner.api.get(&format!("{EVENTS}/export")).await.unwrap();
    let found = found.expect_status(200).unwrap();
    assert_eq!(found.header("content-type"), "application/x-ndjson");
    let lines = found
        .text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.count(), all.len());
    let part = partner
        .api
        .get(&format!("{EVENTS}/export?max=3"))
        .await
        .unwrap();
    assert_eq!(part.text.lines().count(), 3);
    assert!(part.header("link").contains("cursor="));
}

/// No secret stands in any event (A46).
async fn none_is_told(stage: &Stage, secrets: &[String]) {
    for secret in secrets {
        let told: i64 = sqlx::query_scalar(
            "select count(*) from compliance.audit_event
             where position(convert_to($1, 'UTF8') in content) > 0",
        )
        .bind(secret)
        .fetch_one(&mut stage.sql().await)
        .await
        .unwrap();
        assert_eq!(told, 0, "a secret of {} letters", secret.len());
    }
}

/// The chain is whole; a changed row breaks it.
async fn unchanged(stage: &Stage, partner: &Partner) {
    let path = format!("{EVENTS}/verification");
    let whole = partner
        .api
        .get(&path)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    assert_eq!(whole.body["intact"], true, "{}", whole.text);
    let noted = format!("{path}?head={}", whole.text_at("/head"));
    let again = partner.api.get(&noted).await.unwrap();
    assert_eq!(again.body["headFound"], true);
    let wrong = partner.api.get(&format!("{path}?head=xyz")).await.unwrap();
    wrong.expect_status(400).unwrap();
    let change = "update compliance.audit_event set occurred_at = occurred_at - interval '1 hour'
         where partner_id = $1 and sequence = 5";
    let change = sqlx::query(change).bind(partner.id);
    change.execute(&mut stage.sql().await).await.unwrap();
    let broken = partner
        .api
        .get(&path)
        .await
        .unwrap()
        .expect_status(200)
        .unwrap();
    assert_eq!(broken.body["intact"], false);
    assert_eq!(broken.body["firstBroken"]["sequence"], 5);
}
