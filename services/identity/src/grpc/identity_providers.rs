//! `entrepot.identity.v1.IdentityProviders`.

use std::sync::Arc;

use kit::{
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    idempotency, page,
    time::to_proto,
};
use proto::identity::v1::{
    self as wire, ActivateIdentityProviderRequest, ChangeIdentityProviderRequest,
    CheckIdentityProviderRequest, CheckIdentityProviderResponse, CreateIdentityProviderRequest,
    DeleteIdentityProviderRequest, DeleteIdentityProviderResponse, DisableIdentityProviderRequest,
    IdentityProvider, ListIdentityProvidersRequest, ListIdentityProvidersResponse, ProviderState,
    ProviderTest, ReadIdentityProviderRequest, TestIdentityProviderRequest, identity_provider,
    identity_providers_server,
};
use tonic::{Request, Response, Status};

use super::{cursor, directory::next, target, uuid};
use crate::{
    app::{
        State,
        create_member::Repeat,
        federation,
        provider::{self, back_channel_uri, redirect_uri},
    },
    domain::{
        oidc::settings::{Form, OidcSettings, Place},
        provider::{
            ConnectionId, Protocol, Secret, Settings, Speaks, State as Stands, Wanted, parse_name,
        },
    },
    error::Error,
    store::provider::{Listed, Named},
};

const READ: &str = "platform:identity_providers_read";
const WRITE: &str = "platform:identity_providers_write";
const WHAT: &str = "identity provider";
/// Most of a page.
const TOP: i64 = 1000;
const LONGEST_SECRET: usize = 1024;

mod saml;

/// The service.
#[derive(Debug)]
pub(crate) struct IdentityProviders(pub(crate) Arc<State>);

#[tonic::async_trait]
impl identity_providers_server::IdentityProviders for IdentityProviders {
    async fn list_identity_providers(
        &self,
        request: Request<ListIdentityProvidersRequest>,
    ) -> Result<Response<ListIdentityProvidersResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let request = request.into_inner();
        let after = cursor(&request.page_token)?;
        let size = page::size(request.page_size, 100, TOP);
        let mut found = provider::list(&self.0, &caller, after, size + 1).await?;
        let next_page_token = next(&mut found, size, |one| one.provider.id.uuid());
        Ok(Response::new(ListIdentityProvidersResponse {
            providers: found.into_iter().map(|one| self.message(one)).collect(),
            next_page_token,
        }))
    }

    async fn read_identity_provider(
        &self,
        request: Request<ReadIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let id = uuid(&request.get_ref().connection_id, WHAT)?;
        let found = provider::read(&self.0, &caller, id).await?;
        Ok(Response::new(self.message(found)))
    }

    async fn create_identity_provider(
        &self,
        request: Request<CreateIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        let caller = may_change(&request)?;
        let request = request.into_inner();
        let repeat = Repeat {
            fingerprint: idempotency::fingerprint(&request),
            key: request.idempotency_key,
        };
        let wanted = self.wanted(request.provider.unwrap_or_default(), true)?;
        let made = provider::create::create(&self.0, &caller, wanted, repeat).await?;
        Ok(Response::new(self.message(made)))
    }

    async fn change_identity_provider(
        &self,
        request: Request<ChangeIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        let caller = may_change(&request)?;
        let told = request.into_inner().provider.unwrap_or_default();
        let id = uuid(&told.connection_id, WHAT)?;
        // what is not the caller's is not there, whatever else is wrong (R-1203)
        provider::expect(&self.0, &caller, id).await?;
        let version = told.version;
        let wanted = self.wanted(told, false)?;
        let changed = provider::change::change(&self.0, &caller, id, wanted, version).await?;
        Ok(Response::new(self.message(changed)))
    }

    async fn delete_identity_provider(
        &self,
        request: Request<DeleteIdentityProviderRequest>,
    ) -> Result<Response<DeleteIdentityProviderResponse>, Status> {
        let caller = may_change(&request)?;
        let id = uuid(&request.get_ref().connection_id, WHAT)?;
        provider::delete::delete(&self.0, &caller, id).await?;
        Ok(Response::new(DeleteIdentityProviderResponse {}))
    }

    async fn test_identity_provider(
        &self,
        request: Request<TestIdentityProviderRequest>,
    ) -> Result<Response<ProviderTest>, Status> {
        let caller = may_change(&request)?;
        let id = uuid(&request.get_ref().connection_id, WHAT)?;
        let (url, ends_at) = federation::test::begin(&self.0, &caller, id).await?;
        Ok(Response::new(ProviderTest {
            url,
            ends_at: Some(to_proto(ends_at)),
        }))
    }

    async fn activate_identity_provider(
        &self,
        request: Request<ActivateIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        let caller = may_change(&request)?;
        let id = uuid(&request.get_ref().connection_id, WHAT)?;
        let changed = provider::switch::activate(&self.0, &caller, id).await?;
        Ok(Response::new(self.message(changed)))
    }

    async fn disable_identity_provider(
        &self,
        request: Request<DisableIdentityProviderRequest>,
    ) -> Result<Response<IdentityProvider>, Status> {
        let caller = may_change(&request)?;
        let id = uuid(&request.get_ref().connection_id, WHAT)?;
        let changed = provider::switch::disable(&self.0, &caller, id).await?;
        Ok(Response::new(self.message(changed)))
    }

    async fn check_identity_provider(
        &self,
        request: Request<CheckIdentityProviderRequest>,
    ) -> Result<Response<CheckIdentityProviderResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let partner = target(&request.partner_id, "partner")?;
        let named = Protocol::parse(&request.protocol).map(|protocol| Named {
            protocol,
            name: request.identity_provider,
        });
        let active = match named {
            Some(named) => provider::is_active(&self.0, partner, &named).await?,
            None => false,
        };
        Ok(Response::new(CheckIdentityProviderResponse { active }))
    }
}

