//! Our own API under `/platform/v1`.

use http::Request;
use proto::{
    billing::v1 as billing, compliance::v1 as compliance, identity::v1 as identity,
    provisioning::v1 as pb,
};

use crate::{
    every_route,
    stage::{Contexts, ID, public},
};

const TEMPLATES: &str = "/platform/v1/onboarding-templates";

fn template() -> pb::Template {
    pb::Template {
        template_id: ID.to_owned(),
        provisioning_id: ID.to_owned(),
        settings: Some(pb::TemplateSettings {
            name: "SMB".to_owned(),
            country: "US".to_owned(),
            ..pb::TemplateSettings::default()
        }),
        created_at: Some(prost_types::Timestamp {
            seconds: 1_628_215_541,
            nanos: 0,
        }),
        changed_at: None,
    }
}

#[tokio::test]
async fn r204_a_template_yields_a_provisioning_id() {
    let path = "/entrepot.provisioning.v1.Templates/CreateTemplate";
    let stage = Contexts::default()
        .on(path, |_: &pb::CreateTemplateRequest| Ok(template()))
        .stage();
    let request = Request::post(TEMPLATES)
        .header("authorization", "Bearer T")
        .header("content-type", "application/json")
        .header("idempotency-key", "k-1")
        .body(
            r#"{"name": "SMB", "countryOrRegion": "US", "authenticationMode": "partner_saml",
            "identityProvider": "https://idp", "internalCallsEnabled": false}"#
                .into(),
        );
    let answer = stage.send(request.unwrap()).await;
    assert_eq!(answer.status, 201);
    let id = public("ONBOARDING_TEMPLATE");
    assert_eq!(
        answer.header("location"),
        format!("https://api.example.net{TEMPLATES}/{id}")
    );
    let wanted = format!(
        concat!(
            r#"{{"id":"{}","provisioningId":"NTJjZjU3NmQtNjBhOC00MDdhLWIyMmMtNDY3YzUxNTkxOTA4","#,
            r#""name":"SMB","country":"US","authenticationMode":"platform","allowAdminInviteEmails":false,"#,
            r#""internalCallsEnabled":true,"restrictedByPartner":true,"created":"2021-08-06T02:05:41.000Z"}}"#
        ),
        id
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    let asked: pb::CreateTemplateRequest = stage.asked();
    assert_eq!(asked.idempotency_key, "k-1");
    let settings = asked.settings.unwrap();
    assert_eq!(settings.country, "US");
    assert_eq!(
        settings.authentication_mode(),
        pb::AuthenticationMode::PartnerSaml
    );
    assert!(settings.internal_calls_disabled && !settings.unrestricted);
    let answer = stage
        .post(TEMPLATES, r#"{"authenticationMode": "ldap"}"#)
        .await;
    assert!(answer.errors().contains_key("authenticationMode"));
}

#[tokio::test]
async fn our_lists_are_walked_by_cursor() {
    let path = "/entrepot.provisioning.v1.Templates/ListTemplates";
    let stage = Contexts::default()
        .on(path, |asked: &pb::ListTemplatesRequest| {
            assert_eq!(asked.page_size, 1000);
            let last = asked.page_token == "T=2";
            let next_page_token = if last {
                String::new()
            } else {
                "T=2".to_owned()
            };
            Ok(pb::ListTemplatesResponse {
                templates: vec![template()],
                next_page_token,
            })
        })
        .stage();
    let answer = stage.get(&format!("{TEMPLATES}?max=9999")).await;
    let next = format!("<https://api.example.net{TEMPLATES}?max=1000&cursor=T%3D2>; rel=\"next\"");
    assert_eq!(answer.header("link"), next);
    let answer = stage
        .get(&format!("{TEMPLATES}?max=1000&cursor=T%3D2"))
        .await;
    assert_eq!(answer.header("link"), "");
    assert_eq!(answer.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_idempotency_key_must_be_a_plausible_one() {
    let stage = every_route::contexts().stage();
    for bad in ["", &"x".repeat(256)] {
        let request = Request::post(TEMPLATES)
            .header("authorization", "Bearer T")
            .header("content-type", "application/json")
            .header("idempotency-key", bad)
            .body("{}".into());
        let answer = stage.send(request.unwrap()).await;
        assert_eq!(answer.status, 400);
        assert!(answer.errors().contains_key("Idempotency-Key"));
    }
}

#[tokio::test]
async fn r604_a_case_is_decided_in_either_spelling_with_a_reason() {
    let stage = every_route::contexts().stage();
    let uri = format!(
        "/platform/v1/screening/cases/{}/decide",
        public("SCREENING_CASE")
    );
    for (text, approve) in [
        ("approve", true),
        ("approved", true),
        ("reject", false),
        ("rejected", false),
    ] {
        let body = format!(r#"{{"decision": "{text}", "reason": "another party"}}"#);
        assert_eq!(stage.post(&uri, &body).await.status, 200);
        let asked: compliance::DecideCaseRequest = stage.asked();
        let wanted = compliance::DecideCaseRequest {
            case_id: ID.to_owned(),
            approve,
            reason: "another party".to_owned(),
        };
        assert_eq!(asked, wanted);
    }
    let answer = stage.post(&uri, r#"{"decision": "maybe"}"#).await;
    assert_eq!(
        answer.errors().keys().collect::<Vec<_>>(),
        ["decision", "reason"]
    );
    let answer = stage.post(&uri, "{}").await;
    assert_eq!(answer.errors()["decision"], 1001);
}

#[tokio::test]
async fn whatever_is_not_clear_is_for_review() {
    let stage = every_route::contexts().stage();
    let body = r#"{"name": "Acme", "address": {"country": "US"}}"#;
    let answer = stage.post("/platform/v1/screening/checks", body).await;
    assert_eq!(answer.json()["decision"], "review");
    let asked: compliance::CheckPartyRequest = stage.asked();
    assert_eq!(asked.party.unwrap().address.unwrap().country, "US");
}

#[tokio::test]
async fn the_operator_creates_a_partner_with_a_client() {
    let stage = Contexts::default()
        .on(
            "/entrepot.identity.v1.Organizations/CreatePartner",
            |asked: &identity::CreatePartnerRequest| {
                Ok(identity::Organization {
                    organization_id: asked.organization_id.clone(),
                    display_name: asked.display_name.clone(),
                    ..identity::Organization::default()
                })
            },
        )
        .on(
            "/entrepot.identity.v1.Tokens/CreateClient",
            |asked: &identity::CreateClientRequest| {
                assert_eq!(
                    (asked.partner_id.as_str(), asked.kind()),
                    (ID, identity::ClientKind::Partner)
                );
                Ok(identity::CreatedClient {
                    client_id: "c".to_owned(),
                    client_secret: "s".to_owned(),
                    scopes: vec!["a".to_owned()],
                })
            },
        )
        .stage();
    let body = format!(r#"{{"orgId": "{ID}", "name": "Telco", "country": "US"}}"#);
    let answer = stage.post("/platform/v1/partners", &body).await;
    assert_eq!(answer.status, 201);
    let wanted = format!(
        r#"{{"orgId":"{}","name":"Telco","clientId":"c","clientSecret":"s","scopes":["a"]}}"#,
        public("ORGANIZATION")
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
}

#[tokio::test]
async fn r1106_a_sub_partner_is_suspended_and_resumed() {
    let stage = every_route::contexts().stage();
    for (verb, suspended) in [("suspend", true), ("resume", false)] {
        let uri = format!(
            "/platform/v1/sub-partners/{}/{verb}",
            public("ORGANIZATION")
        );
        assert_eq!(stage.call("POST", &uri, "").await.status, 200);
        let asked: pb::SetSubPartnerSuspendedRequest = stage.asked();
        assert_eq!(
            (asked.organization_id.as_str(), asked.suspended),
            (ID, suspended)
        );
    }
}

#[tokio::test]
async fn the_published_list_of_sub_partners_has_items_with_times() {
    let path = "/entrepot.provisioning.v1.SubPartners/ListSubPartners";
    let stage = Contexts::default()
        .on(path, |asked: &pb::ListSubPartnersRequest| {
            assert_eq!(asked.state(), pb::ProvisioningState::Active);
            let found = pb::SubPartner {
                organization_id: ID.to_owned(),
                subscription_id: "Sub23452345".to_owned(),
                state: pb::ProvisioningState::Active.into(),
                created_at: Some(prost_types::Timestamp {
                    seconds: 1_628_215_541,
                    nanos: 0,
                }),
                billing_start_date: "2023-02-22".to_owned(),
                name: "Reseller".to_owned(),
            };
            Ok(pb::ListSubPartnersResponse {
                sub_partners: vec![found],
                next_page_token: String::new(),
            })
        })
        .stage();
    let answer = stage
        .get("/v1/wholesale/subPartners?provisioningState=active&max=10&offset=0")
        .await;
    let wanted = format!(
        concat!(
            r#"{{"items":[{{"orgId":"{}","subscriptionId":"Sub23452345","provisioningState":"active","#,
            r#""created":"2021-08-06T02:05:41.000Z","billingStartDate":"2023-02-22T00:00:00.000Z"}}]}}"#
        ),
        public("ORGANIZATION")
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    assert_eq!(
        stage
            .get("/v1/wholesale/subPartners?provisioningState=gone")
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_subscription_names_its_partner() {
    let stage = every_route::contexts().stage();
    let body = format!(
        r#"{{"orgId": "{}", "subscriptionId": "Sub1", "currency": "EUR"}}"#,
        public("ORGANIZATION")
    );
    assert_eq!(
        stage.post("/platform/v1/subscriptions", &body).await.status,
        201
    );
    let asked: billing::CreateSubscriptionRequest = stage.asked();
    assert_eq!(asked.partner_id, ID);
    let answer = stage
        .post("/platform/v1/subscriptions", r#"{"currency": "EUR"}"#)
        .await;
    assert_eq!(answer.errors()["orgId"], 1001);
}

#[tokio::test]
async fn a_list_is_imported_from_files_larger_than_other_bodies() {
    let stage = every_route::contexts().stage();
    let uri = "/platform/v1/screening/lists";
    let file = "QUJD".repeat(512 * 1024);
    let body = format!(r#"{{"list": "SDN", "format": "ofac_csv", "files": ["{file}", "QQ=="]}}"#);
    assert_eq!(stage.post(uri, &body).await.status, 201);
    let asked: compliance::ImportListRequest = stage.asked();
    assert_eq!(asked.format(), compliance::ListFormat::OfacCsv);
    assert_eq!(
        asked.files.iter().map(Vec::len).collect::<Vec<_>>(),
        [3 * 512 * 1024, 1]
    );
    let answer = stage
        .post(uri, r#"{"format": "xml", "files": ["?"]}"#)
        .await;
    assert_eq!(
        answer.errors().keys().collect::<Vec<_>>(),
        ["files", "format"]
    );
}
