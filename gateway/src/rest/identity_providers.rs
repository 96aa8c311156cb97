//! `/platform/v1/identity-providers`.

use http::StatusCode;
use kit::fault::Violations;
use proto::identity::v1::{
    self as pb, IdentityProvider, ProviderState, identity_provider::Settings,
    identity_providers_client::IdentityProvidersClient,
};

use super::{CURSOR, MAX, TOP, USUAL, body_choice, name_of, refuse, some, some_list, time};
use crate::{
    call::{Call, Outcome, empty, listed, located, ok},
    failure::Failure,
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::identity_providers::{
        Provider, ProviderCertificate, ProviderList, ProviderSettings, ProviderTest,
    },
};

const READ: &str = "platform:identity_providers_read";
const WRITE: &str = "platform:identity_providers_write";
const ALL: &str = "/platform/v1/identity-providers";
const ONE: &str = "/platform/v1/identity-providers/{id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listIdentityProviders",
        "List identity providers",
        handler!(list),
    )
    .query(&[CURSOR, MAX, super::FOR])
    .answers::<ProviderList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createIdentityProvider",
        "Register an identity provider, as a draft",
        handler!(create),
    )
    .takes::<ProviderSettings>()
    .status(201)
    .answers::<Provider>()
    .idempotent(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getIdentityProvider",
        "Get an identity provider",
        handler!(get),
    )
    .query(&[super::FOR])
    .answers::<Provider>(),
    Route::new(
        "PUT",
        ONE,
        WRITE,
        "updateIdentityProvider",
        "Replace what is said about an identity provider; what was not tested so is a draft again",
        handler!(update),
    )
    .takes::<ProviderSettings>()
    .answers::<Provider>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteIdentityProvider",
        "Delete an identity provider that no organization signs in with",
        handler!(delete),
    )
    .status(204),
    Route::new(
        "POST",
        "/platform/v1/identity-providers/{id}/test",
        WRITE,
        "testIdentityProvider",
        "Begin a test sign-in, which lets nobody in",
        handler!(test),
    )
    .answers::<ProviderTest>(),
    Route::new(
        "POST",
        "/platform/v1/identity-providers/{id}/activate",
        WRITE,
        "activateIdentityProvider",
        "Put an identity provider into use that was tested",
        handler!(activate),
    )
    .answers::<Provider>(),
    Route::new(
        "POST",
        "/platform/v1/identity-providers/{id}/disable",
        WRITE,
        "disableIdentityProvider",
        "Take an identity provider out of use; who came through it is signed out",
        handler!(disable),
    )
    .answers::<Provider>(),
];

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Oidc,
    Saml,
}

const PROTOCOLS: &[(&str, Protocol)] = &[("oidc", Protocol::Oidc), ("saml", Protocol::Saml)];

const STATES: &[(&str, ProviderState)] = &[
    ("draft", ProviderState::Draft),
    ("tested", ProviderState::Tested),
    ("active", ProviderState::Active),
    ("disabled", ProviderState::Disabled),
];

fn client(call: &Call) -> IdentityProvidersClient<kit::link::Link> {
    IdentityProvidersClient::new(call.surface.links.identity.clone())
}

fn connection(call: &Call) -> Result<String, Failure> {
    Ok(call.id("id", Kind::Provider)?.to_string())
}

async fn list(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, TOP)?;
    let message = pb::ListIdentityProvidersRequest {
        page_size: page.size,
        page_token: page.token.clone(),
    };
    let request = call.request(message).await?;
    let found = client(&call).list_identity_providers(request).await?;
    let found = found.into_inner();
    let links = page.cursor_links(&call.own_url(), &call.query, &found.next_page_token);
    let items = found.providers.into_iter().map(provider_out).collect();
    listed(&ProviderList { items }, links)
}

async fn create(call: Call) -> Outcome {
    let idempotency_key = call.idempotency_key()?;
    let message = pb::CreateIdentityProviderRequest {
        provider: Some(provider_in(call.json()?, String::new())?),
        idempotency_key,
    };
    let request = call.own_request(message)?;
    let made = client(&call).create_identity_provider(request).await?;
    let made = provider_out(made.into_inner());
    let url = call.url(&format!("{ALL}/{}", made.id));
    located(StatusCode::CREATED, &url, &made)
}

async fn get(call: Call) -> Outcome {
    let connection_id = connection(&call)?;
    let message = pb::ReadIdentityProviderRequest { connection_id };
    let request = call.request(message).await?;
    let found = client(&call).read_identity_provider(request).await?;
    ok(&provider_out(found.into_inner()))
}

async fn update(call: Call) -> Outcome {
    let provider = provider_in(call.json()?, connection(&call)?)?;
    let message = pb::ChangeIdentityProviderRequest {
        provider: Some(provider),
    };
    let request = call.own_request(message)?;
    let changed = client(&call).change_identity_provider(request).await?;
    ok(&provider_out(changed.into_inner()))
}

