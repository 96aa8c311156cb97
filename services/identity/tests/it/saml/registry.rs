//! A partner with a SAML provider, and one customer that signs in through it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use kit::{auth::Caller, id::PartnerId, testing};
use proto::identity::v1::{
    CreateCustomerOrganizationRequest, IdentityProvider, Organization, SamlSettings,
    identity_provider::Settings,
};

use super::{OwnKey, forge::Forge};
use crate::it::world::{World, new_customer, partner, service};

/// Keys take long to make.
pub(super) static PROVIDER: LazyLock<OwnKey> = LazyLock::new(|| key(1));
pub(super) static ATTACKER: LazyLock<OwnKey> = LazyLock::new(|| key(2));

fn key(serial: u8) -> OwnKey {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    OwnKey::make("provider", [serial; 16], now).unwrap()
}

pub(super) fn issuer(name: &str) -> String {
    format!("https://{name}.example/idp")
}

/// The metadata of a provider.
pub(super) fn metadata(name: &str, key: &OwnKey) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>\
         </ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://{name}.example/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        issuer(name),
        key.certificate,
    )
}

/// A provider as a partner registers it.
pub(super) fn told(name: &str, key: &OwnKey) -> IdentityProvider {
    IdentityProvider {
        name: name.to_owned(),
        settings: Some(Settings::Saml(SamlSettings {
            metadata: metadata(name, key),
            ..SamlSettings::default()
        })),
        ..IdentityProvider::default()
    }
}

pub(super) fn saml(provider: &mut IdentityProvider) -> &mut SamlSettings {
    match &mut provider.settings {
        Some(Settings::Saml(saml)) => saml,
        other => panic!("{other:?}"),
    }
}

/// A partner's provider that is in use, and an organization bound to it.
pub(super) struct Bound {
    pub(super) partner: PartnerId,
    pub(super) caller: Caller,
    pub(super) provider: IdentityProvider,
    pub(super) customer: Organization,
}

impl Bound {
    /// One of a new partner.
    pub(super) async fn new(world: &World, name: &str) -> Self {
        let id = world.partner(None).await;
        Self::of(world, id, told(name, &PROVIDER)).await
    }

    pub(super) async fn of(world: &World, id: PartnerId, provider: IdentityProvider) -> Self {
        let caller = partner(id);
        let made = world.register_provider(&caller, provider).await.unwrap();
        world.as_if_tested(&made.connection_id).await;
        let provider = world.activate(&caller, &made.connection_id).await.unwrap();
        let request = CreateCustomerOrganizationRequest {
            authentication: "saml".to_owned(),
            identity_provider: provider.name.clone(),
            ..new_customer(id, &world.id())
        };
        let request = testing::request(request, &service());
        let mut organizations = world.organizations();
        let customer = organizations.create_customer_organization(request).await;
        let customer = customer.unwrap().into_inner();
        Self {
            partner: id,
            caller,
            provider,
            customer,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.provider.connection_id
    }

    fn settings(&self) -> &SamlSettings {
        match &self.provider.settings {
            Some(Settings::Saml(saml)) => saml,
            other => panic!("{other:?}"),
        }
    }

    /// A genuine answer to a request.
    pub(super) fn answer(&self, request: Option<&str>, now: DateTime<Utc>) -> Forge {
        let saml = self.settings();
        Forge::genuine(
            &self.provider.entity_id,
            &saml.acs_url,
            &saml.service_provider_entity_id,
            request,
            now,
        )
    }
}
