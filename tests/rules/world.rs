//! Two partners with one of everything each.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entrepot::client::Client;
use hyper::Method;
use serde_json::json;
use uuid::Uuid;

use super::fixtures::Who;
use crate::stage::{Partner, Stage, listed_customer, public_id, subscriber, uuid_of};

/// What the callers have and know.
pub(super) struct World {
    /// The caller's organization.
    pub(super) org: String,
    pub(super) provisioning_id: String,
    pub(super) subscription_id: String,
    /// By kind: the caller's own, another partner's, nobody's.
    ids: BTreeMap<&'static str, [String; 3]>,
    /// Client id and secret of clients with all scopes of their kind.
    clients: BTreeMap<Who, (String, String, Vec<String>)>,
    next: AtomicU32,
}

impl World {
    pub(super) async fn new(stage: &Stage) -> Self {
        let (mine, theirs) = (stage.partner().await, stage.other_partner().await);
        let own = things(stage, &mine, "own").await;
        let foreign = things(stage, &theirs, "foreign").await;
        let unknown = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        let ids = own.into_iter().map(|(kind, own)| {
            let foreign = foreign[kind].clone();
            let unknown = match kind {
                "provisioning id" => URL_SAFE_NO_PAD.encode(unknown.to_string()),
                "subscription" => "Sub0000001".to_owned(),
                "external id" => "nobody".to_owned(),
                "email" => "nobody@nowhere.example".to_owned(),
                "resource type" | "schema" => "Nothing".to_owned(),
                _ => public_id(type_of(kind), unknown),
            };
            (kind, [own, foreign, unknown])
        });
        Self {
            org: mine.org(),
            provisioning_id: mine.provisioning_id.clone(),
            subscription_id: mine.subscription_id.clone(),
            ids: ids.collect(),
            clients: clients(stage, &mine).await,
            next: AtomicU32::new(1),
        }
    }

    /// A name that is new.
    pub(super) fn name(&self) -> String {
        format!("surface-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn own(&self, kind: &str) -> &str {
        &self.ids[kind][0]
    }

    pub(super) fn foreign(&self, kind: &str) -> &str {
        &self.ids[kind][1]
    }

    pub(super) fn unknown(&self, kind: &str) -> &str {
        &self.ids[kind][2]
    }

    /// All scopes that such a caller may have.
    pub(super) fn scopes(&self, who: Who) -> &[String] {
        &self.clients[&who].2
    }

    /// Such a caller, with these scopes.
    pub(super) async fn caller(&self, stage: &Stage, who: Who, scopes: &[&str]) -> Client {
        let (id, secret, _) = &self.clients[&who];
        let api = stage.nobody();
        let form = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={}",
            scopes.join("+")
        );
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let sent = api.send(Method::POST, "/v1/access_token", &headers, form.into());
        let answer = sent.await.unwrap().expect_status(200).unwrap();
        api.set_token(Some(answer.text_at("/access_token").to_owned()));
        api
    }
}

/// The word in the public ids of a kind.
fn type_of(kind: &str) -> &'static str {
    match kind {
        "customer" => "ENTERPRISE",
        "subscriber" => "SUBSCRIBER",
        "report" => "BILLING_REPORT",
        "template" => "ONBOARDING_TEMPLATE",
        "case" => "SCREENING_CASE",
        "operation" => "OPERATION",
        "person" => "PEOPLE",
        "role" => "ROLE",
        "provider" => "IDENTITY_PROVIDER",
        "group" => "SCIM_GROUP",
        _ => "ORGANIZATION",
    }
}

fn setting(whose: &str) -> &'static str {
    if whose == "own" {
        "restricted_by_partner"
    } else {
        "no_such_setting"
    }
}

