//! Onboarding templates.

use chrono::{DateTime, Utc};
use kit::fault::{Violations, reason::MISSING};
use uuid::Uuid;

use crate::{
    domain::{
        address::checked_country,
        country::{self, Region},
        locale, names, text,
    },
    error::reason,
};

kit::id! {
    /// A template.
    pub(crate) TemplateId
}

names! {
    /// How the users of new customers sign in.
    AuthenticationMode {
        /// The platform's own.
        Platform = "platform",
        /// The partner's SAML identity provider.
        PartnerSaml = "partner_saml",
        /// The partner's `OpenID` Connect provider.
        PartnerOidc = "partner_oidc",
    }
}

/// Country of a template that names none.
const DEFAULT_COUNTRY: &str = "US";
/// Longest name.
const LONGEST_NAME: usize = 128;
/// Longest of texts that name something elsewhere: an `EntityID` is a URI of up to 1024 characters.
const LONGEST_REFERENCE: usize = 1024;

/// The settings as they came; every text may be anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsForm {
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) region: String,
    pub(crate) service_provider_admin: String,
    pub(crate) language: String,
    pub(crate) subscription_id: String,
    pub(crate) pstn_provider: String,
    pub(crate) authentication_mode: Option<AuthenticationMode>,
    pub(crate) identity_provider: String,
    pub(crate) brand_name: String,
    pub(crate) allow_admin_invite_emails: bool,
    pub(crate) internal_calls_disabled: bool,
    pub(crate) unrestricted: bool,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) country: String,
    pub(crate) region: Region,
    pub(crate) service_provider_admin: String,
    pub(crate) language: String,
    pub(crate) subscription_id: String,
    pub(crate) pstn_provider: String,
    pub(crate) authentication_mode: AuthenticationMode,
    pub(crate) identity_provider: String,
    pub(crate) brand_name: String,
    pub(crate) allow_admin_invite_emails: bool,
    pub(crate) internal_calls_disabled: bool,
    pub(crate) unrestricted: bool,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) id: TemplateId,
    pub(crate) provisioning_id: Uuid,
    pub(crate) settings: Settings,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) changed_at: DateTime<Utc>,
}

impl SettingsForm {
    /// Judges everything at once. The settings are of use only when nothing is wrong.
    pub(crate) fn checked(&self, violations: &mut Violations) -> Settings {
        let name = violations.text("name", &self.name, LONGEST_NAME);
        let country = if self.country.trim().is_empty() {
            DEFAULT_COUNTRY.to_owned()
        } else {
            checked_country("country", &self.country, violations)
        };
        let mut reference =
            |field: &str, value: &str| violations.optional_text(field, value, LONGEST_REFERENCE);
        let subscription_id = reference("subscriptionId", &self.subscription_id);
        let pstn_provider = reference("pstnProvider", &self.pstn_provider);
        let identity_provider = reference("identityProvider", &self.identity_provider);
        let brand_name = reference("brandName", &self.brand_name);
        let authentication_mode = self
            .authentication_mode
            .unwrap_or(AuthenticationMode::Platform);
        violations.check(
            authentication_mode == AuthenticationMode::Platform || !identity_provider.is_empty(),
            "identityProvider",
            MISSING,
            "partner authentication names its identity provider",
        );
        Settings {
            name,
            region: self.region(&country, violations),
            service_provider_admin: text::optional_email(
                "serviceProviderAdmin",
                &self.service_provider_admin,
                violations,
            ),
            language: locale::resolve(&self.language, &country, "").to_owned(),
            country,
            subscription_id,
            pstn_provider,
            authentication_mode,
            identity_provider,
            brand_name,
            allow_admin_invite_emails: self.allow_admin_invite_emails,
            internal_calls_disabled: self.internal_calls_disabled,
            unrestricted: self.unrestricted,
        }
    }

    /// The region that was named, else the country's.
    fn region(&self, country: &str, violations: &mut Violations) -> Region {
        let named = self.region.trim().to_ascii_uppercase();
        let of_country = country::region(country).unwrap_or(Region::Amer);
        if named.is_empty() {
            return of_country;
        }
        named.parse().unwrap_or_else(|_| {
            let text = "the region is one of AMER, APAC, ANZ, EMEA, EURO";
            violations.add("region", reason::UNKNOWN_REGION, text);
            of_country
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(form: &SettingsForm) -> (Settings, Vec<(String, String)>) {
        let mut violations = Violations::default();
        let settings = form.checked(&mut violations);
        (
            settings,
            violations
                .into_vec()
                .into_iter()
                .map(|v| (v.field, v.reason))
                .collect(),
        )
    }

    #[test]
    fn r202_what_is_left_out_has_a_default() {
        let (settings, wrong) = judge(&SettingsForm {
            name: " Gold ".to_owned(),
            ..SettingsForm::default()
        });
        assert_eq!(wrong, []);
        assert_eq!(settings.name, "Gold");
        assert_eq!(settings.country, "US");
        assert_eq!(settings.region, Region::Amer);
        assert_eq!(settings.language, "en_US");
        assert_eq!(settings.authentication_mode, AuthenticationMode::Platform);
    }

    #[test]
    fn r202_the_region_follows_the_country_unless_named() {
        let form = SettingsForm {
            name: "n".to_owned(),
            country: "at".to_owned(),
            language: "de".to_owned(),
            ..SettingsForm::default()
        };
        let (settings, _) = judge(&form);
        assert_eq!(
            (settings.country.as_str(), settings.region),
            ("AT", Region::Euro)
        );
        assert_eq!(settings.language, "de_DE");
        let (settings, _) = judge(&SettingsForm {
            region: "emea".to_owned(),
            ..form
        });
        assert_eq!(settings.region, Region::Emea);
    }

    #[test]
    fn r203_partner_authentication_names_its_provider() {
        let form = SettingsForm {
            name: "n".to_owned(),
            authentication_mode: Some(AuthenticationMode::PartnerSaml),
            ..SettingsForm::default()
        };
        assert_eq!(
            judge(&form).1,
            [("identityProvider".to_owned(), "MISSING".to_owned())]
        );
    }

    #[test]
    fn all_that_is_wrong_is_noted_at_once() {
        let form = SettingsForm {
            country: "ZZ".to_owned(),
            region: "MARS".to_owned(),
            service_provider_admin: "nobody".to_owned(),
            ..SettingsForm::default()
        };
        let fields: Vec<String> = judge(&form).1.into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            fields,
            ["name", "country", "region", "serviceProviderAdmin"]
        );
    }
}
