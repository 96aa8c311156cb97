//! `/identity/scim/{orgId}/v2`: SCIM 2.0 (RFC 7644). Documents pass through unread.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode, Uri,
    header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION},
};
use kit::{
    link::Link,
    scim::{MEDIA, reason},
};
use proto::identity::v1::{self as pb, ScimKind, scim_client::ScimClient};
use serde_json::{Value, json};

use crate::{
    call::{Call, Outcome, empty},
    failure::Failure,
    id::{self, Kind},
    routes::JSON,
    wire::scim::SearchRequest,
};

mod table;

pub(crate) use table::ROUTES;

/// Where it is.
const BASE: &str = "/identity/scim/";
/// A published sample leaves the standard's `/v2` and our prefix out.
pub(crate) const ALIAS: &str = "/scim/";
/// Resources of a page when nothing else is said.
const USUAL: i64 = 100;

/// Whether errors are told as SCIM has them: here, unless our usual ones are asked for.
pub(crate) fn speaks(uri: &Uri, headers: &HeaderMap) -> bool {
    uri.path().starts_with(BASE) && (accepts(headers, MEDIA) || !accepts(headers, JSON))
}

fn accepts(headers: &HeaderMap, media: &str) -> bool {
    let mut values = headers.get_all(ACCEPT).iter();
    values.any(|value| value.to_str().is_ok_and(|value| value.contains(media)))
}

/// The path that a path of old clients means.
pub(crate) fn known_path(path: &str) -> Option<String> {
    let (organization, rest) = path.strip_prefix(ALIAS)?.split_once('/')?;
    let rest = rest.strip_prefix("v2/").unwrap_or(rest);
    Some(format!("{BASE}{organization}/v2/{rest}"))
}

fn client(call: &Call) -> ScimClient<Link> {
    ScimClient::new(call.surface.links.identity.clone())
}

fn organization(call: &Call) -> Result<String, Failure> {
    Ok(call.id("organizationId", Kind::Organization)?.to_string())
}

fn resource(call: &Call, kind: ScimKind) -> Result<String, Failure> {
    let id = match kind {
        ScimKind::Group => id::decode_group(call.part("groupId")).map(|(_, group)| group),
        _ => id::decode(Kind::Person, call.part("userId")),
    };
    id.map(|id| id.to_string()).ok_or_else(Failure::missing)
}

