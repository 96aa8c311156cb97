//! Whoever verifies and decrypts a response, between the guard before and the policy behind.

use std::time::SystemTime;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use saml_rs::{
    AcsEndpoint, AssertionSignaturePolicy, AudienceValidationPolicy, BrowserInput, ClockSkew,
    Credentials, EntityId, FormField, IdpDescriptor, MessageId, MetadataTrustPolicy,
    PendingAuthnRequest, PrivateKeyPem, RelayStateParam, ReplayPolicy, ResponseSignaturePolicy,
    Saml, SamlError, SamlValidationContext, Sp, SpConfig, SpValidationPolicy, SsoResponse,
    SsoResponseBinding, SsoSession, VerifiedXmlSignatureCoverage, XmlEncryptionPolicy, XmlPolicy,
    XmlSignatureProfile,
};

use super::{
    certificate::{Certificate, OwnKey},
    guard::{self, Message, Plain},
    metadata,
    policy::{self, SKEW},
    refusal::Refusal,
    settings::{Asserted, Expected, Ours, Provider},
    xml::{self, Element, Space},
};

/// Says who a response is about, or why it is not believed.
pub(crate) trait Consumer {
    /// Pure: the same answer for the same arguments. That a response is used once, the caller sees to.
    fn consume(
        &self,
        provider: &Provider,
        ours: &Ours,
        keys: &[OwnKey],
        expected: &Expected,
        document: &Plain,
        now: DateTime<Utc>,
    ) -> Result<Asserted, Refusal>;
}

/// With the library `saml-rs`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SamlRs;

impl Consumer for SamlRs {
    fn consume(
        &self,
        provider: &Provider,
        ours: &Ours,
        keys: &[OwnKey],
        expected: &Expected,
        document: &Plain,
        now: DateTime<Utc>,
    ) -> Result<Asserted, Refusal> {
        if expected.request_id.is_none() && !provider.unsolicited_allowed {
            return Err(Refusal::UNSOLICITED);
        }
        policy::check_signed(document, provider)?;
        let certificates = provider.certificates_at(now)?;
        let session = verify(provider, &certificates, ours, keys, expected, document, now)?;

        let opened = opened(&session, provider, document)?;
        let opened = opened.as_ref().unwrap_or(document);
        check_coverage(&session, provider, document, opened)?;
        let asserted = policy::read(opened, provider, ours, expected, now)?;
        check_same(&session, provider, expected, &asserted)?;
        Ok(asserted)
    }
}

/// Verifies with the library. While our keys change, the one that a provider encrypts for may be any of them.
fn verify(
    provider: &Provider,
    certificates: &[&Certificate],
    ours: &Ours,
    keys: &[OwnKey],
    expected: &Expected,
    document: &Plain,
    now: DateTime<Utc>,
) -> Result<SsoSession, Refusal> {
    let attempt = |key: Option<&OwnKey>| -> Result<SsoSession, SamlError> {
        let library = library(provider, ours, key)?;
        let descriptor = IdpDescriptor::from_metadata_xml_for(
            EntityId::try_new(provider.entity_id.as_str())?,
            &metadata::of_provider(provider, certificates),
            MetadataTrustPolicy::UnsignedForCompatibility,
        )?;
        let fields = vec![FormField::new(
            "SAMLResponse",
            STANDARD.encode(document.text.as_bytes()),
        )];
        let input = BrowserInput::<SsoResponse>::post(fields);
        let skew = SKEW.num_milliseconds();
        // The database decides on replays, in the transaction of the session.
        let validation = SamlValidationContext::new(
            SystemTime::from(now),
            ReplayPolicy::DisabledForCompatibility,
        )
        .with_clock_skew(ClockSkew::from_millis(-skew, skew));
        let Some(request) = &expected.request_id else {
            return library.accept_unsolicited_sso(&descriptor, input, validation);
        };
        let pending = PendingAuthnRequest::try_new(
            MessageId::try_new(request.as_str())?,
            RelayStateParam::absent(),
            AcsEndpoint::post(ours.acs_url.as_str())?,
            SsoResponseBinding::Post,
            EntityId::try_new(provider.entity_id.as_str())?,
        )?;
        library.finish_sso(&descriptor, &pending, input, validation)
    };
    if !provider.assertions_encrypted {
        return attempt(None).map_err(|error| match refusal(&error) {
            Refusal::DECRYPTION => Refusal::SIGNATURE,
            other => other,
        });
    }
    let mut why = Refusal::DECRYPTION;
    for key in keys {
        match attempt(Some(key)).map_err(|error| refusal(&error)) {
            Ok(session) => return Ok(session),
            Err(Refusal::DECRYPTION) => {}
            Err(other) => why = other,
        }
    }
    Err(why)
}

