//! Organizations and their place in the tree.

use chrono::{DateTime, Utc};
use kit::{
    fault::{Violations, reason},
    id::PartnerId,
};

use super::provider::Authentication;

kit::id! {
    /// An organization. A partner's is also its [`PartnerId`].
    pub(crate) OrganizationId
}

/// Place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs the platform.
    Operator,
    /// A partner, or with a parent a sub-partner.
    Partner,
    /// A partner's customer.
    Customer,
}

impl Kind {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Partner => "partner",
            Self::Customer => "customer",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Operator, Self::Partner, Self::Customer]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// One organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organization {
    /// The tenant that owns it; operator and partners own themselves.
    pub(crate) partner_id: PartnerId,
    /// Its id.
    pub(crate) id: OrganizationId,
    /// The parent of a sub-partner.
    pub(crate) parent: Option<PartnerId>,
    /// Place in the tree.
    pub(crate) kind: Kind,
    /// What is shown to people.
    pub(crate) profile: Profile,
    /// SIP domain; the operator has none.
    pub(crate) sip_domain: Option<String>,
    /// A suspended sub-partner reads and deletes only (R-1106).
    pub(crate) suspended: bool,
    /// How its people sign in.
    pub(crate) authentication: Authentication,
    /// When it was created.
    pub(crate) created_at: DateTime<Utc>,
}

impl Organization {
    /// True when a repeat of its creation asks for what there is.
    pub(crate) fn is_repeat_of(&self, wanted: &Self) -> bool {
        self.partner_id == wanted.partner_id
            && self.parent == wanted.parent
            && self.kind == wanted.kind
            && self.profile == wanted.profile
            && self.authentication == wanted.authentication
    }
}

/// An organization with the marks of its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    /// The organization.
    pub(crate) organization: Organization,
    /// Grows with every change.
    pub(crate) version: i32,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
}

/// The part of an organization that its creator chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Display name.
    pub(crate) display_name: String,
    /// Country, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Locale, `ll_CC`.
    pub(crate) locale: String,
}

/// How the public API names the fields of a [`Profile`] in one kind of request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProfileFields {
    /// The display name.
    pub(crate) display_name: &'static str,
    /// The country.
    pub(crate) country: &'static str,
    /// The locale.
    pub(crate) locale: &'static str,
}

/// The fields of a partner.
pub(crate) const PARTNER_FIELDS: ProfileFields = ProfileFields {
    display_name: "name",
    country: "country",
    locale: "locale",
};

/// The fields of a customer.
pub(crate) const CUSTOMER_FIELDS: ProfileFields = ProfileFields {
    display_name: "customerInfo.name",
    country: "address.country",
    locale: "customerInfo.language",
};

/// Longest name of an organization.
pub(crate) const LONGEST_NAME: usize = 255;
const DEFAULT_LOCALE: &str = "en_US";

impl Profile {
    /// Checks what was sent. Which locales there are is the caller's matter; here only the form counts.
    pub(crate) fn parse(
        wrong: &mut Violations,
        fields: ProfileFields,
        display_name: &str,
        country: &str,
        locale: &str,
    ) -> Self {
        let display_name = wrong.text(fields.display_name, display_name, LONGEST_NAME);
        let country = country.trim().to_ascii_uppercase();
        if country.is_empty() {
            wrong.add(fields.country, reason::MISSING, "a country is required");
        } else {
            wrong.check(
                country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()),
                fields.country,
                reason::INVALID,
                "a country has two letters, as in ISO 3166-1",
            );
        }
        let locale = if locale.trim().is_empty() {
            DEFAULT_LOCALE
        } else {
            locale.trim()
        };
        wrong.check(
            is_locale(locale),
            fields.locale,
            reason::INVALID,
            "a locale looks like `en_US`",
        );
        Self {
            display_name,
            country,
            locale: locale.to_owned(),
        }
    }
}

/// Whether a text has the form of a locale.
pub(crate) fn is_locale(text: &str) -> bool {
    text.split_once('_').is_some_and(|(language, country)| {
        language.len() == 2
            && language.bytes().all(|b| b.is_ascii_lowercase())
            && country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, country: &str, locale: &str) -> Result<Profile, Vec<String>> {
        let mut wrong = Violations::default();
        let profile = Profile::parse(&mut wrong, CUSTOMER_FIELDS, name, country, locale);
        let wrong = wrong.into_vec();
        if wrong.is_empty() {
            Ok(profile)
        } else {
            Err(wrong
                .into_iter()
                .map(|v| format!("{} {}", v.field, v.reason))
                .collect())
        }
    }

    #[test]
    fn a_profile_is_tidied() {
        let profile = parse(" Acme ", "de", "").unwrap();
        assert_eq!(profile.display_name, "Acme");
        assert_eq!(profile.country, "DE");
        assert_eq!(profile.locale, "en_US");
    }

    #[test]
    fn r408_everything_wrong_is_reported() {
        assert_eq!(
            parse("", "Germany", "deutsch").unwrap_err(),
            [
                "customerInfo.name MISSING",
                "address.country INVALID",
                "customerInfo.language INVALID"
            ]
        );
    }
}
