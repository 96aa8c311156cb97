//! What a connection knows of its provider, and what the provider knows of us.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{certificate::Certificate, metadata::Imported};

/// A provider, as its metadata tells and its partner wants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a choice of its own, with the name that the contract gives it"
)]
pub(crate) struct Provider {
    /// Its `EntityID`.
    pub(crate) entity_id: String,
    /// Where people are sent (HTTP-Redirect).
    pub(crate) sign_in_url: String,
    /// Where they are signed out (HTTP-Redirect), if it has such a place.
    pub(crate) sign_out_url: Option<String>,
    /// Where answers to a wish to sign out go, when that is another place.
    pub(crate) sign_out_response_url: Option<String>,
    /// What its signatures are verified with.
    pub(crate) certificates: Vec<Certificate>,
    /// Only the Response is signed, not the Assertion.
    #[serde(default)]
    pub(crate) response_signed_only: bool,
    /// Assertions are encrypted.
    #[serde(default)]
    pub(crate) assertions_encrypted: bool,
    /// Answers that nobody asked for are accepted.
    #[serde(default)]
    pub(crate) unsolicited_allowed: bool,
    /// People prove themselves each time.
    #[serde(default)]
    pub(crate) force_authentication: bool,
}

impl Provider {
    /// The certificates that verify at this moment: none of them is left out silently (S6, S7).
    pub(crate) fn certificates_at(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<&Certificate>, super::refusal::Refusal> {
        use super::refusal::Refusal;
        if self.certificates.is_empty() {
            return Err(Refusal::NO_CERTIFICATE);
        }
        let good: Vec<_> = self
            .certificates
            .iter()
            .filter(|certificate| certificate.is_good_at(now))
            .collect();
        if good.is_empty() {
            return Err(Refusal::CERTIFICATE_EXPIRED);
        }
        Ok(good)
    }
}

/// A connection as its partner set it up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// The provider.
    pub(crate) provider: Provider,
    /// Where its metadata is read again every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metadata_url: Option<String>,
}

impl Connection {
    /// Whether the provider has said who it is.
    pub(crate) fn is_described(&self) -> bool {
        !self.provider.certificates.is_empty()
    }

    /// Takes over what the provider says of itself.
    pub(crate) fn describe(&mut self, imported: Imported) {
        let provider = &mut self.provider;
        provider.entity_id = imported.entity_id;
        provider.sign_in_url = imported.sign_in_url;
        provider.sign_out_url = imported.sign_out_url;
        provider.sign_out_response_url = imported.sign_out_response_url;
        provider.certificates = imported.certificates;
    }

    /// Keeps what the provider said before, where nothing new was told.
    pub(crate) fn keep_description(&mut self, known: &Self) {
        if self.is_described() {
            return;
        }
        self.provider = Provider {
            response_signed_only: self.provider.response_signed_only,
            assertions_encrypted: self.provider.assertions_encrypted,
            unsolicited_allowed: self.provider.unsolicited_allowed,
            force_authentication: self.provider.force_authentication,
            ..known.provider.clone()
        };
        if self.metadata_url.is_none() {
            self.metadata_url.clone_from(&known.metadata_url);
        }
    }

    /// Whether a test of the other is a test of this: all but the certificates is the same.
    pub(crate) fn is_proven_by(&self, other: &Self) -> bool {
        let bare = |connection: &Self| Provider {
            certificates: Vec::new(),
            ..connection.provider.clone()
        };
        bare(self) == bare(other)
    }
}

/// What we are to one provider: names of our own for each connection, so that nothing made for one is of any
/// use at another (S67, S72).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ours {
    /// Our `EntityID`, which is where our metadata is.
    pub(crate) entity_id: String,
    /// Where answers are posted.
    pub(crate) acs_url: String,
    /// Where sessions are ended.
    pub(crate) slo_url: String,
}

