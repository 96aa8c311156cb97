//! Templates that name an identity provider, and the fake that knows them.

use proto::{
    identity::v1::{
        ActivateIdentityProviderRequest, ChangeIdentityProviderRequest,
        CheckIdentityProviderRequest, CheckIdentityProviderResponse, CreateIdentityProviderRequest,
        DeleteIdentityProviderRequest, DeleteIdentityProviderResponse,
        DisableIdentityProviderRequest, IdentityProvider, ListIdentityProvidersRequest,
        ListIdentityProvidersResponse, ProviderTest, ReadIdentityProviderRequest,
        TestIdentityProviderRequest,
        identity_providers_server::{
            IdentityProviders as Service, IdentityProvidersServer as Server,
        },
    },
    provisioning::v1::{
        AuthenticationMode, CreateTemplateRequest, CustomerStatus, TemplateSettings,
        UpdateTemplateRequest,
    },
};
use tonic::{Request, Response, Status};

use super::{
    peers::Peers,
    stage::{Stage, good, refused, wrong},
};

pub(crate) fn service(peers: Peers) -> Server<Peers> {
    Server::new(peers)
}

#[tonic::async_trait]
impl Service for Peers {
    async fn check_identity_provider(
        &self,
        request: Request<CheckIdentityProviderRequest>,
    ) -> Result<Response<CheckIdentityProviderResponse>, Status> {
        let request = request.into_inner();
        let named = (request.protocol, request.identity_provider);
        let active = self.state().providers.contains(&named);
        Ok(Response::new(CheckIdentityProviderResponse { active }))
    }

    async fn list_identity_providers(
        &self,
        _: Request<ListIdentityProvidersRequest>,
    ) -> Result<Response<ListIdentityProvidersResponse>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn read_identity_provider(
        &self,
        _: Request<ReadIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn create_identity_provider(
        &self,
        _: Request<CreateIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn change_identity_provider(
        &self,
        _: Request<ChangeIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn delete_identity_provider(
        &self,
        _: Request<DeleteIdentityProviderRequest>,
    ) -> Result<Response<DeleteIdentityProviderResponse>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn test_identity_provider(
        &self,
        _: Request<TestIdentityProviderRequest>,
    ) -> Result<Response<ProviderTest>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn activate_identity_provider(
        &self,
        _: Request<ActivateIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }

    async fn disable_identity_provider(
        &self,
        _: Request<DisableIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        Err(Status::unimplemented("nobody here asks"))
    }
}

impl Peers {
    /// A provider that is in use.
    pub(crate) fn provider(&self, protocol: &str, name: &str) {
        let named = (protocol.to_owned(), name.to_owned());
        self.state().providers.insert(named);
    }
}

fn oidc(name: &str) -> TemplateSettings {
    TemplateSettings {
        name: "Through the partner".to_owned(),
        authentication_mode: AuthenticationMode::PartnerOidc.into(),
        identity_provider: name.to_owned(),
        ..TemplateSettings::default()
    }
}

#[tokio::test]
async fn r203_a_template_names_a_provider_that_is_in_use() {
    let stage = Stage::new().await;
    stage.peers.provider("saml", "own-idp");
    let request = || {
        stage.request(CreateTemplateRequest {
            settings: Some(oidc("own-idp")),
            idempotency_key: String::new(),
        })
    };
    let refusal = ["identityProvider IDENTITY_PROVIDER_UNKNOWN"];
    let fault = refused(stage.templates().create_template(request()).await);
    assert_eq!(wrong(&fault), refusal, "of another protocol");
    stage.peers.provider("oidc", "own-idp");
    let made = stage.templates().create_template(request()).await.unwrap();
    let changed = UpdateTemplateRequest {
        template_id: made.into_inner().template_id,
        settings: Some(oidc("other")),
    };
    let mut templates = stage.templates();
    let changed = templates.update_template(stage.request(changed)).await;
    assert_eq!(wrong(&refused(changed)), refusal);
}

#[tokio::test]
async fn r205_a_new_organization_is_bound_to_the_provider_of_its_template() {
    let stage = Stage::new().await;
    stage.peers.provider("oidc", "own-idp");
    for (settings, authentication, provider) in [
        (TemplateSettings::default(), "platform", ""),
        (oidc("own-idp"), "oidc", "own-idp"),
    ] {
        let template = stage.template(settings).await;
        let request = proto::provisioning::v1::CreateCustomerRequest {
            external_id: authentication.to_owned(),
            ..good(&template.provisioning_id)
        };
        let made = stage.create(request).await.unwrap();
        let made = stage
            .until(&made.customer_id, CustomerStatus::Provisioned)
            .await;
        let kept = stage.peers.state();
        let told = &kept.organizations[&made.organization_id];
        assert_eq!(
            (
                told.authentication.as_str(),
                told.identity_provider.as_str()
            ),
            (authentication, provider)
        );
    }
}
