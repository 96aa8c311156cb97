//! Short ways to say what is done with providers.

use kit::{auth::Caller, fault::Fault, id::PartnerId, link::Link, testing};
use proto::identity::v1::{
    ActivateIdentityProviderRequest, ChangeIdentityProviderRequest, CheckIdentityProviderRequest,
    CreateCustomerOrganizationRequest, CreateIdentityProviderRequest,
    DeleteIdentityProviderRequest, DisableIdentityProviderRequest, IdentityProvider, OidcSettings,
    Organization, ReadIdentityProviderRequest, identity_provider::Settings,
    identity_providers_client::IdentityProvidersClient,
};
use sqlx::{Connection as _, PgConnection};

use crate::it::world::{World, new_customer, service};

pub(crate) const SECRET: &str = "between-the-provider-and-us";

/// A provider whose endpoints are told.
pub(crate) fn told(name: &str) -> IdentityProvider {
    let issuer = format!("https://{name}.example");
    IdentityProvider {
        name: name.to_owned(),
        settings: Some(Settings::Oidc(OidcSettings {
            client_id: "us".to_owned(),
            client_secret: SECRET.to_owned(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            authorization_endpoint: format!("{issuer}/authorize"),
            token_endpoint: format!("{issuer}/token"),
            key_set_endpoint: format!("{issuer}/keys"),
            issuer,
            ..OidcSettings::default()
        })),
        ..IdentityProvider::default()
    }
}

pub(crate) fn oidc(provider: &mut IdentityProvider) -> &mut OidcSettings {
    match &mut provider.settings {
        Some(Settings::Oidc(oidc)) => oidc,
        other => panic!("{other:?}"),
    }
}

impl World {
    pub(crate) fn providers(&self) -> IdentityProvidersClient<Link> {
        IdentityProvidersClient::new(self.link.clone())
    }

    pub(crate) async fn register_provider(
        &self,
        caller: &Caller,
        provider: IdentityProvider,
    ) -> Result<IdentityProvider, Fault> {
        let request = CreateIdentityProviderRequest {
            provider: Some(provider),
            idempotency_key: String::new(),
        };
        let request = testing::request(request, caller);
        let made = self.providers().create_identity_provider(request).await?;
        Ok(made.into_inner())
    }

    pub(crate) async fn read_provider(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<IdentityProvider, Fault> {
        let request = ReadIdentityProviderRequest {
            connection_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self
            .providers()
            .read_identity_provider(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn change_provider(
        &self,
        caller: &Caller,
        provider: IdentityProvider,
    ) -> Result<IdentityProvider, Fault> {
        let request = ChangeIdentityProviderRequest {
            provider: Some(provider),
        };
        let request = testing::request(request, caller);
        Ok(self
            .providers()
            .change_identity_provider(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn activate(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<IdentityProvider, Fault> {
        let request = ActivateIdentityProviderRequest {
            connection_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self
            .providers()
            .activate_identity_provider(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn disable(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<IdentityProvider, Fault> {
        let request = DisableIdentityProviderRequest {
            connection_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self
            .providers()
            .disable_identity_provider(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn delete_provider(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let request = DeleteIdentityProviderRequest {
            connection_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        self.providers().delete_identity_provider(request).await?;
        Ok(())
    }

    pub(crate) async fn is_in_use(&self, partner: PartnerId, protocol: &str, name: &str) -> bool {
        let request = CheckIdentityProviderRequest {
            partner_id: partner.to_string(),
            protocol: protocol.to_owned(),
            identity_provider: name.to_owned(),
        };
        let request = testing::request(request, &service());
        let answer = self.providers().check_identity_provider(request).await;
        answer.unwrap().into_inner().active
    }

    /// A new customer whose people sign in through a provider.
    pub(crate) async fn bound_customer(
        &self,
        partner: PartnerId,
        provider: &str,
    ) -> Result<Organization, Fault> {
        let request = CreateCustomerOrganizationRequest {
            authentication: "oidc".to_owned(),
            identity_provider: provider.to_owned(),
            ..new_customer(partner, &self.id())
        };
        let request = testing::request(request, &service());
        Ok(self
            .organizations()
            .create_customer_organization(request)
            .await?
            .into_inner())
    }

    /// Does to the database what no call does.
    pub(crate) async fn sql(&self, statement: String) {
        let mut sql = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "set role entrepot_identity_whole; set search_path to identity; {statement}"
        )))
        .execute(&mut sql)
        .await
        .unwrap();
    }

    /// As if a test had gone well.
    pub(crate) async fn as_if_tested(&self, id: &str) {
        self.sql(format!(
            "update identity_provider set state = 'tested', tested_at = created_at
             where connection_id = '{id}'"
        ))
        .await;
    }
}
