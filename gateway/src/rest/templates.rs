//! `/platform/v1/onboarding-templates`.

use http::StatusCode;
use kit::fault::Violations;
use proto::provisioning::v1::{self as pb, AuthenticationMode, templates_client::TemplatesClient};

use super::{CURSOR, MAX, TOP, USUAL, body_choice, name_of, refuse, some, time};
use crate::{
    call::{Call, Outcome, empty, listed, located, ok},
    failure::Failure,
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::templates::{Template, TemplateList, TemplateSettings},
};

const READ: &str = "platform:templates_read";
const WRITE: &str = "platform:templates_write";
const ALL: &str = "/platform/v1/onboarding-templates";
const ONE: &str = "/platform/v1/onboarding-templates/{id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listTemplates",
        "List onboarding templates, newest first",
        handler!(list),
    )
    .query(&[CURSOR, MAX, super::FOR])
    .answers::<TemplateList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createTemplate",
        "Create an onboarding template",
        handler!(create),
    )
    .query(&[super::FOR])
    .takes::<TemplateSettings>()
    .status(201)
    .answers::<Template>()
    .idempotent(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getTemplate",
        "Get an onboarding template",
        handler!(get),
    )
    .query(&[super::FOR])
    .answers::<Template>(),
    Route::new(
        "PUT",
        ONE,
        WRITE,
        "updateTemplate",
        "Replace an onboarding template's settings",
        handler!(update),
    )
    .query(&[super::FOR])
    .takes::<TemplateSettings>()
    .answers::<Template>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteTemplate",
        "Delete an onboarding template that is not in use",
        handler!(delete),
    )
    .query(&[super::FOR])
    .status(204),
];

const MODES: &[(&str, AuthenticationMode)] = &[
    ("platform", AuthenticationMode::Platform),
    ("partner_saml", AuthenticationMode::PartnerSaml),
    ("partner_oidc", AuthenticationMode::PartnerOidc),
];

fn client(call: &Call) -> TemplatesClient<kit::link::Link> {
    TemplatesClient::new(call.surface.links.provisioning.clone())
}

async fn list(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, TOP)?;
    let message = pb::ListTemplatesRequest {
        page_size: page.size,
        page_token: page.token.clone(),
    };
    let found = client(&call)
        .list_templates(call.request(message).await?)
        .await?
        .into_inner();
    let links = page.cursor_links(&call.own_url(), &call.query, &found.next_page_token);
    let items = found.templates.into_iter().map(template_out).collect();
    listed(&TemplateList { items }, links)
}

async fn create(call: Call) -> Outcome {
    let idempotency_key = call.idempotency_key()?;
    let settings = Some(settings_in(call.json()?)?);
    let message = pb::CreateTemplateRequest {
        settings,
        idempotency_key,
    };
    let template = client(&call)
        .create_template(call.request(message).await?)
        .await?
        .into_inner();
    let url = call.url(&format!(
        "{ALL}/{}",
        id::encode(Kind::Template, &template.template_id)
    ));
    located(StatusCode::CREATED, &url, &template_out(template))
}

async fn get(call: Call) -> Outcome {
    let template_id = call.id("id", Kind::Template)?.to_string();
    let request = call.request(pb::GetTemplateRequest { template_id }).await?;
    ok(&template_out(
        client(&call).get_template(request).await?.into_inner(),
    ))
}

async fn update(call: Call) -> Outcome {
    let template_id = call.id("id", Kind::Template)?.to_string();
    let settings = Some(settings_in(call.json()?)?);
    let request = call
        .request(pb::UpdateTemplateRequest {
            template_id,
            settings,
        })
        .await?;
    ok(&template_out(
        client(&call).update_template(request).await?.into_inner(),
    ))
}

async fn delete(call: Call) -> Outcome {
    let template_id = call.id("id", Kind::Template)?.to_string();
    let request = call
        .request(pb::DeleteTemplateRequest { template_id })
        .await?;
    client(&call).delete_template(request).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn settings_in(body: TemplateSettings) -> Result<pb::TemplateSettings, Failure> {
    let mut violations = Violations::default();
    let mode = body.authentication_mode.as_deref();
    let mode = body_choice(&mut violations, "authenticationMode", mode, MODES);
    refuse(violations)?;
    Ok(pb::TemplateSettings {
        name: body.name.unwrap_or_default(),
        country: body.country.unwrap_or_default(),
        region: body.region.unwrap_or_default(),
        service_provider_admin: body.service_provider_admin.unwrap_or_default(),
        language: body.language.unwrap_or_default(),
        subscription_id: body.subscription_id.unwrap_or_default(),
        pstn_provider: body.pstn_provider.unwrap_or_default(),
        authentication_mode: mode.unwrap_or(AuthenticationMode::Platform).into(),
        identity_provider: body.identity_provider.unwrap_or_default(),
        brand_name: body.brand_name.unwrap_or_default(),
        allow_admin_invite_emails: body.allow_admin_invite_emails.unwrap_or(false),
        internal_calls_disabled: !body.internal_calls_enabled.unwrap_or(true),
        unrestricted: !body.restricted_by_partner.unwrap_or(true),
    })
}

fn template_out(template: pb::Template) -> Template {
    let settings = template.settings.unwrap_or_default();
    let mode = match settings.authentication_mode() {
        AuthenticationMode::Unspecified => AuthenticationMode::Platform,
        mode => mode,
    };
    Template {
        id: id::encode(Kind::Template, &template.template_id),
        provisioning_id: id::encode_provisioning(&template.provisioning_id),
        name: settings.name,
        country: some(settings.country),
        region: some(settings.region),
        service_provider_admin: some(settings.service_provider_admin),
        language: some(settings.language),
        subscription_id: some(settings.subscription_id),
        pstn_provider: some(settings.pstn_provider),
        authentication_mode: name_of(MODES, &mode),
        identity_provider: some(settings.identity_provider),
        brand_name: some(settings.brand_name),
        allow_admin_invite_emails: settings.allow_admin_invite_emails,
        internal_calls_enabled: !settings.internal_calls_disabled,
        restricted_by_partner: !settings.unrestricted,
        created: time(template.created_at.as_ref()),
        last_modified: time(template.changed_at.as_ref()),
    }
}
