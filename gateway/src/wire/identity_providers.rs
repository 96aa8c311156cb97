//! Identity providers.

use super::wire;

wire! {
    /// What is said about an identity provider. On update everything is replaced but the secret, which
    /// stays when it is absent.
    struct ProviderSettings {
        /// Name, unique whatever the case: letters, digits and `-_~.`, at most 128.
        name: Option<String>,
        /// What it speaks: `oidc` or `saml`.
        protocol: Option<String>,
        /// Our client id there.
        client_id: Option<String>,
        /// Our client secret there; never told again.
        client_secret: Option<String>,
        /// Scopes, with `openid` and `email` among them.
        scopes: Option<Vec<String>>,
        /// Issuer; may be absent where there is a discovery endpoint.
        issuer: Option<String>,
        /// Discovery endpoint; instead of all others.
        discovery_endpoint: Option<String>,
        /// Authorization endpoint.
        authorization_endpoint: Option<String>,
        /// Token endpoint.
        token_endpoint: Option<String>,
        /// Userinfo endpoint.
        userinfo_endpoint: Option<String>,
        /// Key set endpoint.
        key_set_endpoint: Option<String>,
        /// SAML: its metadata, XML. On update, what it said before stays when neither this nor its URL is given.
        metadata: Option<String>,
        /// SAML: where its metadata is, which is read again every day.
        metadata_url: Option<String>,
        /// SAML: only the Response is signed, not the Assertion; off by default.
        response_signed_only: Option<bool>,
        /// SAML: assertions are encrypted; off by default.
        assertions_encrypted: Option<bool>,
        /// SAML: answers that nobody asked for are accepted; off by default.
        unsolicited_allowed: Option<bool>,
        /// SAML: people prove themselves each time; off by default.
        force_authentication: Option<bool>,
        /// Its word that a second factor was used is believed; off by default.
        trusted_for_factors: Option<bool>,
        /// On update: the version that was read; whatever is there is replaced when it is absent.
        version: Option<i32>,
    }

    /// An identity provider.
    struct Provider {
        /// Id.
        id: String,
        /// Name; templates of `OpenID` Connect providers name it so.
        name: String,
        /// What it speaks: `oidc` or `saml`.
        protocol: String,
        /// `draft`, `tested`, `active` or `disabled`.
        state: String,
        /// Issuer.
        issuer: Option<String>,
        /// Our client id there.
        client_id: Option<String>,
        /// Scopes.
        scopes: Option<Vec<String>>,
        /// Discovery endpoint.
        discovery_endpoint: Option<String>,
        /// Authorization endpoint.
        authorization_endpoint: Option<String>,
        /// Token endpoint.
        token_endpoint: Option<String>,
        /// Userinfo endpoint.
        userinfo_endpoint: Option<String>,
        /// Key set endpoint.
        key_set_endpoint: Option<String>,
        /// Where it is to send people back to.
        redirect_uri: Option<String>,
        /// Where it may tell that a session ended.
        back_channel_logout_uri: Option<String>,
        /// SAML: its `EntityID`.
        entity_id: Option<String>,
        /// SAML: where its metadata is.
        metadata_url: Option<String>,
        /// SAML: only the Response is signed.
        response_signed_only: Option<bool>,
        /// SAML: assertions are encrypted.
        assertions_encrypted: Option<bool>,
        /// SAML: answers that nobody asked for are accepted.
        unsolicited_allowed: Option<bool>,
        /// SAML: people prove themselves each time.
        force_authentication: Option<bool>,
        /// SAML: where people are sent.
        sign_in_url: Option<String>,
        /// SAML: where they are signed out.
        sign_out_url: Option<String>,
        /// SAML: certificates that sign.
        certificates: Option<Vec<ProviderCertificate>>,
        /// SAML: our `EntityID` for this provider, which is where our metadata is.
        service_provider_entity_id: Option<String>,
        /// SAML: where answers are posted.
        acs_url: Option<String>,
        /// Its word that a second factor was used is believed.
        trusted_for_factors: bool,
        /// Organizations that sign in with it.
        organizations: i32,
        /// What needs somebody's attention.
        warnings: Option<Vec<String>>,
        /// Grows with every change.
        version: i32,
        /// When a test of it last went well.
        tested: Option<String>,
        /// When it was registered.
        created: Option<String>,
        /// When it was last changed.
        last_modified: Option<String>,
    }

    /// A certificate of a provider.
    struct ProviderCertificate {
        /// SHA-256, hexadecimal.
        fingerprint: String,
        /// Whose, as it says itself.
        subject: String,
        /// Good from then on.
        begins: Option<String>,
        /// Good until then.
        ends: Option<String>,
    }

    /// A test sign-in.
    struct ProviderTest {
        /// Open this in a browser.
        url: String,
        /// Until when.
        ends: Option<String>,
    }

    /// A page of identity providers.
    struct ProviderList {
        /// The providers.
        items: Vec<Provider>,
    }
}
