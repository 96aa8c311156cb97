//! `/v1/adminAudit`, `/v1/admin/securityAudit`, and `/platform/v1/audit-events`.

use axum::{body::Body, response::Response};
use chrono::{DateTime, Utc};
use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use kit::{fault::reason, time::to_proto};
use proto::{
    common::v1::AuditOutcome,
    compliance::v1::{
        AuditRecord, ListAuditCategoriesRequest, ListAuditEventsRequest, ListAuditEventsResponse,
        VerifyAuditChainRequest, audit_client::AuditClient,
    },
};

mod published;

use published::{Names, admin_out};

use super::{CURSOR, MAX, OFFSET, TOP, USUAL, some, some_list, time};
use crate::{
    call::{Call, Outcome, listed, ok},
    failure::Failure,
    id::{self, Kind},
    paging::Page,
    query::Query,
    routes::{Route, handler},
    wire::audit::{
        AdminAuditEvents, AuditCategories, AuditDetail, AuditEvent, AuditEvents, AuditVerification,
        BrokenPlace,
    },
};

const PUBLISHED: &str = "audit:events_read";
const READ: &str = "platform:audit_read";
const NDJSON: &str = "application/x-ndjson";

const FROM: (&str, &str) = ("from", "only at this instant or later");
const TO: (&str, &str) = ("to", "only before this instant");
const ACTOR: (&str, &str) = ("actorId", "only by this person or client");

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/v1/adminAudit/events",
        PUBLISHED,
        "listAdminAuditEvents",
        "List what was done, newest first",
        handler!(admin),
    )
    .query(&[
        (
            "orgId",
            "required: what was done to this organization; your own stands for all of yours",
        ),
        ("from", "required: at this instant or later"),
        ("to", "required: before this instant"),
        ACTOR,
        ("eventCategories", "only of these categories"),
        OFFSET,
        MAX,
    ])
    .answers::<AdminAuditEvents>(),
    Route::new(
        "GET",
        "/v1/adminAudit/eventCategories",
        PUBLISHED,
        "listAuditCategories",
        "The categories of actions",
        handler!(categories),
    )
    .answers::<AuditCategories>(),
    Route::new(
        "GET",
        "/v1/admin/securityAudit/events",
        PUBLISHED,
        "listSecurityAuditEvents",
        "List who signed in, or acted for another, newest first",
        handler!(security),
    )
    .query(&[
        (
            "orgId",
            "required: what was done to this organization; your own stands for all of yours",
        ),
        ("startTime", "required: at this instant or later"),
        ("endTime", "required: before this instant"),
        ACTOR,
        CURSOR,
        MAX,
    ])
    .answers::<AdminAuditEvents>(),
    Route::new(
        "GET",
        "/platform/v1/audit-events",
        READ,
        "listAuditEvents",
        "List what was done, newest first, with its place in the chain",
        handler!(list),
    )
    .query(&[
        ("orgId", "only what was done to this organization"),
        FROM,
        TO,
        ACTOR,
        ("categories", "only of these categories"),
        CURSOR,
        MAX,
    ])
    .answers::<AuditEvents>(),
    Route::new(
        "GET",
        "/platform/v1/audit-events/export",
        READ,
        "exportAuditEvents",
        "What was done, one JSON object a line, newest first; the `Link` header leads to the rest",
        handler!(export),
    )
    .query(&[FROM, TO, CURSOR, MAX])
    .answers_media(NDJSON),
    Route::new(
        "GET",
        "/platform/v1/audit-events/verification",
        READ,
        "verifyAuditEvents",
        "Compute the chain again: was anything changed?",
        handler!(verify),
    )
    .query(&[("head", "a head that you noted earlier: is it still inside?")])
    .answers::<AuditVerification>(),
];

/// What is told of sign-ins, and of acting for another.
const SECURITY: &[&str] = &["LOGINS", "TOKENS"];

/// Lines of an export at most; they are held in memory.
const LINES: i32 = 10_000;

fn client(call: &Call) -> AuditClient<kit::link::Link> {
    AuditClient::new(call.surface.links.compliance.clone())
}

