//! Organizations, people and roles, in the forms that are published.

use http::{Request, StatusCode, header::IF_MATCH};
use proto::identity::v1 as pb;
use serde_json::{Value, json};

use crate::stage::{Contexts, ID, Stage};

/// The published example, without what this platform keeps elsewhere: location, licences, sites, presence.
fn example() -> Value {
    json!({
        "id": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY",
        "emails": ["john.andersen@example.com"],
        "phoneNumbers": [{"type": "work", "value": "+1 408 526 7209", "primary": true}],
        "displayName": "John Andersen",
        "nickName": "John",
        "firstName": "John",
        "lastName": "Andersen",
        "avatar": "https://example.com/john.png",
        "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE",
        "roles": ["Y2lzY29zcGFyazovL3VzL1JPTEUvY3VzdG9tZXJfZnVsbF9hZG1pbg"],
        "department": "Sales",
        "manager": "John Duarte",
        "managerId": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS80ZGEzYTI0OC05YjBhLTQxMDgtODU0NC1iNTQwMzEyZTU2M2E",
        "title": "GM",
        "addresses": [{
            "type": "work",
            "country": "US",
            "locality": "Milpitas",
            "region": "California",
            "streetAddress": "1099 Bird Ave.",
            "postalCode": "99212",
        }],
        "created": "2015-10-18T14:26:16.000Z",
        "lastModified": "2015-10-18T14:26:16.000Z",
        "timezone": "America/Denver",
        "invitePending": "false",
        "loginEnabled": "true",
        "type": "person",
    })
}

fn john() -> pb::Member {
    let at = prost_types::Timestamp {
        seconds: 1_445_178_376,
        nanos: 0,
    };
    let text = str::to_owned;
    pb::Member {
        person_id: text("f5b36187-c8dd-4727-8b2f-f9c447f29046"),
        organization_id: text("96abc2aa-3dcc-11e5-a152-fe34819cdc9a"),
        email: text("john.andersen@example.com"),
        display_name: text("John Andersen"),
        first_name: text("John"),
        last_name: text("Andersen"),
        nick_name: text("John"),
        roles: vec![text("customer_full_admin")],
        state: pb::MemberState::Active.into(),
        phones: vec![pb::MemberPhone {
            label: text("work"),
            number: text("+1 408 526 7209"),
            primary: true,
        }],
        title: text("GM"),
        department: text("Sales"),
        manager: text("John Duarte"),
        manager_id: text("4da3a248-9b0a-4108-8544-b540312e563a"),
        time_zone: text("America/Denver"),
        avatar: text("https://example.com/john.png"),
        addresses: vec![pb::MemberAddress {
            label: text("work"),
            street: text("1099 Bird Ave."),
            locality: text("Milpitas"),
            region: text("California"),
            postal_code: text("99212"),
            country: text("US"),
        }],
        created_at: Some(at),
        changed_at: Some(at),
        ..pb::Member::default()
    }
}

/// Contexts that know one person.
fn stage() -> Stage {
    Contexts::default()
        .on(
            "/entrepot.identity.v1.Members/ReadMember",
            |_: &pb::ReadMemberRequest| Ok(john()),
        )
        .on(
            "/entrepot.identity.v1.Members/ReplaceMember",
            |_: &pb::ReplaceMemberRequest| Ok(john()),
        )
        .on(
            "/entrepot.identity.v1.Members/ListMembers",
            |asked: &pb::ListMembersRequest| {
                Ok(pb::ListMembersResponse {
                    members: vec![john()],
                    next_page_token: "NEXT".to_owned(),
                    unknown_ids: asked.person_ids.clone(),
                })
            },
        )
        .stage()
}

#[tokio::test]
async fn a_person_is_written_as_published() {
    let answer = stage().call("GET", &format!("/v1/people/{ID}"), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), example());
}

