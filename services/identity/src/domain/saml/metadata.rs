//! Metadata: what a provider tells of itself, and what we tell of ourselves.

use chrono::{DateTime, Utc};
use url::Url;

use super::{
    certificate::{BadCertificate, Certificate, OwnKey},
    guard, policy,
    refusal::Refusal,
    settings::{Ours, Provider},
    xml::{self, Element, Space},
};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// How browsers are sent to a provider.
pub(crate) const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// How they come back.
pub(crate) const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// Most certificates of one provider.
const MOST_CERTIFICATES: usize = 10;

/// What is wrong with metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadMetadata {
    /// Not XML of the plain kind that everybody writes.
    #[error("it cannot be read as metadata: {0}")]
    Unreadable(Refusal),
    /// Several providers.
    #[error("it describes more than one entity; give the one of your identity provider")]
    Several,
    /// Of a service, not of a provider.
    #[error("it describes no SAML 2.0 identity provider")]
    WrongRole,
    /// Its `EntityID`.
    #[error("its entityID is no name of 1 to 1024 characters without spaces")]
    EntityId,
    /// `validUntil` is over.
    #[error("it was valid until a moment that has passed")]
    Expired,
    /// Nothing to verify with (S5).
    #[error("it has no certificate that signs")]
    NoCertificate,
    /// A certificate that is no good.
    #[error("a certificate of it is {0}")]
    Certificate(BadCertificate),
    /// Too many certificates.
    #[error("it has more than ten certificates that sign")]
    TooManyCertificates,
    /// All of them have ended (S7).
    #[error("all its certificates have ended or not begun")]
    CertificatesExpired,
    /// Nowhere to send people to.
    #[error("it has no single sign-on service with the binding HTTP-Redirect")]
    NoSignOn,
    /// An address that nobody is sent to.
    #[error("a location of it is no https URL")]
    Location,
    /// Signed, but not with a key of its own.
    #[error("it is signed, and not with a certificate that it names")]
    Signature,
}

impl BadMetadata {
    /// The reason of the violation.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "METADATA_UNREADABLE",
            Self::Several => "SEVERAL_PROVIDERS",
            Self::WrongRole => "NO_IDENTITY_PROVIDER",
            Self::EntityId => "INVALID_ENTITY_ID",
            Self::Expired => "METADATA_EXPIRED",
            Self::NoCertificate => "NO_CERTIFICATE",
            Self::Certificate(_) => "INVALID_CERTIFICATE",
            Self::TooManyCertificates => "TOO_MANY_CERTIFICATES",
            Self::CertificatesExpired => "CERTIFICATES_EXPIRED",
            Self::NoSignOn => "NO_SIGN_ON_SERVICE",
            Self::Location => "INVALID_LOCATION",
            Self::Signature => "INVALID_SIGNATURE",
        }
    }
}

impl From<Refusal> for BadMetadata {
    fn from(refusal: Refusal) -> Self {
        Self::Unreadable(refusal)
    }
}

/// What metadata tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Its `EntityID`.
    pub(crate) entity_id: String,
    /// Where people are sent.
    pub(crate) sign_in_url: String,
    /// Where they are signed out.
    pub(crate) sign_out_url: Option<String>,
    /// Where answers to that go, when elsewhere.
    pub(crate) sign_out_response_url: Option<String>,
    /// What it signs with.
    pub(crate) certificates: Vec<Certificate>,
}

/// Reads metadata. `plain_http` is for networks without TLS, which tests are.
pub(crate) fn import(
    text: &str,
    plain_http: bool,
    now: DateTime<Utc>,
) -> Result<Imported, BadMetadata> {
    let text = text.trim();
    let root = xml::parse(text, xml::METADATA)?;
    let entity = entity(&root, now)?;
    let provider = entity
        .one(Space::Metadata, "IDPSSODescriptor")
        .map_err(|_| BadMetadata::Several)?
        .filter(|provider| {
            provider
                .attribute("protocolSupportEnumeration")
                .is_some_and(|list| list.split_ascii_whitespace().any(|p| p == PROTOCOL))
        })
        .ok_or(BadMetadata::WrongRole)?;
    valid(provider, now)?;

    let entity_id = entity.attribute("entityID").unwrap_or_default();
    let named = (1..=1024).contains(&entity_id.len())
        && !entity_id
            .chars()
            .any(|c| c.is_whitespace() || c.is_control());
    if !named {
        return Err(BadMetadata::EntityId);
    }
    let certificates = certificates(provider)?;
    if !certificates
        .iter()
        .any(|certificate| certificate.is_good_at(now))
    {
        return Err(BadMetadata::CertificatesExpired);
    }
    let sign_on = service(provider, "SingleSignOnService").ok_or(BadMetadata::NoSignOn)?;
    let sign_out = service(provider, "SingleLogoutService");
    let at = |service: &Element, attribute| location(service.attribute(attribute), plain_http);
    let imported = Imported {
        entity_id: entity_id.to_owned(),
        sign_in_url: at(sign_on, "Location")?.ok_or(BadMetadata::NoSignOn)?,
        sign_out_url: sign_out.map_or(Ok(None), |service| at(service, "Location"))?,
        sign_out_response_url: sign_out
            .map_or(Ok(None), |service| at(service, "ResponseLocation"))?,
        certificates,
    };
    signed(text, &root, &imported.certificates)?;
    Ok(imported)
}

