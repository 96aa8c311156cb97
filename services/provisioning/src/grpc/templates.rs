//! `Templates`.

use kit::idempotency::fingerprint;
use proto::provisioning::v1::{
    AuthenticationMode as WireMode, CreateTemplateRequest, DeleteTemplateRequest,
    DeleteTemplateResponse, GetTemplateRequest, ListTemplatesRequest, ListTemplatesResponse,
    Template, TemplateSettings, UpdateTemplateRequest, templates_server::Templates,
};
use tonic::{Request, Response, Status};

use super::{id, reader, scope, writer};
use crate::{
    app::{App, template as app},
    domain::template::{AuthenticationMode, SettingsForm},
    message,
};

#[derive(Debug)]
pub(crate) struct Service(pub(crate) App);

fn form(settings: Option<TemplateSettings>) -> SettingsForm {
    let settings = settings.unwrap_or_default();
    let authentication_mode = match settings.authentication_mode() {
        WireMode::Unspecified => None,
        WireMode::Platform => Some(AuthenticationMode::Platform),
        WireMode::PartnerSaml => Some(AuthenticationMode::PartnerSaml),
        WireMode::PartnerOidc => Some(AuthenticationMode::PartnerOidc),
    };
    SettingsForm {
        name: settings.name,
        country: settings.country,
        region: settings.region,
        service_provider_admin: settings.service_provider_admin,
        language: settings.language,
        subscription_id: settings.subscription_id,
        pstn_provider: settings.pstn_provider,
        authentication_mode,
        identity_provider: settings.identity_provider,
        brand_name: settings.brand_name,
        allow_admin_invite_emails: settings.allow_admin_invite_emails,
        internal_calls_disabled: settings.internal_calls_disabled,
        unrestricted: settings.unrestricted,
    }
}

#[tonic::async_trait]
impl Templates for Service {
    async fn create_template(
        &self,
        request: Request<CreateTemplateRequest>,
    ) -> Result<Response<Template>, Status> {
        let caller = writer(&request, scope::TEMPLATES_WRITE)?;
        let request = request.into_inner();
        let print = fingerprint(&request);
        let form = form(request.settings);
        let template =
            app::create_template(&self.0, &caller, &form, &request.idempotency_key, &print).await?;
        Ok(Response::new(message::template(template)))
    }

    async fn get_template(
        &self,
        request: Request<GetTemplateRequest>,
    ) -> Result<Response<Template>, Status> {
        let caller = reader(&request, scope::TEMPLATES_READ)?;
        let template_id = id(&request.get_ref().template_id, "template")?;
        let template = app::get_template(&self.0, &caller, template_id).await?;
        Ok(Response::new(message::template(template)))
    }

    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let caller = reader(&request, scope::TEMPLATES_READ)?;
        let request = request.into_inner();
        let page =
            app::list_templates(&self.0, &caller, request.page_size, &request.page_token).await?;
        Ok(Response::new(ListTemplatesResponse {
            templates: page.items.into_iter().map(message::template).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_template(
        &self,
        request: Request<UpdateTemplateRequest>,
    ) -> Result<Response<Template>, Status> {
        let caller = writer(&request, scope::TEMPLATES_WRITE)?;
        let request = request.into_inner();
        let template_id = id(&request.template_id, "template")?;
        let form = form(request.settings);
        let template = app::update_template(&self.0, &caller, template_id, &form).await?;
        Ok(Response::new(message::template(template)))
    }

    async fn delete_template(
        &self,
        request: Request<DeleteTemplateRequest>,
    ) -> Result<Response<DeleteTemplateResponse>, Status> {
        let caller = reader(&request, scope::TEMPLATES_WRITE)?;
        let template_id = id(&request.get_ref().template_id, "template")?;
        app::delete_template(&self.0, &caller, template_id).await?;
        Ok(Response::new(DeleteTemplateResponse {}))
    }
}
