//! `/v1/organizations` and `/identity/organizations`.

use http::header::IF_MATCH;
use kit::fault::reason;
use proto::identity::v1::{self as pb, directory_client::DirectoryClient};

use super::{some, time};
use crate::{
    call::{Call, Outcome, ok},
    failure::Failure,
    id::{self, Kind},
    routes::{Route, handler},
    wire::organizations::{
        ChangeIdentityOrganization, IdentityMeta, IdentityOrganization, ManagedOrganization,
        ManagedOrganizationList,
    },
};

const READ: &str = "spark-admin:organizations_read";
const ONE: &str = "/v1/organizations/{organizationId}";
const IDENTITY: &str = "/identity/organizations/{organizationId}";
const SCHEMA: &str = "urn:cisco:codev:identity:organization:core:1.0";
/// Rows of one call to the context.
const PAGE: i32 = 1000;
/// The published list has no pages; it is read to its end or to this.
const MOST: usize = 10_000;

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/v1/organizations",
        READ,
        "listOrganizations",
        "List the organizations that the caller manages",
        handler!(list),
    )
    .answers::<ManagedOrganizationList>(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getOrganization",
        "Get an organization",
        handler!(get),
    )
    .answers::<ManagedOrganization>(),
    Route::new(
        "GET",
        IDENTITY,
        "identity:organizations_read",
        "getIdentityOrganization",
        "Get an organization as identity knows it",
        handler!(get_identity),
    )
    .answers::<IdentityOrganization>(),
    Route::new(
        "PATCH",
        IDENTITY,
        "identity:organizations_rw",
        "changeIdentityOrganization",
        "Change an organization's name and language",
        handler!(change),
    )
    .takes::<ChangeIdentityOrganization>()
    .answers::<IdentityOrganization>(),
];

fn client(call: &Call) -> DirectoryClient<kit::link::Link> {
    DirectoryClient::new(call.surface.links.identity.clone())
}

async fn list(call: Call) -> Outcome {
    let mut items = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = call.own_request(pb::ListOrganizationsRequest {
            page_size: PAGE,
            page_token,
        })?;
        let page = client(&call).list_organizations(request).await?;
        let page = page.into_inner();
        items.extend(page.organizations.into_iter().map(organization_out));
        page_token = page.next_page_token;
        if page_token.is_empty() || items.len() >= MOST {
            return ok(&ManagedOrganizationList { items });
        }
    }
}

async fn read(call: &Call) -> Result<pb::OrganizationDetail, Failure> {
    let organization_id = call.id("organizationId", Kind::Organization)?.to_string();
    let request = call.own_request(pb::ReadOrganizationRequest { organization_id })?;
    Ok(client(call).read_organization(request).await?.into_inner())
}

async fn get(call: Call) -> Outcome {
    let found = read(&call).await?;
    ok(&organization_out(found.organization.unwrap_or_default()))
}

async fn get_identity(call: Call) -> Outcome {
    ok(&identity_out(read(&call).await?))
}

async fn change(call: Call) -> Outcome {
    let organization_id = call.id("organizationId", Kind::Organization)?.to_string();
    let body: ChangeIdentityOrganization = call.json()?;
    let message = pb::ChangeOrganizationRequest {
        organization_id,
        display_name: body.display_name.unwrap_or_default(),
        locale: body.preferred_language.unwrap_or_default(),
        version: version(&call)?,
    };
    let request = call.own_request(message)?;
    let changed = client(&call).change_organization(request).await?;
    ok(&identity_out(changed.into_inner()))
}

/// The version that `If-Match` names; 0 for any.
fn version(call: &Call) -> Result<i32, Failure> {
    const NAME: &str = "If-Match";
    let Some(value) = call.headers.get(IF_MATCH) else {
        return Ok(0);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(0);
    }
    let number = text.trim_start_matches("W/").trim_matches('"').parse();
    number.ok().filter(|number| *number > 0).ok_or_else(|| {
        let message = format!("{NAME} is no version of ours");
        Failure::field(NAME, reason::INVALID, message)
    })
}

fn organization_out(found: pb::Organization) -> ManagedOrganization {
    ManagedOrganization {
        id: id::encode(Kind::Organization, &found.organization_id),
        display_name: found.display_name,
        created: time(found.created_at.as_ref()),
    }
}

fn identity_out(found: pb::OrganizationDetail) -> IdentityOrganization {
    let organization = found.organization.unwrap_or_default();
    IdentityOrganization {
        schemas: vec![SCHEMA.to_owned()],
        id: organization.organization_id,
        display_name: organization.display_name,
        preferred_language: some(organization.locale),
        meta: Some(IdentityMeta {
            created: time(organization.created_at.as_ref()),
            last_modified: time(found.changed_at.as_ref()),
            version: format!("W/\"{}\"", found.version),
        }),
    }
}