fn place(call: &Call, kind: ScimKind) -> Result<pb::ScimPlace, Failure> {
    let names = |name| {
        call.query
            .list(name)
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    Ok(pb::ScimPlace {
        organization_id: organization(call)?,
        kind: kind.into(),
        attributes: names("attributes"),
        excluded_attributes: names("excludedAttributes"),
    })
}

/// The version that `If-Match` names.
fn version(call: &Call) -> String {
    let value = call
        .headers
        .get(IF_MATCH)
        .and_then(|value| value.to_str().ok());
    value.unwrap_or_default().trim().to_owned()
}

/// An answer in the media type that was asked for: clients of the field know the usual one only.
fn answer(call: &Call, status: StatusCode, document: String) -> Response {
    let media = if accepts(&call.headers, MEDIA) {
        MEDIA
    } else {
        JSON
    };
    let mut response = Response::new(Body::from(document));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

fn resource_out(call: &Call, status: StatusCode, found: pb::ScimResource) -> Response {
    let mut response = answer(call, status, found.document);
    let told = [(ETAG, found.version), (LOCATION, found.location)];
    for (name, text) in told.into_iter().filter(|(_, text)| !text.is_empty()) {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn create(call: Call, kind: ScimKind) -> Outcome {
    let message = pb::CreateResourceRequest {
        place: Some(place(&call, kind)?),
        document: call.document()?,
    };
    let made = client(&call)
        .create_resource(call.own_request(message)?)
        .await?;
    Ok(resource_out(&call, StatusCode::CREATED, made.into_inner()))
}

async fn get(call: Call, kind: ScimKind) -> Outcome {
    let message = pb::ReadResourceRequest {
        place: Some(place(&call, kind)?),
        resource_id: resource(&call, kind)?,
    };
    let found = client(&call)
        .read_resource(call.own_request(message)?)
        .await?;
    Ok(resource_out(&call, StatusCode::OK, found.into_inner()))
}

async fn replace(call: Call, kind: ScimKind) -> Outcome {
    let message = pb::ReplaceResourceRequest {
        place: Some(place(&call, kind)?),
        resource_id: resource(&call, kind)?,
        document: call.document()?,
        version: version(&call),
    };
    let made = client(&call)
        .replace_resource(call.own_request(message)?)
        .await?;
    Ok(resource_out(&call, StatusCode::OK, made.into_inner()))
}

async fn patch(call: Call, kind: ScimKind) -> Outcome {
    let message = pb::PatchResourceRequest {
        place: Some(place(&call, kind)?),
        resource_id: resource(&call, kind)?,
        document: call.document()?,
        version: version(&call),
    };
    let made = client(&call)
        .patch_resource(call.own_request(message)?)
        .await?;
    Ok(resource_out(&call, StatusCode::OK, made.into_inner()))
}

async fn delete(call: Call, kind: ScimKind) -> Outcome {
    let message = pb::DeleteResourceRequest {
        place: Some(place(&call, kind)?),
        resource_id: resource(&call, kind)?,
        version: version(&call),
    };
    client(&call)
        .delete_resource(call.own_request(message)?)
        .await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn bulk(call: Call) -> Outcome {
    let message = pb::ProcessBulkRequest {
        organization_id: organization(&call)?,
        document: call.document()?,
    };
    let done = client(&call)
        .process_bulk(call.own_request(message)?)
        .await?;
    Ok(answer(&call, StatusCode::OK, done.into_inner().document))
}

async fn describe(call: Call) -> Outcome {
    let path = call.uri.path().split_once("/v2/");
    let message = pb::DescribeScimRequest {
        organization_id: organization(&call)?,
        path: path.map(|(_, rest)| rest.to_owned()).unwrap_or_default(),
    };
    let found = client(&call)
        .describe_scim(call.own_request(message)?)
        .await?;
    Ok(answer(&call, StatusCode::OK, found.into_inner().document))
}

/// The page that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) start: i64,
    pub(super) count: i64,
}

impl Page {
    /// From the query.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        Ok(Self::from(
            number(call, "startIndex")?,
            number(call, "count")?,
        ))
    }

    /// What is less than there can be counts as the least (RFC 7644 section 3.4.2.4).
    fn from(start: Option<i64>, count: Option<i64>) -> Self {
        Self {
            start: start.unwrap_or(1).max(1),
            count: count.unwrap_or(USUAL).max(0),
        }
    }
}

fn number(call: &Call, name: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = call.query.one(name)? else {
        return Ok(None);
    };
    let wrong = || Failure::field(name, kit::fault::reason::INVALID, "is not a whole number");
    text.parse().map(Some).map_err(|_| wrong())
}

fn clamp(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A question.
pub(super) fn question(
    place: pb::ScimPlace,
    page: Page,
    filter: String,
    order: (String, String),
) -> pb::QueryResourcesRequest {
    pb::QueryResourcesRequest {
        place: Some(place),
        filter,
        start_index: clamp(page.start),
        count: clamp(page.count),
        sort_by: order.0,
        descending: order.1.eq_ignore_ascii_case("descending"),
    }
}

async fn ask(
    call: &Call,
    message: pb::QueryResourcesRequest,
) -> Result<pb::QueryResourcesResponse, Failure> {
    let found = client(call)
        .query_resources(call.own_request(message)?)
        .await;
    Ok(found?.into_inner())
}

/// A list (RFC 7644 section 3.4.2).
fn list_out(call: &Call, found: &[pb::ScimResource], total: i32, page: Page) -> Response {
    let resources: Vec<Value> = found.iter().map(|one| read(&one.document)).collect();
    let list = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": page.start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    answer(call, StatusCode::OK, list.to_string())
}

/// A document of identity's.
pub(super) fn read(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or_default()
}

async fn list(call: Call, kind: ScimKind) -> Outcome {
    let page = Page::of(&call)?;
    let query = &call.query;
    let order = (query.text("sortBy")?, query.text("sortOrder")?);
    let message = question(place(&call, kind)?, page, query.text("filter")?, order);
    let found = ask(&call, message).await?;
    Ok(list_out(&call, &found.resources, found.total, page))
}

/// A search whose parameters stand in the body; for all kinds, people come first.
async fn search(call: Call, kind: Option<ScimKind>) -> Outcome {
    let wanted: SearchRequest = crate::json::read(call.document()?.as_bytes())?;
    let organization_id = organization(&call)?;
    let page = Page::from(wanted.start_index, wanted.count);
    let asked = |kind: ScimKind, page: Page| {
        let place = pb::ScimPlace {
            organization_id: organization_id.clone(),
            kind: kind.into(),
            attributes: wanted.attributes.clone().unwrap_or_default(),
            excluded_attributes: wanted.excluded_attributes.clone().unwrap_or_default(),
        };
        let order = (&wanted.sort_by, &wanted.sort_order);
        let order = (
            order.0.clone().unwrap_or_default(),
            order.1.clone().unwrap_or_default(),
        );
        question(
            place,
            page,
            wanted.filter.clone().unwrap_or_default(),
            order,
        )
    };
    if let Some(kind) = kind {
        let found = ask(&call, asked(kind, page)).await?;
        return Ok(list_out(&call, &found.resources, found.total, page));
    }
    let people = ask(&call, asked(ScimKind::User, page)).await;
    let told = people.as_ref().map_or(0, |found| i64::from(found.total));
    let here = people.as_ref().map_or(0, |found| found.resources.len());
    let rest = Page {
        start: (page.start - told).max(1),
        count: page.count - i64::try_from(here).unwrap_or(page.count),
    };
    let groups = match &people {
        Err(failure) if failure.reason() != reason::FILTER => {
            return people.map(|_| empty(StatusCode::OK));
        }
        _ => ask(&call, asked(ScimKind::Group, rest)).await,
    };
    // what one kind does not have, the other may
    let (people, groups) = match (people, groups) {
        (Err(_), Err(failure)) => return Err(failure),
        (people, Err(failure)) if failure.reason() == reason::FILTER => (people?, None),
        (people, groups) => (people.unwrap_or_default(), Some(groups?)),
    };
    let groups = groups.unwrap_or_default();
    let total = people.total.saturating_add(groups.total);
    let mut found = people.resources;
    found.extend(groups.resources);
    Ok(list_out(&call, &found, total, page))
}

/// Who is in a group, by pages.
async fn members(call: Call) -> Outcome {
    let page = Page::of(&call)?;
    let message = pb::ReadResourceRequest {
        place: Some(place(&call, ScimKind::Group)?),
        resource_id: resource(&call, ScimKind::Group)?,
    };
    let found = client(&call)
        .read_resource(call.own_request(message)?)
        .await?;
    let group = read(&found.into_inner().document);
    let all = group["members"].as_array().cloned().unwrap_or_default();
    let total = all.len();
    let skipped = usize::try_from(page.start - 1).unwrap_or(usize::MAX);
    let most = usize::try_from(page.count).unwrap_or_default();
    let members: Vec<Value> = all.into_iter().skip(skipped).take(most).collect();
    let body = json!({
        "schemas": group["schemas"],
        "displayName": group["displayName"],
        "totalResults": total,
        "startIndex": page.start,
        "itemsPerPage": members.len(),
        "members": members,
    });
    Ok(answer(&call, StatusCode::OK, body.to_string()))
}