/// The library as it is used here: every choice that it leaves open is made.
fn library(provider: &Provider, ours: &Ours, key: Option<&OwnKey>) -> Result<Saml<Sp>, SamlError> {
    let (assertions, responses) = if provider.response_signed_only {
        (
            AssertionSignaturePolicy::AllowUnsignedForCompatibility,
            ResponseSignaturePolicy::RequireSigned,
        )
    } else {
        (
            AssertionSignaturePolicy::RequireSigned,
            ResponseSignaturePolicy::RequireForEncryptedCbc,
        )
    };
    let mut encryption = XmlEncryptionPolicy::default();
    if key.is_some() {
        encryption = XmlEncryptionPolicy::encrypt_assertions();
    }
    Saml::sp(
        SpConfig::builder(EntityId::try_new(ours.entity_id.as_str())?)
            .acs_endpoint(AcsEndpoint::post(ours.acs_url.as_str())?)
            .credentials(Credentials {
                decryption_key: key.map(|key| PrivateKeyPem::new(key.pem())),
                ..Credentials::default()
            })
            .validation(SpValidationPolicy {
                assertions,
                responses,
                xml_signatures: XmlSignatureProfile::StrictRsaSha2,
                audience: AudienceValidationPolicy::Validate,
                ..SpValidationPolicy::recommended()
            })
            .xml(XmlPolicy {
                encryption,
                ..XmlPolicy::default()
            })
            .build()?,
    )
}

/// The document with its assertion decrypted, guarded like the one that came; none where nothing was.
fn opened(
    session: &SsoSession,
    provider: &Provider,
    document: &Plain,
) -> Result<Option<Plain>, Refusal> {
    let text = &session.raw_flow().saml_content;
    if !provider.assertions_encrypted {
        return if *text == document.text {
            Ok(None)
        } else {
            Err(Refusal::DIFFERS)
        };
    }
    let opened = guard::read(text.clone(), Message::Response)?;
    let assertion = opened.root.the(Space::Assertion, "Assertion")?;
    let response = guard::signature_of(&document.root)?.is_some();
    policy::check_assertion_signed(response, assertion, provider)?;
    // By itself it must read as it does within: what stands around it may not give it another meaning.
    let alone = text.get(assertion.span()).ok_or(Refusal::DIFFERS)?;
    if !xml::parse(alone, xml::MESSAGE)?.reads_like(assertion) {
        return Err(Refusal::DIFFERS);
    }
    Ok(Some(opened))
}

/// Every signature that is there was verified, over the element that it stands in (G8).
fn check_coverage(
    session: &SsoSession,
    provider: &Provider,
    document: &Plain,
    opened: &Plain,
) -> Result<(), Refusal> {
    use VerifiedXmlSignatureCoverage::{
        ConsumedAssertion, ResponseRoot, ResponseRootAndConsumedAssertion,
    };
    let covers = |wanted| {
        session.verified_xml_signatures().iter().any(|signature| {
            let coverage = signature.coverage();
            coverage == wanted || coverage == ResponseRootAndConsumedAssertion
        })
    };
    let response = covers(ResponseRoot);
    if guard::signature_of(&document.root)?.is_some() && !response {
        return Err(Refusal::SIGNATURE);
    }
    let assertion = opened.root.the(Space::Assertion, "Assertion")?;
    let itself = guard::signature_of(assertion)?.is_some();
    // Under a signed response an encrypted assertion's own signature adds nothing where it is not asked for.
    let enough = provider.response_signed_only && response;
    if covers(ConsumedAssertion) || enough && (provider.assertions_encrypted || !itself) {
        Ok(())
    } else {
        Err(Refusal::SIGNATURE)
    }
}