impl Ours {
    /// Of a connection, under the public URL of the platform.
    pub(crate) fn new(issuer: &str, connection: Uuid) -> Self {
        let base = format!("{}/saml/{connection}", issuer.trim_end_matches('/'));
        Self {
            entity_id: format!("{base}/metadata"),
            acs_url: format!("{base}/acs"),
            slo_url: format!("{base}/slo"),
        }
    }
}

/// What an answer must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The id of our request; none for an answer that nobody asked for.
    pub(crate) request_id: Option<String>,
    /// The person must have proved itself after this moment.
    pub(crate) fresh_since: Option<DateTime<Utc>>,
}

/// Who the provider says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asserted {
    /// Its name there.
    pub(crate) subject: Subject,
    /// The provider's session, to end it.
    pub(crate) session_index: Option<String>,
    /// The provider's session ends.
    pub(crate) session_ends_at: Option<DateTime<Utc>>,
    /// When the person proved itself.
    pub(crate) authenticated_at: DateTime<Utc>,
    /// How.
    pub(crate) context_class: Option<String>,
    /// All that is told of it.
    pub(crate) attributes: Vec<(String, Vec<String>)>,
    /// Id of the Response.
    pub(crate) response_id: String,
    /// Id of the Assertion.
    pub(crate) assertion_id: String,
    /// After this moment it would be refused anyway.
    pub(crate) usable_until: DateTime<Utc>,
}

/// A name that means something at one provider alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The name.
    pub(crate) value: String,
    /// What kind of name.
    pub(crate) format: String,
    /// In whose realm.
    pub(crate) name_qualifier: Option<String>,
    /// For whom.
    pub(crate) sp_name_qualifier: Option<String>,
}

/// A mail address.
pub(crate) const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
/// Another name each time: of no use to recognize anybody.
pub(crate) const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// Said of nothing.
pub(crate) const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// What providers call the mail address.
const EMAIL_ATTRIBUTES: &[&str] = &[
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail",
    "email",
    "emailAddress",
    "User.email",
];

/// What they call the first name.
const FIRST_NAMES: &[&str] = &[
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    "givenName",
    "firstName",
    "User.FirstName",
];
/// What they call the last name.
const LAST_NAMES: &[&str] = &[
    "urn:oid:2.5.4.4",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    "sn",
    "surname",
    "lastName",
    "User.LastName",
];

impl Subject {
    /// All of it, written in one way: what a person is recognized by.
    pub(crate) fn key(&self) -> String {
        let none = |part: &Option<String>| part.clone().unwrap_or_default();
        [
            self.format.as_str(),
            &none(&self.name_qualifier),
            &none(&self.sp_name_qualifier),
            self.value.as_str(),
        ]
        .map(|part| part.replace('%', "%25").replace('|', "%7C"))
        .join("|")
    }
}

impl Asserted {
    /// The only value of the first of these attributes that is told.
    fn single(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let (_, values) = self.attributes.iter().find(|(key, _)| key == name)?;
            match values.as_slice() {
                [value] if !value.is_empty() => Some(value.as_str()),
                _ => None,
            }
        })
    }

    /// The mail address.
    pub(crate) fn email(&self) -> Option<&str> {
        self.single(EMAIL_ATTRIBUTES)
            .or_else(|| (self.subject.format == EMAIL).then_some(self.subject.value.as_str()))
    }

    /// First and last name.
    pub(crate) fn names(&self) -> (Option<&str>, Option<&str>) {
        (self.single(FIRST_NAMES), self.single(LAST_NAMES))
    }

    /// The attributes that anything here depends on, with their only values.
    pub(crate) fn used_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().filter_map(|(name, _)| {
            let used = [EMAIL_ATTRIBUTES, FIRST_NAMES, LAST_NAMES]
                .iter()
                .any(|names| names.contains(&name.as_str()));
            let value = self.single(&[name.as_str()])?;
            used.then_some((name.as_str(), value))
        })
    }
}
