//! `/v1/groups`: groups of people, as SCIM knows them, in the published form.

use http::StatusCode;
use kit::fault::{Violations, reason};
use proto::identity::v1::{self as pb, ScimKind, scim_client::ScimClient};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    refuse,
    scim::{Page, question, read},
    some,
};
use crate::{
    call::{Call, Outcome, empty, json_response, ok},
    failure::Failure,
    id::{self, Kind},
    routes::{Route, handler},
    wire::{
        groups::{GroupBody, GroupList, GroupMember, NewGroup},
        scim::Document,
    },
};

const READ: &str = "identity:groups_read";
const WRITE: &str = "identity:groups_rw";
const ALL: &str = "/v1/groups";
const ONE: &str = "/v1/groups/{groupId}";
const PAGE: [(&str, &str); 2] = [
    ("startIndex", "the first one, from 1 on"),
    ("count", "rows at most"),
];

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listGroups",
        "List groups",
        handler!(list),
    )
    .query(&[
        (
            "orgId",
            "of this organization; the caller's own when absent",
        ),
        ("filter", "a filter of SCIM"),
        ("sortBy", "the attribute to sort by"),
        ("sortOrder", "`ascending` or `descending`"),
        ("includeMembers", "`true` to tell who is in them"),
        PAGE[0],
        PAGE[1],
    ])
    .answers::<GroupList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createGroup",
        "Add a group",
        handler!(create),
    )
    .takes::<NewGroup>()
    .status(201)
    .answers::<GroupBody>(),
    Route::new("GET", ONE, READ, "getGroup", "Get a group", handler!(get))
        .query(&[("includeMembers", "`true` to tell who is in it")])
        .answers::<GroupBody>(),
    Route::new(
        "PATCH",
        ONE,
        WRITE,
        "changeGroup",
        "Change parts of a group",
        handler!(change),
    )
    .takes::<Document>()
    .answers::<GroupBody>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteGroup",
        "Delete a group",
        handler!(delete),
    )
    .status(204),
    Route::new(
        "GET",
        "/v1/groups/{groupId}/members",
        READ,
        "listGroupMembers",
        "List who is in a group",
        handler!(members),
    )
    .query(&PAGE)
    .answers::<GroupBody>(),
];

fn client(call: &Call) -> ScimClient<kit::link::Link> {
    ScimClient::new(call.surface.links.identity.clone())
}

fn place(organization: Option<Uuid>) -> pb::ScimPlace {
    pb::ScimPlace {
        organization_id: organization.map(|id| id.to_string()).unwrap_or_default(),
        kind: ScimKind::Group.into(),
        ..pb::ScimPlace::default()
    }
}

/// The group of the path and where it is.
fn target(call: &Call) -> Result<(pb::ScimPlace, String), Failure> {
    let (organization, group) =
        id::decode_group(call.part("groupId")).ok_or_else(Failure::missing)?;
    Ok((place(organization), group.to_string()))
}

async fn list(call: Call) -> Outcome {
    let query = &call.query;
    let page = Page::of(&call)?;
    let with_members = query.flag("includeMembers")?;
    let organization = query.id("orgId", Kind::Organization)?;
    let place = pb::ScimPlace {
        organization_id: organization,
        ..place(None)
    };
    let order = (query.text("sortBy")?, query.text("sortOrder")?);
    let message = question(place, page, query.text("filter")?, order);
    let found = client(&call)
        .query_resources(call.own_request(message)?)
        .await?;
    let found = found.into_inner();
    let groups = found.resources.iter();
    let groups: Vec<_> = groups.map(|one| group_out(one, with_members)).collect();
    ok(&GroupList {
        total_results: found.total.into(),
        start_index: page.start,
        items_per_page: i64::try_from(groups.len()).unwrap_or_default(),
        groups,
    })
}

async fn read_one(call: &Call) -> Result<pb::ScimResource, Failure> {
    let (place, resource_id) = target(call)?;
    let message = pb::ReadResourceRequest {
        place: Some(place),
        resource_id,
    };
    let found = client(call)
        .read_resource(call.own_request(message)?)
        .await?;
    Ok(found.into_inner())
}

