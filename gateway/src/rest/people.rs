//! `/v1/people`.

use std::collections::HashMap;

use kit::fault::{Violations, reason};
use proto::identity::v1::{self as pb, MemberState, members_client::MembersClient};

use super::{CURSOR, MAX, TOP, USUAL, body_id, refuse, some, some_list, time};
use crate::{
    call::{Call, Outcome, listed, ok},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::people::{Flag, PersonAddress, PersonBody, PersonList, PersonPhone},
};

const READ: &str = "spark-admin:people_read";
const WRITE: &str = "spark-admin:people_write";
const ALL: &str = "/v1/people";
const ONE: &str = "/v1/people/{personId}";
/// A number that is shown apart as well.
const EXTENSION: &str = "work_extension";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listPeople",
        "List people",
        handler!(list),
    )
    .query(&[
        ("email", "only with this address"),
        ("displayName", "only whose name begins so"),
        ("id", "only these, at most 85, separated by commas"),
        (
            "orgId",
            "of this organization; the caller's own when absent",
        ),
        ("roles", "only with one of these roles, separated by commas"),
        CURSOR,
        MAX,
    ])
    .answers::<PersonList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createPerson",
        "Add a person",
        handler!(create),
    )
    .takes::<PersonBody>()
    .answers::<PersonBody>()
    .idempotent(),
    Route::new("GET", ONE, READ, "getPerson", "Get a person", handler!(get))
        .answers::<PersonBody>(),
    Route::new(
        "PUT",
        ONE,
        WRITE,
        "updatePerson",
        "Replace what is told of a person",
        handler!(update),
    )
    .takes::<PersonBody>()
    .answers::<PersonBody>(),
];

fn client(call: &Call) -> MembersClient<kit::link::Link> {
    MembersClient::new(call.surface.links.identity.clone())
}

async fn list(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, TOP)?;
    let query = &call.query;
    // of ids that are none of ours nobody has to be asked
    let mut asked: HashMap<String, &str> = HashMap::new();
    let mut not_found: Vec<String> = Vec::new();
    for text in query.list("id") {
        match id::decode(Kind::Person, text) {
            Some(id) => drop(asked.insert(id.to_string(), text)),
            None => not_found.push(text.to_owned()),
        }
    }
    if asked.is_empty() && !not_found.is_empty() {
        return ok(&PersonList {
            items: Vec::new(),
            not_found_ids: Some(not_found),
        });
    }
    let role = |text: &str| id::decode_text(Kind::Role, text).unwrap_or_else(|| text.to_owned());
    let message = pb::ListMembersRequest {
        organization_id: query.id("orgId", Kind::Organization)?,
        email: query.text("email")?,
        display_name_prefix: query.text("displayName")?,
        person_ids: asked.keys().cloned().collect(),
        roles: query.list("roles").into_iter().map(role).collect(),
        page_size: page.size,
        page_token: page.token.clone(),
    };
    let found = client(&call)
        .list_members(call.own_request(message)?)
        .await?
        .into_inner();
    let unknown = found.unknown_ids.iter();
    not_found.extend(unknown.filter_map(|id| asked.get(id).map(|text| (*text).to_owned())));
    let links = page.cursor_links(&call.own_url(), query, &found.next_page_token);
    let people = PersonList {
        items: found.members.into_iter().map(person_out).collect(),
        not_found_ids: some_list(not_found),
    };
    listed(&people, links)
}

async fn get(call: Call) -> Outcome {
    let person_id = call.id("personId", Kind::Person)?.to_string();
    let request = call.own_request(pb::ReadMemberRequest { person_id })?;
    ok(&person_out(
        client(&call).read_member(request).await?.into_inner(),
    ))
}

async fn create(call: Call) -> Outcome {
    let idempotency_key = call.idempotency_key()?;
    let mut violations = Violations::default();
    let member = person_in(&mut violations, call.json()?);
    refuse(violations)?;
    let message = pb::CreateMemberRequest {
        member: Some(member),
        idempotency_key,
    };
    let request = call.own_request(message)?;
    ok(&person_out(
        client(&call).create_member(request).await?.into_inner(),
    ))
}

async fn update(call: Call) -> Outcome {
    let person_id = call.id("personId", Kind::Person)?.to_string();
    let body: PersonBody = call.json()?;
    let keep_roles = body.roles.is_none();
    let mut violations = Violations::default();
    let member = person_in(&mut violations, body);
    refuse(violations)?;
    let message = pb::ReplaceMemberRequest {
        member: Some(pb::Member {
            person_id,
            ..member
        }),
        keep_roles,
    };
    let request = call.own_request(message)?;
    ok(&person_out(
        client(&call).replace_member(request).await?.into_inner(),
    ))
}