fn may_change<T>(request: &Request<T>) -> Result<Caller, Error> {
    let caller = Caller::of(request)?;
    caller.require(WRITE)?;
    caller.require_active()?;
    Ok(caller)
}

impl IdentityProviders {
    /// What was sent, when all of it is right.
    fn wanted(&self, told: IdentityProvider, is_new: bool) -> Result<Wanted, Error> {
        let mut wrong = Violations::default();
        let name = parse_name(&mut wrong, &told.name);
        let oidc = match told.settings {
            Some(identity_provider::Settings::Oidc(oidc)) => oidc,
            Some(identity_provider::Settings::Saml(told_saml)) => {
                let (entity_id, connection) = saml::wanted(&self.0, &mut wrong, &told_saml, is_new);
                Error::check(wrong)?;
                return Ok(Wanted {
                    name,
                    entity_id,
                    settings: Settings {
                        trusted_for_factors: told.trusted_for_factors,
                        speaks: Speaks::Saml(Box::new(connection)),
                    },
                    secret: None,
                });
            }
            None => {
                wrong.add("protocol", reason::MISSING, "say what it speaks");
                Error::check(wrong)?;
                return Err(Error::Missing(WHAT));
            }
        };
        let secret;
        let read = {
            let text = &oidc.client_secret;
            let text = if is_new {
                wrong.text("clientSecret", text, LONGEST_SECRET)
            } else {
                wrong.optional_text("clientSecret", text, LONGEST_SECRET)
            };
            secret = (!text.is_empty()).then(|| Secret::new(&text));
            let form = Form {
                client_id: &oidc.client_id,
                scopes: &oidc.scopes,
                issuer: &oidc.issuer,
                discovery_endpoint: &oidc.discovery_endpoint,
                authorization_endpoint: &oidc.authorization_endpoint,
                token_endpoint: &oidc.token_endpoint,
                userinfo_endpoint: &oidc.userinfo_endpoint,
                key_set_endpoint: &oidc.key_set_endpoint,
            };
            form.parse(&mut wrong, self.0.config.allow_private_networks)
        };
        Error::check(wrong)?;
        let (entity_id, settings) = read.ok_or(Error::Missing(WHAT))?;
        Ok(Wanted {
            name,
            entity_id,
            settings: Settings {
                trusted_for_factors: told.trusted_for_factors,
                speaks: Speaks::Oidc(settings),
            },
            secret,
        })
    }

    fn message(&self, listed: Listed) -> IdentityProvider {
        let provider = listed.provider;
        let state = match provider.state {
            Stands::Draft => ProviderState::Draft,
            Stands::Tested => ProviderState::Tested,
            Stands::Active => ProviderState::Active,
            Stands::Disabled => ProviderState::Disabled,
        };
        let mut warnings = Vec::new();
        let settings = match provider.settings.speaks {
            Speaks::Saml(connection) => {
                warnings = saml::warnings(&connection, self.0.context.clock.now());
                identity_provider::Settings::Saml(saml::message(&self.0, provider.id, *connection))
            }
            Speaks::Oidc(settings) => identity_provider::Settings::Oidc(self.oidc(
                provider.id,
                &provider.entity_id,
                settings,
            )),
        };
        IdentityProvider {
            connection_id: provider.id.to_string(),
            name: provider.name,
            state: state.into(),
            entity_id: provider.entity_id,
            settings: Some(settings),
            trusted_for_factors: provider.settings.trusted_for_factors,
            organizations: i32::try_from(listed.organizations).unwrap_or(i32::MAX),
            tested_at: provider.tested_at.map(to_proto),
            created_at: Some(to_proto(provider.created_at)),
            changed_at: Some(to_proto(provider.changed_at)),
            warnings,
            version: provider.version,
        }
    }

    /// Without the secret, which nobody is told again (R25).
    fn oidc(&self, id: ConnectionId, issuer: &str, settings: OidcSettings) -> wire::OidcSettings {
        let mut told = wire::OidcSettings {
            client_id: settings.client_id,
            scopes: settings.scopes,
            issuer: issuer.to_owned(),
            redirect_uri: redirect_uri(&self.0, id),
            back_channel_logout_uri: back_channel_uri(&self.0, id),
            ..wire::OidcSettings::default()
        };
        match settings.place {
            Place::Discovery(place) => told.discovery_endpoint = place.into(),
            Place::Told(endpoints) => {
                told.authorization_endpoint = endpoints.authorization.into();
                told.token_endpoint = endpoints.token.into();
                told.key_set_endpoint = endpoints.key_set.into();
                told.userinfo_endpoint = endpoints.userinfo.map(Into::into).unwrap_or_default();
            }
        }
        told
    }
}
