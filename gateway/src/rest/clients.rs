//! `/platform/v1/partners` and `/platform/v1/clients`.

use http::StatusCode;
use kit::{fault::Violations, id::Ids};
use proto::identity::v1::{
    self as pb, ClientKind, organizations_client::OrganizationsClient, tokens_client::TokensClient,
};

use super::{body_choice, body_id, refuse, required_id};
use crate::{
    call::{Call, Outcome, json_response},
    id::{self, Kind},
    routes::{Route, handler},
    wire::clients::{CreateClient, CreatePartner, CreatedClient, CreatedPartner},
};

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "POST",
        "/platform/v1/partners",
        "platform:partners_write",
        "createPartner",
        "Create a partner with a client for its back office; the operator only",
        handler!(create_partner),
    )
    .takes::<CreatePartner>()
    .status(201)
    .answers::<CreatedPartner>(),
    Route::new(
        "POST",
        "/platform/v1/clients",
        "platform:clients_write",
        "createClient",
        "Create an API client",
        handler!(create_client),
    )
    .takes::<CreateClient>()
    .status(201)
    .answers::<CreatedClient>(),
];

const KINDS: &[(&str, ClientKind)] = &[
    ("partner", ClientKind::Partner),
    ("operator", ClientKind::Operator),
    ("reviewer", ClientKind::Reviewer),
];

fn tokens(call: &Call) -> TokensClient<kit::link::Link> {
    TokensClient::new(call.surface.links.identity.clone())
}

/// Two calls, because the secret of a client is shown once: a repeat with the same organization makes
/// another client, not another partner.
async fn create_partner(call: Call) -> Outcome {
    let body: CreatePartner = call.json()?;
    let mut violations = Violations::default();
    let mut organization_id = body_id(&mut violations, "orgId", Kind::Organization, body.org_id);
    refuse(violations)?;
    if organization_id.is_empty() {
        let surface = &call.surface;
        let ids = Ids::new(surface.clock.clone(), surface.random.clone());
        organization_id = ids.uuid().to_string();
    }
    let message = pb::CreatePartnerRequest {
        organization_id,
        parent_partner_id: String::new(),
        display_name: body.name.unwrap_or_default(),
        country: body.country.unwrap_or_default(),
        locale: body.locale.unwrap_or_default(),
    };
    let mut organizations = OrganizationsClient::new(call.surface.links.identity.clone());
    let partner = organizations
        .create_partner(call.own_request(message)?)
        .await?
        .into_inner();
    let message = pb::CreateClientRequest {
        partner_id: partner.organization_id.clone(),
        kind: ClientKind::Partner.into(),
        display_name: format!("{} back office", partner.display_name),
        scopes: Vec::new(),
    };
    let created = tokens(&call)
        .create_client(call.own_request(message)?)
        .await?
        .into_inner();
    let partner = CreatedPartner {
        org_id: id::encode(Kind::Organization, &partner.organization_id),
        name: partner.display_name,
        client_id: created.client_id,
        client_secret: created.client_secret,
        scopes: created.scopes,
    };
    json_response(StatusCode::CREATED, &partner)
}

async fn create_client(call: Call) -> Outcome {
    let body: CreateClient = call.json()?;
    let mut violations = Violations::default();
    let kind = body_choice(&mut violations, "kind", body.kind.as_deref(), KINDS);
    let message = pb::CreateClientRequest {
        partner_id: required_id(&mut violations, "orgId", Kind::Organization, body.org_id),
        kind: kind.unwrap_or(ClientKind::Partner).into(),
        display_name: body.display_name.unwrap_or_default(),
        scopes: body.scopes.unwrap_or_default(),
    };
    refuse(violations)?;
    let created = tokens(&call)
        .create_client(call.own_request(message)?)
        .await?
        .into_inner();
    let created = CreatedClient {
        client_id: created.client_id,
        client_secret: created.client_secret,
        scopes: created.scopes,
    };
    json_response(StatusCode::CREATED, &created)
}