async fn ask(
    call: &Call,
    message: ListAuditEventsRequest,
) -> Result<ListAuditEventsResponse, Failure> {
    let answer = client(call)
        .list_audit_events(call.own_request(message)?)
        .await;
    Ok(answer?.into_inner())
}

/// A parameter that must be there.
fn required<T>(name: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::field(name, reason::MISSING, format!("{name} is required")))
}

/// What published lists ask for; these parameters are required.
fn published(query: &Query, from: &str, to: &str) -> Result<ListAuditEventsRequest, Failure> {
    let instant = |name| Ok::<_, Failure>(to_proto(required(name, query.instant(name)?)?));
    Ok(ListAuditEventsRequest {
        organization_id: required("orgId", some(query.id("orgId", Kind::Organization)?))?,
        occurred_after: Some(instant(from)?),
        occurred_before: Some(instant(to)?),
        actor_id: actor(query)?,
        ..ListAuditEventsRequest::default()
    })
}

/// A person by its public id, or a client as it is.
fn actor(query: &Query) -> Result<String, Failure> {
    let text = query.text("actorId")?;
    Ok(id::decode(Kind::Person, &text).map_or(text, |id| id.to_string()))
}

fn in_categories(query: &Query, name: &str) -> Vec<String> {
    query.list(name).into_iter().map(str::to_owned).collect()
}

async fn admin(call: Call) -> Outcome {
    let page = Page::offset(&call.query, USUAL, TOP)?;
    let message = ListAuditEventsRequest {
        categories: in_categories(&call.query, "eventCategories"),
        page_size: page.size,
        page_token: page.token.clone(),
        skip: page.offset,
        ..published(&call.query, "from", "to")?
    };
    let found = ask(&call, message).await?;
    let rows = found.records.len();
    let links = page.offset_links(&call.own_url(), &call.query, rows, &found.next_page_token);
    admin_list(&call, found.records, links).await
}

async fn security(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, TOP)?;
    let message = ListAuditEventsRequest {
        categories: SECURITY
            .iter()
            .map(|&category| category.to_owned())
            .collect(),
        page_size: page.size,
        page_token: page.token.clone(),
        ..published(&call.query, "startTime", "endTime")?
    };
    let found = ask(&call, message).await?;
    let links = page.cursor_links(&call.own_url(), &call.query, &found.next_page_token);
    admin_list(&call, found.records, links).await
}

async fn admin_list(
    call: &Call,
    records: Vec<AuditRecord>,
    links: Option<(HeaderName, HeaderValue)>,
) -> Outcome {
    let names = Names::of(call, &records).await?;
    let items = records.into_iter().map(|record| admin_out(record, &names));
    let items = items.collect();
    listed(&AdminAuditEvents { items }, links)
}

async fn categories(call: Call) -> Outcome {
    let request = call.own_request(ListAuditCategoriesRequest {})?;
    let found = client(&call).list_audit_categories(request).await?;
    ok(&AuditCategories {
        event_categories: found.into_inner().categories,
    })
}

/// What our own lists ask for.
fn own(query: &Query, page: &Page) -> Result<ListAuditEventsRequest, Failure> {
    let instant = |at: Option<DateTime<Utc>>| at.map(to_proto);
    Ok(ListAuditEventsRequest {
        occurred_after: instant(query.instant("from")?),
        occurred_before: instant(query.instant("to")?),
        page_size: page.size,
        page_token: page.token.clone(),
        ..ListAuditEventsRequest::default()
    })
}

async fn list(call: Call) -> Outcome {
    let query = &call.query;
    let page = Page::cursor(query, USUAL, TOP)?;
    let message = ListAuditEventsRequest {
        organization_id: query.id("orgId", Kind::Organization)?,
        actor_id: actor(query)?,
        categories: in_categories(query, "categories"),
        ..own(query, &page)?
    };
    let found = ask(&call, message).await?;
    let links = page.cursor_links(&call.own_url(), query, &found.next_page_token);
    let items = found.records.into_iter().map(own_out).collect();
    listed(&AuditEvents { items }, links)
}

