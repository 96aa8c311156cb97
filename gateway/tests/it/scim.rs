//! SCIM: its forms of errors and media, its aliases, and groups in the published form.

use axum::body::Body;
use http::Request;
use kit::fault::Kind;
use proto::identity::v1::{
    DeleteResourceRequest, DeleteResourceResponse, ReadResourceRequest, ScimResource,
};

use crate::{
    every_route::contexts,
    stage::{Contexts, ID, fault},
};

const MEDIA: &str = "application/scim+json";

fn users(rest: &str) -> String {
    format!("/identity/scim/{ID}/v2/Users{rest}")
}

async fn ask(uri: &str, accept: &str) -> crate::stage::Answer {
    let stage = contexts().stage();
    stage.refuse(fault(Kind::Conflict, "VERSION_DIFFERS"));
    let request = Request::get(uri)
        .header("authorization", "Bearer T")
        .header("accept", accept);
    stage.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn errors_are_told_as_the_standard_has_them_unless_ours_are_asked_for() {
    for accept in [
        "*/*",
        MEDIA,
        "application/scim+json, application/json;q=0.5",
    ] {
        let answer = ask(&users(""), accept).await;
        assert_eq!(answer.status, 412);
        assert_eq!(answer.header("content-type"), MEDIA);
        let body = answer.json();
        assert_eq!(body["status"], "412");
        assert_eq!(
            body["schemas"][0],
            "urn:ietf:params:scim:api:messages:2.0:Error"
        );
        // what is no route is refused in the same words
        let answer = ask(&format!("/identity/scim/{ID}/v2/Nothing"), accept).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                &*answer.json()["status"].to_string()
            ),
            (404, "\"404\"")
        );
    }
    let answer = ask(&users(""), "application/json").await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.errors()[""], 900_602);
}

#[tokio::test]
async fn old_paths_lead_to_the_same() {
    let place = |asked: &DeleteResourceRequest| {
        assert_eq!(asked.place.as_ref().unwrap().organization_id, ID);
        assert_eq!(asked.resource_id, ID);
        Ok(DeleteResourceResponse {})
    };
    let path = "/entrepot.identity.v1.Scim/DeleteResource";
    let stage = Contexts::default().on(path, place).stage();
    for uri in [
        format!("/identity/scim/{ID}/v2/Users/{ID}"),
        format!("/scim/{ID}/Users/{ID}"),
        format!("/scim/{ID}/v2/Users/{ID}"),
        format!("/v1/identity/scim/{ID}/v2/Users/{ID}"),
        format!("//identity//scim/{ID}/v2/Users/{ID}"),
    ] {
        let answer = stage.call("DELETE", &uri, "").await;
        assert_eq!(answer.status, 204, "{uri}: {answer:?}");
    }
}

#[tokio::test]
async fn a_group_in_the_published_form_names_its_organization_and_people_by_public_ids() {
    let read = |asked: &ReadResourceRequest| {
        let place = asked.place.as_ref().unwrap();
        let document = format!(r#"{{"displayName": "All", "members": [{{"value": "{ID}"}}]}}"#);
        Ok(ScimResource {
            resource_id: asked.resource_id.clone(),
            document,
            version: "W/\"1\"".to_owned(),
            location: format!(
                "https://x.example/identity/scim/{ID}/v2/Groups/{}{}",
                asked.resource_id, place.organization_id
            ),
        })
    };
    let path = "/entrepot.identity.v1.Scim/ReadResource";
    let stage = Contexts::default().on(path, read).stage();
    let first = stage.get(&format!("/v1/groups/{ID}")).await.json();
    assert_eq!(first["displayName"], "All");
    assert_eq!(first["memberSize"], 1);
    assert!(first.get("members").is_none());
    // the id that is told leads back, and to the organization
    let id = first["id"].as_str().unwrap();
    let again = stage
        .get(&format!("/v1/groups/{id}?includeMembers=true"))
        .await
        .json();
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["members"][0]["id"], crate::stage::public("PEOPLE"));
}