async fn delete(call: Call) -> Outcome {
    let connection_id = connection(&call)?;
    let request = call.own_request(pb::DeleteIdentityProviderRequest { connection_id })?;
    client(&call).delete_identity_provider(request).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn test(call: Call) -> Outcome {
    let connection_id = connection(&call)?;
    let request = call.own_request(pb::TestIdentityProviderRequest { connection_id })?;
    let test = client(&call).test_identity_provider(request).await?;
    let test = test.into_inner();
    ok(&ProviderTest {
        url: test.url,
        ends: time(test.ends_at.as_ref()),
    })
}

async fn activate(call: Call) -> Outcome {
    let connection_id = connection(&call)?;
    let request = call.own_request(pb::ActivateIdentityProviderRequest { connection_id })?;
    let changed = client(&call).activate_identity_provider(request).await?;
    ok(&provider_out(changed.into_inner()))
}

async fn disable(call: Call) -> Outcome {
    let connection_id = connection(&call)?;
    let request = call.own_request(pb::DisableIdentityProviderRequest { connection_id })?;
    let changed = client(&call).disable_identity_provider(request).await?;
    ok(&provider_out(changed.into_inner()))
}

fn provider_in(body: ProviderSettings, connection_id: String) -> Result<IdentityProvider, Failure> {
    let mut violations = Violations::default();
    let protocol = body.protocol.as_deref();
    let protocol = body_choice(&mut violations, "protocol", protocol, PROTOCOLS);
    refuse(violations)?;
    let settings = protocol.map(|protocol| match protocol {
        Protocol::Saml => Settings::Saml(pb::SamlSettings {
            metadata: body.metadata.unwrap_or_default(),
            metadata_url: body.metadata_url.unwrap_or_default(),
            response_signed_only: body.response_signed_only.unwrap_or(false),
            assertions_encrypted: body.assertions_encrypted.unwrap_or(false),
            unsolicited_allowed: body.unsolicited_allowed.unwrap_or(false),
            force_authentication: body.force_authentication.unwrap_or(false),
            ..pb::SamlSettings::default()
        }),
        Protocol::Oidc => Settings::Oidc(pb::OidcSettings {
            client_id: body.client_id.unwrap_or_default(),
            client_secret: body.client_secret.unwrap_or_default(),
            scopes: body.scopes.unwrap_or_default(),
            issuer: body.issuer.unwrap_or_default(),
            discovery_endpoint: body.discovery_endpoint.unwrap_or_default(),
            authorization_endpoint: body.authorization_endpoint.unwrap_or_default(),
            token_endpoint: body.token_endpoint.unwrap_or_default(),
            userinfo_endpoint: body.userinfo_endpoint.unwrap_or_default(),
            key_set_endpoint: body.key_set_endpoint.unwrap_or_default(),
            ..pb::OidcSettings::default()
        }),
    });
    Ok(IdentityProvider {
        connection_id,
        name: body.name.unwrap_or_default(),
        settings,
        trusted_for_factors: body.trusted_for_factors.unwrap_or(false),
        version: body.version.unwrap_or(0),
        ..IdentityProvider::default()
    })
}

fn certificate_out(certificate: pb::ProviderCertificate) -> ProviderCertificate {
    ProviderCertificate {
        fingerprint: certificate.fingerprint,
        subject: certificate.subject,
        begins: time(certificate.begins_at.as_ref()),
        ends: time(certificate.ends_at.as_ref()),
    }
}

fn provider_out(provider: IdentityProvider) -> Provider {
    let state = name_of(STATES, &provider.state());
    let out = Provider {
        id: id::encode(Kind::Provider, &provider.connection_id),
        name: provider.name,
        state,
        trusted_for_factors: provider.trusted_for_factors,
        organizations: provider.organizations,
        warnings: some_list(provider.warnings),
        version: provider.version,
        tested: time(provider.tested_at.as_ref()),
        created: time(provider.created_at.as_ref()),
        last_modified: time(provider.changed_at.as_ref()),
        ..Provider::default()
    };
    match provider.settings {
        Some(Settings::Oidc(oidc)) => Provider {
            protocol: name_of(PROTOCOLS, &Protocol::Oidc),
            issuer: some(oidc.issuer),
            client_id: some(oidc.client_id),
            scopes: some_list(oidc.scopes),
            discovery_endpoint: some(oidc.discovery_endpoint),
            authorization_endpoint: some(oidc.authorization_endpoint),
            token_endpoint: some(oidc.token_endpoint),
            userinfo_endpoint: some(oidc.userinfo_endpoint),
            key_set_endpoint: some(oidc.key_set_endpoint),
            redirect_uri: some(oidc.redirect_uri),
            back_channel_logout_uri: some(oidc.back_channel_logout_uri),
            ..out
        },
        Some(Settings::Saml(saml)) => Provider {
            protocol: name_of(PROTOCOLS, &Protocol::Saml),
            entity_id: some(provider.entity_id),
            metadata_url: some(saml.metadata_url),
            response_signed_only: Some(saml.response_signed_only),
            assertions_encrypted: Some(saml.assertions_encrypted),
            unsolicited_allowed: Some(saml.unsolicited_allowed),
            force_authentication: Some(saml.force_authentication),
            sign_in_url: some(saml.sign_in_url),
            sign_out_url: some(saml.sign_out_url),
            certificates: some_list(saml.certificates.into_iter().map(certificate_out).collect()),
            service_provider_entity_id: some(saml.service_provider_entity_id),
            acs_url: some(saml.acs_url),
            ..out
        },
        None => out,
    }
}