async fn export(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, LINES, LINES)?;
    let mut message = own(&call.query, &page)?;
    let (mut lines, mut left) = (Vec::new(), page.size);
    let next = loop {
        message.page_size = left.min(TOP);
        let found = ask(&call, message.clone()).await?;
        left -= i32::try_from(found.records.len()).unwrap_or(left);
        for record in found.records {
            let line = serde_json::to_writer(&mut lines, &own_out(record));
            line.map_err(|error| {
                tracing::error!(%error, "export not written");
                Failure::internal()
            })?;
            lines.push(b'\n');
        }
        if left <= 0 || found.next_page_token.is_empty() {
            break found.next_page_token;
        }
        message.page_token = found.next_page_token;
    };
    let mut response = Response::new(Body::from(lines));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    let file = HeaderValue::from_static("attachment; filename=\"audit-events.ndjson\"");
    headers.insert(CONTENT_DISPOSITION, file);
    headers.extend(page.cursor_links(&call.own_url(), &call.query, &next));
    Ok(response)
}

async fn verify(call: Call) -> Outcome {
    let noted = call.query.text("head")?;
    let wrong = |_| {
        Failure::field(
            "head",
            reason::INVALID,
            "head is not a hash in hex".to_owned(),
        )
    };
    let message = VerifyAuditChainRequest {
        noted_head: hex::decode(&noted).map_err(wrong)?,
    };
    let request = call.own_request(message)?;
    let found = client(&call)
        .verify_audit_chain(request)
        .await?
        .into_inner();
    let broken = BrokenPlace {
        sequence: found.first_broken,
        problem: found.problem,
    };
    ok(&AuditVerification {
        length: found.length,
        head: hex::encode(found.head),
        intact: found.intact,
        first_broken: (!found.intact).then_some(broken),
        head_found: (!noted.is_empty()).then_some(found.noted_head_found),
        verified: time(found.verified_at.as_ref()),
    })
}

/// The public id of a thing, where its kind has one.
fn target(kind: &str, key: String) -> Option<String> {
    let kind = match kind {
        "customer" => Kind::Customer,
        "subscriber" => Kind::Subscriber,
        "organization" => Kind::Organization,
        "person" => Kind::Person,
        "report" => Kind::Report,
        "template" => Kind::Template,
        "screening_case" => Kind::Case,
        _ => return some(key),
    };
    id::encode_optional(kind, &key)
}

/// The public id of a person; a client's id is public as it is.
fn actor_out(actor: String, client: &str) -> Option<String> {
    let person = actor != client && uuid::Uuid::try_parse(&actor).is_ok();
    if person {
        return id::encode_optional(Kind::Person, &actor);
    }
    some(actor)
}

fn organization_out(key: &str) -> Option<String> {
    id::encode_optional(Kind::Organization, key)
}

fn own_out(record: AuditRecord) -> AuditEvent {
    let event = record.event.unwrap_or_default();
    let done = event.outcome() == AuditOutcome::Done;
    let details = event.details.into_iter().map(|detail| AuditDetail {
        name: detail.name,
        text: detail.text,
    });
    AuditEvent {
        id: id::encode(Kind::AuditEvent, &record.event_id),
        sequence: record.sequence,
        hash: hex::encode(record.hash),
        occurred: time(record.occurred_at.as_ref()),
        recorded: time(record.recorded_at.as_ref()),
        context: record.context,
        action: event.action,
        category: record.category,
        text: record.action_text,
        outcome: if done { "done" } else { "refused" }.to_owned(),
        reason: some(event.reason),
        acting_id: actor_out(event.acting_id, &event.client_id),
        actor_id: actor_out(event.actor_id, &event.client_id),
        actor_org_id: organization_out(&event.actor_organization_id),
        client_id: some(event.client_id),
        acting_org_id: organization_out(&event.acting_organization_id),
        session_id: some(event.session_id),
        org_id: organization_out(&event.organization_id),
        target_id: target(&event.target_kind, event.target_id),
        target_type: some(event.target_kind),
        address: some(event.address),
        tracking_id: some(record.tracking_id),
        details: some_list(details.collect()),
    }
}