/// One of everything, by kind.
async fn things(stage: &Stage, partner: &Partner, name: &str) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::from([
        ("provisioning id", partner.provisioning_id.clone()),
        ("subscription", partner.subscription_id.clone()),
        ("partner", partner.org()),
        ("external id", name.to_owned()),
        ("role", "customer_full_admin".to_owned()),
        // that of the other partner is a name that no setting has
        ("setting", setting(name).to_owned()),
        ("email", format!("first@{name}.example")),
    ]);
    let keys = partner.get("/v1/jwks").await;
    found.insert("signing key", keys.text_at("/keys/0/kid").to_owned());
    let customer = partner.provisioned(name, &["webex_calling"]).await;
    let body = subscriber(&customer, &found["email"], "webex_calling", 0);
    let made = partner.subscribe(&body).await.expect_status(200).unwrap();
    found.insert("subscriber", made.text_at("/id").to_owned());
    found.insert("person", made.text_at("/personId").to_owned());

    let body = json!({
        "name": format!("Branch of {name}"),
        "adminEmail": format!("admin@branch-{name}.example"),
        "adminFirstName": "Ada",
        "adminLastName": "Byron",
        "subscriptionId": partner.subscription_id,
    });
    let made = partner.post("/platform/v1/sub-partners", &body).await;
    let made = made.expect_status(201).unwrap();
    found.insert("sub-partner", made.text_at("/orgId").to_owned());

    let body = crate::stage::provider(&format!("idp-of-{name}"));
    let made = partner.post("/platform/v1/identity-providers", &body).await;
    let made = made.expect_status(201).unwrap();
    found.insert("provider", made.text_at("/id").to_owned());

    let (path, _) = partner.report("USER", "2026-01-01", "2026-01-02").await;
    let report = path.rsplit('/').next().unwrap_or_default();
    found.insert("report", report.to_owned());

    let body = json!({
        "name": format!("Template of {name}"),
        "country": "US",
        "language": "en_US",
        "subscriptionId": partner.subscription_id,
        "serviceProviderAdmin": "admin@telecom.example",
    });
    let made = partner
        .post("/platform/v1/onboarding-templates", &body)
        .await;
    let made = made.expect_status(201).unwrap();
    found.insert("template", made.text_at("/id").to_owned());

    let body = listed_customer(&partner.provisioning_id, &format!("listed-{name}"));
    let held = partner.accepted(&body).await;
    partner.until(&held, "pending_rpl_review").await;

    let mut sql = stage.sql().await;
    let customer_id = uuid_of(&customer);
    for (kind, query) in [
        (
            "operation",
            "select operation_id from provisioning.operation where subject_id = $1",
        ),
        (
            "organization",
            "select organization_id from provisioning.customer where customer_id = $1",
        ),
        (
            "case",
            "select case_id from compliance.review_case c where c.customer_id <> $1
             and c.partner_id = (select partner_id from provisioning.customer where customer_id = $1)",
        ),
    ] {
        let id: Uuid = sqlx::query_scalar(query)
            .bind(customer_id)
            .fetch_one(&mut sql)
            .await
            .expect(kind);
        found.insert(kind, public_id(type_of(kind), id));
    }
    let body = json!({ "displayName": format!("Group of {name}"), "orgId": found["organization"] });
    let made = partner.post("/v1/groups", &body).await;
    let made = made.expect_status(201).unwrap();
    found.insert("group", made.text_at("/id").to_owned());
    found.insert("resource type", "User".to_owned());
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    found.insert("schema", schema.to_owned());
    found.insert("customer", customer);
    found
}

/// A client of each kind, with all scopes of it.
async fn clients(stage: &Stage, partner: &Partner) -> BTreeMap<Who, (String, String, Vec<String>)> {
    let operator = stage.operator().await;
    let house: Uuid = sqlx::query_scalar(
        "select organization_id from identity.organization where kind = 'operator'",
    )
    .fetch_one(&mut stage.sql().await)
    .await
    .expect("there is one");
    let house = public_id("ORGANIZATION", house);
    let mut clients = BTreeMap::new();
    for (who, kind, org) in [
        (Who::Partner, "partner", partner.org()),
        (Who::Operator, "operator", house.clone()),
        (Who::Reviewer, "reviewer", house),
    ] {
        let body = json!({ "orgId": org, "kind": kind, "displayName": "Surface" });
        let made = operator.post("/platform/v1/clients", &body).await.unwrap();
        let made = made.expect_status(201).unwrap();
        let scopes = made.body["scopes"].as_array().cloned().unwrap_or_default();
        let scopes = scopes.iter().filter_map(|scope| scope.as_str());
        let client = (
            made.text_at("/clientId").to_owned(),
            made.text_at("/clientSecret").to_owned(),
            scopes.map(str::to_owned).collect(),
        );
        clients.insert(who, client);
    }
    clients
}