/// The only entity.
fn entity(root: &Element, now: DateTime<Utc>) -> Result<&Element, BadMetadata> {
    if root.is(Space::Metadata, "EntityDescriptor") {
        valid(root, now)?;
        return Ok(root);
    }
    if !root.is(Space::Metadata, "EntitiesDescriptor") {
        return Err(BadMetadata::WrongRole);
    }
    valid(root, now)?;
    let mut entities = root
        .descendants()
        .filter(|element| element.is(Space::Metadata, "EntityDescriptor"));
    let entity = entities.next().ok_or(BadMetadata::WrongRole)?;
    if entities.next().is_some() {
        return Err(BadMetadata::Several);
    }
    valid(entity, now)?;
    Ok(entity)
}

fn valid(element: &Element, now: DateTime<Utc>) -> Result<(), BadMetadata> {
    match policy::instant(element, "validUntil") {
        Ok(until) if until.is_none_or(|until| now < until) => Ok(()),
        Ok(_) => Err(BadMetadata::Expired),
        Err(refusal) => Err(refusal.into()),
    }
}

fn certificates(provider: &Element) -> Result<Vec<Certificate>, BadMetadata> {
    let mut certificates: Vec<Certificate> = Vec::new();
    let texts = provider
        .all(Space::Metadata, "KeyDescriptor")
        .filter(|key| {
            key.attribute("use")
                .is_none_or(|purpose| purpose == "signing")
        })
        .flat_map(Element::descendants)
        .filter(|element| element.is(Space::Signature, "X509Certificate"));
    for text in texts {
        let text = text.leaf().unwrap_or_default();
        let certificate = Certificate::parse(text).map_err(BadMetadata::Certificate)?;
        let known = |other: &Certificate| other.fingerprint == certificate.fingerprint;
        if !certificates.iter().any(known) {
            certificates.push(certificate);
        }
    }
    match certificates.len() {
        0 => Err(BadMetadata::NoCertificate),
        1..=MOST_CERTIFICATES => Ok(certificates),
        _ => Err(BadMetadata::TooManyCertificates),
    }
}

fn service<'a>(provider: &'a Element, name: &str) -> Option<&'a Element> {
    provider.children.iter().find(|child| {
        child.is(Space::Metadata, name) && child.attribute("Binding") == Some(REDIRECT)
    })
}

/// An address that a browser may be sent to.
fn location(text: Option<&str>, plain_http: bool) -> Result<Option<String>, BadMetadata> {
    let Some(text) = text else {
        return Ok(None);
    };
    let url = Url::parse(text).map_err(|_| BadMetadata::Location)?;
    let scheme = url.scheme() == "https" || (plain_http && url.scheme() == "http");
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if scheme && plain && url.has_host() && text.len() <= 1024 {
        Ok(Some(url.into()))
    } else {
        Err(BadMetadata::Location)
    }
}

/// Who signs metadata signs with a key that it names. We trust who brought it, not the signature; but one
/// that does not fit says that something is wrong.
fn signed(text: &str, root: &Element, certificates: &[Certificate]) -> Result<(), BadMetadata> {
    if guard::signature_of(root)
        .map_err(|_| BadMetadata::Signature)?
        .is_none()
    {
        return Ok(());
    }
    let keys: Vec<String> = certificates
        .iter()
        .map(|certificate| certificate.der.clone())
        .collect();
    match saml_rs::crypto::verify::verify_signature(text, &keys) {
        Ok((true, Some(_))) => Ok(()),
        Ok(_) | Err(_) => Err(BadMetadata::Signature),
    }
}

/// Text between tags or within quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn key_descriptor(purpose: &str, der: &str) -> String {
    format!(
        "<md:KeyDescriptor use=\"{purpose}\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}

const NAMESPACES: &str = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
                          xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

/// What we know of a provider as metadata again: all that the library gets to read.
pub(crate) fn of_provider(provider: &Provider, certificates: &[&Certificate]) -> String {
    let keys: String = certificates
        .iter()
        .map(|certificate| key_descriptor("signing", &certificate.der))
        .collect();
    format!(
        "<md:EntityDescriptor {NAMESPACES} entityID=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"{PROTOCOL}\">{keys}<md:SingleSignOnService \
         Binding=\"{REDIRECT}\" Location=\"{}\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        escape(&provider.entity_id),
        escape(&provider.sign_in_url),
    )
}

/// What a provider needs to know of us. The first key signs; the others may tomorrow, or did yesterday.
pub(crate) fn of_ours(ours: &Ours, provider: &Provider, keys: &[OwnKey]) -> String {
    let signing: String = keys
        .iter()
        .map(|key| key_descriptor("signing", &key.certificate))
        .collect();
    // Some providers encrypt as soon as they see a key for it.
    let encryption = keys
        .first()
        .filter(|_| provider.assertions_encrypted)
        .map(|key| key_descriptor("encryption", &key.certificate))
        .unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor {NAMESPACES} \
         entityID=\"{entity_id}\"><md:SPSSODescriptor AuthnRequestsSigned=\"true\" \
         WantAssertionsSigned=\"{want}\" protocolSupportEnumeration=\"{PROTOCOL}\">\
         {signing}{encryption}\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>\
         <md:AssertionConsumerService index=\"0\" isDefault=\"true\" Binding=\"{POST}\" \
         Location=\"{acs}\"/></md:SPSSODescriptor></md:EntityDescriptor>\n",
        entity_id = escape(&ours.entity_id),
        want = !provider.response_signed_only,
        acs = escape(&ours.acs_url),
    )
}
