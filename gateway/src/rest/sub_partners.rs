//! `/v1/wholesale/subPartners`, and our own `/platform/v1/sub-partners`.

use http::StatusCode;
use kit::fault::Violations;
use proto::provisioning::v1::{
    self as pb, ProvisioningState, sub_partners_client::SubPartnersClient,
};

use super::{CURSOR, MAX, OFFSET, TOP, USUAL, body_day, name_of, refuse, some, time};
use crate::{
    call::{Call, Outcome, listed, located, ok},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::sub_partners::{
        CreateSubPartner, SubPartner, SubPartnerList, WholesaleSubPartner, WholesaleSubPartnerList,
    },
};

const READ: &str = "platform:sub_partners_read";
const WRITE: &str = "platform:sub_partners_write";
const ALL: &str = "/platform/v1/sub-partners";
const STATE: &str = "provisioningState";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/v1/wholesale/subPartners",
        "spark-admin:wholesale_sub_partners_read",
        "listWholesaleSubPartners",
        "List wholesale sub-partners",
        handler!(list_published),
    )
    .query(&[(STATE, "`active` or `suspended`"), OFFSET, MAX])
    .answers::<WholesaleSubPartnerList>(),
    Route::new(
        "GET",
        ALL,
        READ,
        "listSubPartners",
        "List sub-partners",
        handler!(list),
    )
    .query(&[(STATE, "`active` or `suspended`"), CURSOR, MAX])
    .answers::<SubPartnerList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createSubPartner",
        "Set up a sub-partner",
        handler!(create),
    )
    .takes::<CreateSubPartner>()
    .status(201)
    .answers::<SubPartner>()
    .idempotent(),
    Route::new(
        "GET",
        "/platform/v1/sub-partners/{id}",
        READ,
        "getSubPartner",
        "Get a sub-partner",
        handler!(get),
    )
    .answers::<SubPartner>(),
    Route::new(
        "POST",
        "/platform/v1/sub-partners/{id}/suspend",
        WRITE,
        "suspendSubPartner",
        "Suspend a sub-partner: it may read and delete only",
        handler!(suspend),
    )
    .answers::<SubPartner>(),
    Route::new(
        "POST",
        "/platform/v1/sub-partners/{id}/resume",
        WRITE,
        "resumeSubPartner",
        "Resume a sub-partner",
        handler!(resume),
    )
    .answers::<SubPartner>(),
];

const STATES: &[(&str, ProvisioningState)] = &[
    ("active", ProvisioningState::Active),
    ("suspended", ProvisioningState::Suspended),
];

fn client(call: &Call) -> SubPartnersClient<kit::link::Link> {
    SubPartnersClient::new(call.surface.links.provisioning.clone())
}

async fn page_of(
    call: &Call,
    page: &Page,
) -> Result<pb::ListSubPartnersResponse, crate::failure::Failure> {
    let message = pb::ListSubPartnersRequest {
        state: call.query.choice(STATE, STATES)?.unwrap_or_default().into(),
        page_size: page.size,
        page_token: page.token.clone(),
        offset: page.offset,
    };
    Ok(client(call)
        .list_sub_partners(call.own_request(message)?)
        .await?
        .into_inner())
}

async fn list_published(call: Call) -> Outcome {
    let page = Page::offset(&call.query, USUAL, TOP)?;
    let found = page_of(&call, &page).await?;
    let rows = found.sub_partners.len();
    let links = page.offset_links(&call.own_url(), &call.query, rows, &found.next_page_token);
    let items = found.sub_partners.into_iter().map(published).collect();
    listed(&WholesaleSubPartnerList { items }, links)
}

async fn list(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, TOP)?;
    let found = page_of(&call, &page).await?;
    let links = page.cursor_links(&call.own_url(), &call.query, &found.next_page_token);
    let items = found
        .sub_partners
        .into_iter()
        .map(sub_partner_out)
        .collect();
    listed(&SubPartnerList { items }, links)
}

async fn create(call: Call) -> Outcome {
    let idempotency_key = call.idempotency_key()?;
    let body: CreateSubPartner = call.json()?;
    let mut violations = Violations::default();
    let message = pb::CreateSubPartnerRequest {
        name: body.name.unwrap_or_default(),
        admin_email: body.admin_email.unwrap_or_default(),
        admin_first_name: body.admin_first_name.unwrap_or_default(),
        admin_last_name: body.admin_last_name.unwrap_or_default(),
        subscription_id: body.subscription_id.unwrap_or_default(),
        billing_start_date: body_day(&mut violations, "billingStartDate", body.billing_start_date),
        idempotency_key,
    };
    refuse(violations)?;
    let request = call.own_request(message)?;
    let created = client(&call)
        .create_sub_partner(request)
        .await?
        .into_inner();
    let id = id::encode(Kind::Organization, &created.organization_id);
    located(
        StatusCode::CREATED,
        &call.url(&format!("{ALL}/{id}")),
        &sub_partner_out(created),
    )
}

async fn get(call: Call) -> Outcome {
    let organization_id = call.id("id", Kind::Organization)?.to_string();
    let request = call.own_request(pb::GetSubPartnerRequest { organization_id })?;
    ok(&sub_partner_out(
        client(&call).get_sub_partner(request).await?.into_inner(),
    ))
}

async fn suspend(call: Call) -> Outcome {
    set_suspended(call, true).await
}

async fn resume(call: Call) -> Outcome {
    set_suspended(call, false).await
}

async fn set_suspended(call: Call, suspended: bool) -> Outcome {
    let id = call.id("id", Kind::Organization)?;
    let organization_id = id.to_string();
    let message = pb::SetSubPartnerSuspendedRequest {
        organization_id,
        suspended,
    };
    let changed = client(&call)
        .set_sub_partner_suspended(call.own_request(message)?)
        .await?;
    call.surface.delegations.forget(id);
    ok(&sub_partner_out(changed.into_inner()))
}

fn published(found: pb::SubPartner) -> WholesaleSubPartner {
    let state = found.state();
    // the published list shows a time here, not a day
    let start = some(found.billing_start_date).map(|day| format!("{day}T00:00:00.000Z"));
    WholesaleSubPartner {
        org_id: id::encode(Kind::Organization, &found.organization_id),
        subscription_id: some(found.subscription_id),
        provisioning_state: name_of(STATES, &state),
        created: time(found.created_at.as_ref()),
        billing_start_date: start,
    }
}

fn sub_partner_out(found: pb::SubPartner) -> SubPartner {
    let state = found.state();
    SubPartner {
        org_id: id::encode(Kind::Organization, &found.organization_id),
        name: found.name,
        subscription_id: some(found.subscription_id),
        provisioning_state: name_of(STATES, &state),
        created: time(found.created_at.as_ref()),
        billing_start_date: some(found.billing_start_date),
    }
}