/// What the library read is what we read (G8).
fn check_same(
    session: &SsoSession,
    provider: &Provider,
    expected: &Expected,
    asserted: &Asserted,
) -> Result<(), Refusal> {
    let name = session.name_id();
    let subject = &asserted.subject;
    let format = name
        .format()
        .map_or(super::settings::UNSPECIFIED, saml_rs::NameIdFormat::as_uri);
    let same = name.value() == subject.value
        && format == subject.format
        && name.name_qualifier() == subject.name_qualifier.as_deref()
        && name.sp_name_qualifier() == subject.sp_name_qualifier.as_deref()
        && session.issuer().as_str() == provider.entity_id
        && session.response_id().as_str() == asserted.response_id
        && session.assertion_id().as_str() == asserted.assertion_id
        && session.in_response_to().map(MessageId::as_str) == expected.request_id.as_deref()
        && session
            .authn_session()
            .session_index()
            .map(saml_rs::SessionIndex::as_str)
            == asserted.session_index.as_deref();
    let told = asserted.used_attributes().all(|(attribute, value)| {
        session.attributes().get(attribute).is_some_and(
            |theirs| matches!(theirs.values(), [only] if only.as_str().trim() == value),
        )
    });
    if same && told {
        Ok(())
    } else {
        Err(Refusal::DIFFERS)
    }
}

/// Why the library refused, in our words.
fn refusal(error: &SamlError) -> Refusal {
    match error {
        SamlError::Base64(_) | SamlError::Deflate(_) => Refusal::ENCODING,
        SamlError::Xml(_) => Refusal::MALFORMED,
        SamlError::IssuerMismatch { .. } => Refusal::ISSUER,
        SamlError::DestinationMismatch { .. } => Refusal::DESTINATION,
        SamlError::InResponseToMismatch { .. } => Refusal::IN_RESPONSE_TO,
        SamlError::AudienceMismatch { .. } => Refusal::AUDIENCE,
        SamlError::UnrecognizedCondition { .. } => Refusal::CONDITION,
        SamlError::StatusNotSuccess { .. } => Refusal::STATUS,
        SamlError::TimeWindowInvalid { .. } => Refusal::TIME,
        SamlError::SubjectConfirmationInvalid { .. } => Refusal::CONFIRMATION,
        SamlError::SignatureMissing => Refusal::UNSIGNED,
        SamlError::AssertionSignatureRequired
        | SamlError::SignatureVerification { .. }
        | SamlError::ReferenceResolution { .. }
        | SamlError::SignedReferenceMismatch
        | SamlError::CertificateMismatch
        | SamlError::NoTrustedCertificate
        | SamlError::PotentialWrappingAttack => Refusal::SIGNATURE,
        SamlError::AlgorithmUnsupported => Refusal::ALGORITHM,
        SamlError::Crypto(_) => Refusal::DECRYPTION,
        _ => Refusal::PROTOCOL,
    }
}

/// Whether the embedded signature of a logout message is the provider's.
pub(crate) fn verify_message(
    provider: &Provider,
    document: &Plain,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let signed: &Element = &document.root;
    if guard::signature_of(signed)?.is_none() {
        return Err(Refusal::UNSIGNED);
    }
    let certificates: Vec<String> = provider
        .certificates_at(now)?
        .iter()
        .map(|certificate| certificate.der.clone())
        .collect();
    match saml_rs::crypto::verify::verify_signature(&document.text, &certificates) {
        Ok((true, Some(covered))) if document.text.get(signed.span()) == Some(&covered) => Ok(()),
        Ok(_) | Err(_) => Err(Refusal::SIGNATURE),
    }
}
