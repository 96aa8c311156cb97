//! Identity providers of partners (R-1301 to R-1303).
//!
//! A partner registers one as a draft, tries it with a test sign-in, and puts it into use. What was
//! tried is what is used: whoever changes where people are sent, or by whose word they are let in,
//! begins with a draft again.

use chrono::{DateTime, Utc};
use kit::{
    fault::{Violations, reason},
    id::PartnerId,
};
use serde::{Deserialize, Serialize};

use super::{oidc::settings::OidcSettings, saml::settings::Connection};

kit::id! {
    /// A provider; its URLs carry it.
    pub(crate) ConnectionId
}

/// Longest name (R-1302).
const LONGEST_NAME: usize = 128;

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    /// SAML 2.0.
    Saml,
    /// `OpenID` Connect.
    Oidc,
}

impl Protocol {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Saml, Self::Oidc]
            .into_iter()
            .find(|protocol| protocol.as_str() == text)
    }
}

/// How far a provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not tested as it is now.
    Draft,
    /// A test sign-in went well.
    Tested,
    /// In use.
    Active,
    /// Out of use.
    Disabled,
}

impl State {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Tested => "tested",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Tested, Self::Active, Self::Disabled]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// Its id.
    pub(crate) id: ConnectionId,
    /// Its name, the platform's only one of its kind (R-1302).
    pub(crate) name: String,
    /// How far it is.
    pub(crate) state: State,
    /// Who it says it is: its issuer, or its `EntityID`.
    pub(crate) entity_id: String,
    /// The rest.
    pub(crate) settings: Settings,
    /// When a test of these settings last went well.
    pub(crate) tested_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub(crate) version: i32,
    /// When it was registered.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
}

/// What a partner says of a provider. No secret is in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Its word that a second factor was used is believed.
    pub(crate) trusted_for_factors: bool,
    /// By protocol.
    pub(crate) speaks: Speaks,
}

/// What a provider speaks, with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Speaks {
    /// `OpenID` Connect.
    Oidc(OidcSettings),
    /// SAML 2.0.
    Saml(Box<Connection>),
}

impl Speaks {
    /// Its protocol.
    pub(crate) fn protocol(&self) -> Protocol {
        match self {
            Self::Oidc(_) => Protocol::Oidc,
            Self::Saml(_) => Protocol::Saml,
        }
    }

    /// Whether a test of the other is a test of this.
    fn is_proven_by(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Saml(this), Self::Saml(other)) => this.is_proven_by(other),
            _ => self == other,
        }
    }
}

impl Provider {
    /// What it speaks.
    pub(crate) fn protocol(&self) -> Protocol {
        self.settings.speaks.protocol()
    }

    /// Takes new settings over; what was tested and is no longer so is a draft again.
    pub(crate) fn change(&mut self, wanted: Wanted, now: DateTime<Utc>) {
        let proven = self.entity_id == wanted.entity_id
            && wanted.settings.speaks.is_proven_by(&self.settings.speaks);
        self.name = wanted.name;
        self.entity_id = wanted.entity_id;
        self.settings = wanted.settings;
        if !proven {
            self.tested_at = None;
            self.state = State::Draft;
        }
        self.touch(now);
    }

    /// A test went well.
    pub(crate) fn tested(&mut self, now: DateTime<Utc>) {
        self.tested_at = Some(now);
        if self.state == State::Draft {
            self.state = State::Tested;
        }
        self.touch(now);
    }

    /// Puts it into use; false when it was not tested as it is.
    pub(crate) fn activate(&mut self, now: DateTime<Utc>) -> bool {
        if self.tested_at.is_none() {
            return false;
        }
        if self.state != State::Active {
            self.state = State::Active;
            self.touch(now);
        }
        true
    }

    /// Takes it out of use.
    pub(crate) fn disable(&mut self, now: DateTime<Utc>) {
        if self.state != State::Disabled {
            self.state = State::Disabled;
            self.touch(now);
        }
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.changed_at = now;
    }
}

/// A provider as a partner wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// Its issuer or `EntityID`; empty where it is still to be found out.
    pub(crate) entity_id: String,
    /// The rest.
    pub(crate) settings: Settings,
    /// What nobody is told again; none leaves what there is.
    pub(crate) secret: Option<Secret>,
}

impl Wanted {
    /// Keeps what the provider said of itself before, where nothing new was told.
    pub(crate) fn keep_description(&mut self, known: &Provider) {
        if let (Speaks::Saml(wanted), Speaks::Saml(known)) =
            (&mut self.settings.speaks, &known.settings.speaks)
        {
            wanted.keep_description(known);
            self.entity_id.clone_from(&wanted.provider.entity_id);
        }
    }
}

/// A secret that is shared with a provider. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A text that is one.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, to send or to seal.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// Checks a name (R-1302).
pub(crate) fn parse_name(wrong: &mut Violations, text: &str) -> String {
    let name = wrong.text("name", text, LONGEST_NAME);
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    wrong.check(
        name.bytes().all(known),
        "name",
        reason::INVALID,
        "a name has letters, digits and -_~. only",
    );
    name
}

/// How the people of an organization sign in; frozen when it is created (R-205, R-1303).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Authentication {
    /// With the platform's own means.
    #[default]
    Platform,
    /// Through a provider.
    Through(Protocol, ConnectionId),
}

impl Authentication {
    /// As it is stored and told.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Through(protocol, _) => protocol.as_str(),
        }
    }

    /// The provider, if there is one.
    pub(crate) fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Platform => None,
            Self::Through(_, connection) => Some(connection),
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str, connection: Option<ConnectionId>) -> Option<Self> {
        match (text, connection) {
            ("platform", None) => Some(Self::Platform),
            (text, Some(connection)) => Some(Self::Through(Protocol::parse(text)?, connection)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1302_a_name_is_short_and_plain() {
        for (name, good) in [
            ("Own-Idp_1~.", true),
            (&"x".repeat(128), true),
            (&"x".repeat(129), false),
            ("", false),
            ("with space", false),
            ("a/b", false),
            ("a:b", false),
            ("ä", false),
            ("a\u{0}", false),
        ] {
            let mut wrong = Violations::default();
            parse_name(&mut wrong, name);
            assert_eq!(wrong.is_empty(), good, "{name}");
        }
    }

    #[test]
    fn r205_what_is_stored_of_an_organization_is_read_again() {
        let connection = ConnectionId::from_uuid(uuid::Uuid::from_u128(7));
        for kept in [
            Authentication::Platform,
            Authentication::Through(Protocol::Saml, connection),
            Authentication::Through(Protocol::Oidc, connection),
        ] {
            let read = Authentication::parse(kept.as_str(), kept.connection());
            assert_eq!(read, Some(kept));
        }
        assert_eq!(Authentication::parse("oidc", None), None);
        assert_eq!(Authentication::parse("platform", Some(connection)), None);
        assert_eq!(Authentication::parse("other", Some(connection)), None);
    }
}
