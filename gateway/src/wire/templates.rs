//! Onboarding templates.

use super::wire;

wire! {
    /// What a template sets. On update everything is replaced; what is absent gets its default.
    struct TemplateSettings {
        /// Name for people.
        name: Option<String>,
        /// Country, ISO 3166-1 alpha-2; `countryOrRegion` is understood too.
        #[serde(alias = "countryOrRegion")]
        country: Option<String>,
        /// Region: `AMER`, `APAC`, `ANZ`, `EMEA` or `EURO`; the country's when absent.
        region: Option<String>,
        /// E-mail address of the service provider's administrator.
        service_provider_admin: Option<String>,
        /// Default language of customers.
        language: Option<String>,
        /// Wholesale subscription; the partner's only one when absent.
        subscription_id: Option<String>,
        /// Cloud-connected PSTN provider of the first location.
        pstn_provider: Option<String>,
        /// `platform` (default), `partner_saml` or `partner_oidc`.
        authentication_mode: Option<String>,
        /// Entity id or registered name of the provider, by mode.
        identity_provider: Option<String>,
        /// Brand name in onboarding mail.
        brand_name: Option<String>,
        /// Allow administrator invitation mails when attaching; off by default.
        allow_admin_invite_emails: Option<bool>,
        /// Calls without PSTN; on by default.
        internal_calls_enabled: Option<bool>,
        /// Restricted-by-partner mode of new customers; on by default.
        restricted_by_partner: Option<bool>,
    }

    /// A template.
    struct Template {
        /// Id.
        id: String,
        /// The id that customer creation names.
        provisioning_id: String,
        /// Name for people.
        name: String,
        /// Country.
        country: Option<String>,
        /// Region.
        region: Option<String>,
        /// E-mail address of the service provider's administrator.
        service_provider_admin: Option<String>,
        /// Default language of customers.
        language: Option<String>,
        /// Wholesale subscription.
        subscription_id: Option<String>,
        /// Cloud-connected PSTN provider of the first location.
        pstn_provider: Option<String>,
        /// `platform`, `partner_saml` or `partner_oidc`.
        authentication_mode: String,
        /// Entity id or registered name of the provider, by mode.
        identity_provider: Option<String>,
        /// Brand name in onboarding mail.
        brand_name: Option<String>,
        /// Allow administrator invitation mails when attaching.
        allow_admin_invite_emails: bool,
        /// Calls without PSTN.
        internal_calls_enabled: bool,
        /// Restricted-by-partner mode of new customers.
        restricted_by_partner: bool,
        /// When it was created.
        created: Option<String>,
        /// When it was last changed.
        last_modified: Option<String>,
    }

    /// A page of templates.
    struct TemplateList {
        /// The templates.
        items: Vec<Template>,
    }
}