/// A person as it is wanted. What is kept elsewhere is refused rather than forgotten.
fn person_in(violations: &mut Violations, body: PersonBody) -> pb::Member {
    let emails = body.emails.unwrap_or_default();
    violations.check(
        emails.len() <= 1,
        "emails",
        reason::TOO_LONG,
        "a person has one address",
    );
    for (field, is_given) in [
        ("licenses", body.licenses.is_some_and(|all| !all.is_empty())),
        (
            "locationId",
            body.location_id.is_some_and(|id| !id.is_empty()),
        ),
    ] {
        violations.check(
            !is_given,
            field,
            "NOT_ALLOWED",
            "packages and locations are given with wholesale subscribers",
        );
    }
    let mut phones: Vec<pb::MemberPhone> = body
        .phone_numbers
        .unwrap_or_default()
        .into_iter()
        .map(phone_in)
        .collect();
    if let Some(extension) = body.extension.filter(|text| !text.is_empty()) {
        phones.retain(|phone| phone.label != EXTENSION);
        phones.push(pb::MemberPhone {
            label: EXTENSION.to_owned(),
            number: extension,
            primary: false,
        });
    }
    let role = |text: String| id::decode_text(Kind::Role, &text).unwrap_or(text);
    let state = match body.login_enabled {
        Some(Flag(false)) => MemberState::Disabled,
        Some(Flag(true)) => MemberState::Active,
        // nobody gets back in because a client left a field out
        None => MemberState::Unspecified,
    };
    pb::Member {
        organization_id: body_id(violations, "orgId", Kind::Organization, body.org_id),
        email: emails.into_iter().next().unwrap_or_default(),
        display_name: body.display_name.unwrap_or_default(),
        first_name: body.first_name.unwrap_or_default(),
        last_name: body.last_name.unwrap_or_default(),
        nick_name: body.nick_name.unwrap_or_default(),
        roles: body
            .roles
            .unwrap_or_default()
            .into_iter()
            .map(role)
            .collect(),
        state: state.into(),
        phones,
        title: body.title.unwrap_or_default(),
        department: body.department.unwrap_or_default(),
        manager: body.manager.unwrap_or_default(),
        manager_id: body_id(violations, "managerId", Kind::Person, body.manager_id),
        time_zone: body.timezone.unwrap_or_default(),
        avatar: body.avatar.unwrap_or_default(),
        addresses: body
            .addresses
            .unwrap_or_default()
            .into_iter()
            .map(address_in)
            .collect(),
        ..pb::Member::default()
    }
}

fn phone_in(phone: PersonPhone) -> pb::MemberPhone {
    pb::MemberPhone {
        label: phone.kind.unwrap_or_else(|| "work".to_owned()),
        number: phone.value.unwrap_or_default(),
        primary: phone.primary.unwrap_or_default(),
    }
}

fn address_in(address: PersonAddress) -> pb::MemberAddress {
    pb::MemberAddress {
        label: address.kind.unwrap_or_default(),
        street: address.street_address.unwrap_or_default(),
        locality: address.locality.unwrap_or_default(),
        region: address.region.unwrap_or_default(),
        postal_code: address.postal_code.unwrap_or_default(),
        country: address.country.unwrap_or_default(),
    }
}

fn person_out(found: pb::Member) -> PersonBody {
    let state = found.state();
    let extension = found.phones.iter().find(|phone| phone.label == EXTENSION);
    let extension = extension.map(|phone| phone.number.clone());
    let phone = |phone: pb::MemberPhone| PersonPhone {
        kind: Some(phone.label),
        value: Some(phone.number),
        primary: Some(phone.primary),
    };
    let address = |address: pb::MemberAddress| PersonAddress {
        kind: some(address.label),
        country: some(address.country),
        locality: some(address.locality),
        region: some(address.region),
        street_address: some(address.street),
        postal_code: some(address.postal_code),
    };
    let roles = found.roles.iter().map(|role| id::encode(Kind::Role, role));
    PersonBody {
        id: id::encode_optional(Kind::Person, &found.person_id),
        emails: Some(vec![found.email]),
        phone_numbers: some_list(found.phones.into_iter().map(phone).collect()),
        extension,
        location_id: None,
        display_name: some(found.display_name),
        nick_name: some(found.nick_name),
        first_name: some(found.first_name),
        last_name: some(found.last_name),
        avatar: some(found.avatar),
        org_id: id::encode_optional(Kind::Organization, &found.organization_id),
        roles: some_list(roles.collect()),
        licenses: None,
        department: some(found.department),
        manager: some(found.manager),
        manager_id: id::encode_optional(Kind::Person, &found.manager_id),
        title: some(found.title),
        addresses: some_list(found.addresses.into_iter().map(address).collect()),
        created: time(found.created_at.as_ref()),
        last_modified: time(found.changed_at.as_ref()),
        timezone: some(found.time_zone),
        invite_pending: Some(Flag(state == MemberState::Invited)),
        login_enabled: Some(Flag(state != MemberState::Disabled)),
        kind: Some("person".to_owned()),
    }
}
