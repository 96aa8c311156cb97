//! What directories and identity providers are part of.

use hyper::Method;
use serde_json::json;

use crate::stage::Partner;

/// Groups and people of a directory, and identity providers.
pub(super) async fn directories(partner: &Partner) -> Vec<String> {
    let customer = partner.provisioned("audit-staff", &["webex_calling"]).await;
    let customer = partner.get(&Partner::customer_path(&customer)).await;
    let org = customer.text_at("/orgId");
    let body = json!({ "displayName": "Staff", "orgId": org });
    let made = partner.post("/v1/groups", &body).await;
    let made = made.expect_status(201).unwrap();
    let group = format!("/v1/groups/{}", made.text_at("/id"));
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "displayName", "value": "Everybody" }],
    });
    let headers = [("content-type", "application/json")];
    let body = body.to_string().into();
    let changed = partner
        .api
        .send(Method::PATCH, &group, &headers, body)
        .await;
    assert!(changed.unwrap().status.is_success());
    partner.delete(&group).await.expect_status(204).unwrap();

    let users = format!("/identity/scim/{org}/v2/Users");
    // the first person of an organization is its administrator, and stays
    let body = json!({ "userName": "stays@audit-staff.example" });
    partner
        .post(&users, &body)
        .await
        .expect_status(201)
        .unwrap();
    let body = json!({ "userName": "leaves@audit-staff.example" });
    let made = partner.post(&users, &body).await;
    let made = made.expect_status(201).unwrap();
    let user = format!("{users}/{}", made.text_at("/id"));
    partner.delete(&user).await.expect_status(204).unwrap();

    let providers = "/platform/v1/identity-providers";
    let body = crate::stage::provider("idp-of-audit");
    let made = partner.post(providers, &body).await;
    let made = made.expect_status(201).unwrap();
    let provider = format!("{providers}/{}", made.text_at("/id"));
    let changed = partner.put(&provider, &body).await;
    assert!(changed.status.is_success(), "{}", changed.text);
    let path = format!("{provider}/disable");
    let disabled = partner.post(&path, &json!({})).await;
    assert!(disabled.status.is_success(), "{}", disabled.text);
    partner.delete(&provider).await.expect_status(204).unwrap();
    vec![body["clientSecret"].as_str().unwrap_or_default().to_owned()]
}