async fn get(call: Call) -> Outcome {
    let with_members = call.query.flag("includeMembers")?;
    ok(&group_out(&read_one(&call).await?, with_members))
}

async fn members(call: Call) -> Outcome {
    let page = Page::of(&call)?;
    let mut group = group_out(&read_one(&call).await?, true);
    let all = group.members.unwrap_or_default().into_iter();
    let skipped = usize::try_from(page.start - 1).unwrap_or(usize::MAX);
    let most = usize::try_from(page.count).unwrap_or_default();
    group.members = Some(all.skip(skipped).take(most).collect());
    ok(&group)
}

async fn create(call: Call) -> Outcome {
    let body: NewGroup = call.json()?;
    let mut violations = Violations::default();
    let organization_id = super::body_id(&mut violations, "orgId", Kind::Organization, body.org_id);
    let mut members = Vec::new();
    for (n, member) in body.members.unwrap_or_default().into_iter().enumerate() {
        let field = format!("members[{n}].value");
        let value = super::required_id(&mut violations, &field, Kind::Person, member.value);
        let kind = member.kind.unwrap_or_else(|| "user".to_owned());
        let field = format!("members[{n}].type");
        let known = kind.eq_ignore_ascii_case("user");
        violations.check(known, &field, reason::INVALID, "only users are in groups");
        members.push(json!({ "value": value }));
    }
    refuse(violations)?;
    let document = json!({
        "displayName": body.display_name,
        "externalId": body.external_id,
        "members": members,
    });
    let message = pb::CreateResourceRequest {
        place: Some(pb::ScimPlace {
            organization_id,
            ..place(None)
        }),
        document: document.to_string(),
    };
    let made = client(&call)
        .create_resource(call.own_request(message)?)
        .await?;
    json_response(StatusCode::CREATED, &group_out(&made.into_inner(), true))
}

async fn change(call: Call) -> Outcome {
    let (place, resource_id) = target(&call)?;
    let mut change: Value = read(&call.document()?);
    plain_ids(&mut change);
    let message = pb::PatchResourceRequest {
        place: Some(place),
        resource_id,
        document: change.to_string(),
        version: String::new(),
    };
    let made = client(&call)
        .patch_resource(call.own_request(message)?)
        .await?;
    ok(&group_out(&made.into_inner(), true))
}

async fn delete(call: Call) -> Outcome {
    let (place, resource_id) = target(&call)?;
    let message = pb::DeleteResourceRequest {
        place: Some(place),
        resource_id,
        version: String::new(),
    };
    client(&call)
        .delete_resource(call.own_request(message)?)
        .await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Puts the ids of people, wherever they stand as a `value`, into the form that SCIM has.
fn plain_ids(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(plain_ids),
        Value::Object(inner) => {
            for (name, value) in inner.iter_mut() {
                let id = value
                    .as_str()
                    .and_then(|text| id::decode(Kind::Person, text));
                match id.filter(|_| name == "value") {
                    Some(id) => *value = id.to_string().into(),
                    None => plain_ids(value),
                }
            }
        }
        _ => {}
    }
}

fn group_out(found: &pb::ScimResource, with_members: bool) -> GroupBody {
    let document = read(&found.document);
    let text = |value: &Value| some(value.as_str().unwrap_or_default().to_owned());
    let place = found.location.split_once("/scim/").map(|(_, rest)| rest);
    let organization = place
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    let told = document["members"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let member = |one: &Value| GroupMember {
        id: text(&one["value"]).map(|id| id::encode(Kind::Person, &id)),
        kind: Some("user".to_owned()),
    };
    GroupBody {
        id: Some(id::encode_group(organization, &found.resource_id)),
        display_name: text(&document["displayName"]),
        org_id: id::encode_optional(Kind::Organization, organization),
        created: text(&document["meta"]["created"]),
        last_modified: text(&document["meta"]["lastModified"]),
        member_size: i64::try_from(told.len()).ok(),
        members: with_members.then(|| told.iter().map(member).collect()),
    }
}