#[tokio::test]
async fn what_was_read_can_be_sent_back() {
    let stage = stage();
    let body = example().to_string();
    let answer = stage.call("PUT", &format!("/v1/people/{ID}"), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let asked: pb::ReplaceMemberRequest = stage.asked();
    let wanted = pb::Member {
        person_id: ID.to_owned(),
        created_at: None,
        changed_at: None,
        ..john()
    };
    assert_eq!(asked.member.as_ref(), Some(&wanted));
    assert!(!asked.keep_roles);
}

#[tokio::test]
async fn roles_that_are_not_told_stay_and_what_is_kept_elsewhere_is_refused() {
    let stage = stage();
    let path = format!("/v1/people/{ID}");
    let body = json!({"displayName": "John", "loginEnabled": false}).to_string();
    stage.call("PUT", &path, &body).await;
    let asked: pb::ReplaceMemberRequest = stage.asked();
    assert!(asked.keep_roles);
    let wanted = asked.member.as_ref().map(pb::Member::state);
    assert_eq!(wanted, Some(pb::MemberState::Disabled));
    for (field, value) in [
        ("licenses", json!(["x"])),
        ("locationId", json!("x")),
        ("emails", json!(["a@b.example", "c@d.example"])),
        ("managerId", json!("x")),
    ] {
        let body = json!({"displayName": "John", field: value}).to_string();
        let answer = stage.call("PUT", &path, &body).await;
        assert_eq!(answer.status, 400, "{field}");
        assert!(answer.errors().contains_key(field), "{field}");
    }
}

#[tokio::test]
async fn a_list_names_the_ids_that_it_did_not_find_as_they_were_sent() {
    let stage = stage();
    let id = example()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/people?id={id},nonsense&max=1");
    let answer = stage.call("GET", &path, "").await;
    assert_eq!(answer.json()["items"], json!([example()]));
    assert_eq!(answer.json()["notFoundIds"], json!(["nonsense", id]));
    assert!(answer.header("link").contains("cursor=NEXT"));
    let answer = stage.call("GET", "/v1/people?id=nonsense", "").await;
    assert_eq!(
        answer.json(),
        json!({"items": [], "notFoundIds": ["nonsense"]})
    );
}

#[tokio::test]
async fn an_identity_organization_is_written_as_published_and_changed_by_its_version() {
    let at = prost_types::Timestamp {
        seconds: 1_620_921_069,
        nanos: 736_000_000,
    };
    let detail = pb::OrganizationDetail {
        organization: Some(pb::Organization {
            organization_id: ID.to_owned(),
            display_name: "Acme, Inc.".to_owned(),
            locale: "en_US".to_owned(),
            created_at: Some(at),
            ..pb::Organization::default()
        }),
        changed_at: Some(at),
        version: 3,
        relations: Vec::new(),
    };
    let changed = detail.clone();
    let stage = Contexts::default()
        .on(
            "/entrepot.identity.v1.Directory/ReadOrganization",
            move |_: &pb::ReadOrganizationRequest| Ok(detail.clone()),
        )
        .on(
            "/entrepot.identity.v1.Directory/ChangeOrganization",
            move |_: &pb::ChangeOrganizationRequest| Ok(changed.clone()),
        )
        .stage();
    let wanted = json!({
        "schemas": ["urn:cisco:codev:identity:organization:core:1.0"],
        "id": ID,
        "displayName": "Acme, Inc.",
        "preferredLanguage": "en_US",
        "meta": {
            "created": "2021-05-13T15:51:09.736Z",
            "lastModified": "2021-05-13T15:51:09.736Z",
            "version": "W/\"3\"",
        },
    });
    for prefix in ["/identity", "/identity/v1", "/v1/identity"] {
        let path = format!("{prefix}/organizations/{ID}");
        assert_eq!(
            stage.call("GET", &path, "").await.json(),
            wanted,
            "{prefix}"
        );
    }
    stage.seen();
    for (version, asked) in [
        ("W/\"3\"", Some(3)),
        ("\"4\"", Some(4)),
        ("*", Some(0)),
        ("x", None),
    ] {
        let request = Request::patch(format!("/identity/organizations/{ID}"))
            .header("authorization", "Bearer T")
            .header("content-type", "application/json")
            .header(IF_MATCH, version)
            .body(r#"{"displayName":"New"}"#.into());
        let answer = stage.send(request.unwrap()).await;
        assert_eq!(answer.status.is_success(), asked.is_some(), "{version}");
        match asked {
            Some(version) => {
                let sent: pb::ChangeOrganizationRequest = stage.asked();
                assert_eq!(sent.version, version);
            }
            None => assert!(stage.seen().is_empty()),
        }
    }
}

#[tokio::test]
async fn a_role_has_a_word_for_its_key() {
    let role = |code: &str| pb::Role {
        role_id: code.to_owned(),
        name: "Full administrator".to_owned(),
        permissions: Vec::new(),
    };
    let stage = Contexts::default()
        .on(
            "/entrepot.identity.v1.Roles/ListRoles",
            move |_: &pb::ListRolesRequest| {
                Ok(pb::ListRolesResponse {
                    roles: vec![role("user"), role("customer_full_admin")],
                })
            },
        )
        .stage();
    let id = example()["roles"][0].as_str().unwrap().to_owned();
    for asked in [&*id, "customer_full_admin"] {
        let answer = stage.call("GET", &format!("/v1/roles/{asked}"), "").await;
        assert_eq!(
            answer.json(),
            json!({"id": id, "name": "Full administrator"})
        );
    }
    assert_eq!(stage.call("GET", "/v1/roles/none", "").await.status, 404);
}

#[tokio::test]
async fn organizations_are_read_to_the_end() {
    let stage = Contexts::default()
        .on(
            "/entrepot.identity.v1.Directory/ListOrganizations",
            |asked: &pb::ListOrganizationsRequest| {
                let last = !asked.page_token.is_empty();
                Ok(pb::ListOrganizationsResponse {
                    organizations: vec![pb::Organization::default()],
                    next_page_token: if last {
                        String::new()
                    } else {
                        "more".to_owned()
                    },
                })
            },
        )
        .stage();
    let answer = stage.call("GET", "/v1/organizations", "").await;
    assert_eq!(answer.json()["items"].as_array().map(Vec::len), Some(2));
}
