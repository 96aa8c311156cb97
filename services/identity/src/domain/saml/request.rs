//! What we send to a provider through the browser, and how such things are signed in an address.

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use super::{
    certificate::{KeyTrouble, OwnKey},
    guard::{self, Message, Plain},
    metadata::{POST, escape},
    refusal::Refusal,
    settings::{Ours, Provider, Subject},
    xml,
};

/// RSA with SHA-256: what we sign with, and all that we accept in an address.
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const NAMESPACES: &str = "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
                          xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Asks a provider who somebody is.
pub(crate) fn authn_request(
    ours: &Ours,
    provider: &Provider,
    id: &str,
    now: DateTime<Utc>,
) -> String {
    let force = if provider.force_authentication {
        " ForceAuthn=\"true\""
    } else {
        ""
    };
    format!(
        "<samlp:AuthnRequest {NAMESPACES} ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{}\"{force} ProtocolBinding=\"{POST}\" AssertionConsumerServiceURL=\"{}\">\
         <saml:Issuer>{}</saml:Issuer><samlp:NameIDPolicy AllowCreate=\"true\"/>\
         </samlp:AuthnRequest>",
        time(now),
        escape(&provider.sign_in_url),
        escape(&ours.acs_url),
        escape(&ours.entity_id),
    )
}

/// Asks a provider to end its session.
pub(crate) fn logout_request(
    ours: &Ours,
    destination: &str,
    id: &str,
    subject: &Subject,
    session_index: Option<&str>,
    now: DateTime<Utc>,
) -> String {
    let attribute = |name: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| {
            format!(" {name}=\"{}\"", escape(value))
        })
    };
    let index = session_index.map_or_else(String::new, |index| {
        format!("<samlp:SessionIndex>{}</samlp:SessionIndex>", escape(index))
    });
    format!(
        "<samlp:LogoutRequest {NAMESPACES} ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{}\" NotOnOrAfter=\"{}\"><saml:Issuer>{}</saml:Issuer>\
         <saml:NameID{}{}{}>{}</saml:NameID>{index}</samlp:LogoutRequest>",
        time(now),
        escape(destination),
        time(now + chrono::TimeDelta::minutes(5)),
        escape(&ours.entity_id),
        attribute("Format", Some(&subject.format)),
        attribute("NameQualifier", subject.name_qualifier.as_deref()),
        attribute("SPNameQualifier", subject.sp_name_qualifier.as_deref()),
        escape(&subject.value),
    )
}

/// Tells a provider that the session has ended, or that there was none to end.
pub(crate) fn logout_response(
    ours: &Ours,
    destination: &str,
    id: &str,
    in_response_to: &str,
    now: DateTime<Utc>,
) -> String {
    format!(
        "<samlp:LogoutResponse {NAMESPACES} ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{}\" InResponseTo=\"{}\"><saml:Issuer>{}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
         </samlp:LogoutResponse>",
        time(now),
        escape(destination),
        escape(in_response_to),
        escape(&ours.entity_id),
    )
}

/// Which parameter carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// `SAMLRequest`
    Request,
    /// `SAMLResponse`
    Response,
}

impl Parameter {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// The address that takes a message to a provider, signed (HTTP-Redirect binding).
pub(crate) fn redirect_url(
    location: &str,
    parameter: Parameter,
    message: &str,
    relay_state: Option<&str>,
    key: &OwnKey,
) -> Result<String, KeyTrouble> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // writing to memory
    let deflated = encoder
        .write_all(message.as_bytes())
        .and_then(|()| encoder.finish())
        .unwrap_or_default();
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair(parameter.name(), &STANDARD.encode(deflated));
    if let Some(state) = relay_state {
        pairs.append_pair("RelayState", state);
    }
    let signed = pairs.append_pair("SigAlg", RSA_SHA256).finish();
    let signature = STANDARD.encode(key.sign(signed.as_bytes())?);
    let signature: String = form_urlencoded::byte_serialize(signature.as_bytes()).collect();
    let joint = if location.contains('?') { '&' } else { '?' };
    Ok(format!("{location}{joint}{signed}&Signature={signature}"))
}

/// A message that came in an address.
#[derive(Debug)]
pub(crate) struct Redirected {
    /// The message; its signature is not verified yet.
    pub(crate) document: Plain,
    /// `RelayState`.
    pub(crate) relay_state: Option<String>,
    signed: String,
    signature: Vec<u8>,
}

impl Redirected {
    /// Reads the query as it came, byte by byte: the signature is over what was sent, not over what it means.
    pub(crate) fn read(
        raw_query: &str,
        parameter: Parameter,
        message: Message,
    ) -> Result<Self, Refusal> {
        if raw_query.len() > xml::MESSAGE.bytes {
            return Err(Refusal::TOO_LARGE);
        }
        let raw = |name: &str| -> Result<Option<&str>, Refusal> {
            let mut found = raw_query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value);
            let first = found.next();
            if found.next().is_some() {
                return Err(Refusal::STRUCTURE);
            }
            Ok(first)
        };
        let content = raw(parameter.name())?.ok_or(Refusal::STRUCTURE)?;
        let relay_state = raw("RelayState")?;
        let (Some(algorithm), Some(signature)) = (raw("SigAlg")?, raw("Signature")?) else {
            return Err(Refusal::UNSIGNED);
        };
        if plain(algorithm)? != RSA_SHA256 {
            return Err(Refusal::ALGORITHM);
        }
        let state = relay_state.map_or_else(String::new, |state| format!("&RelayState={state}"));
        Ok(Self {
            document: guard::read(inflate(&plain(content)?)?, message)?,
            relay_state: relay_state.map(plain).transpose()?,
            signed: format!("{}={content}{state}&SigAlg={algorithm}", parameter.name()),
            signature: STANDARD
                .decode(plain(signature)?.as_bytes())
                .map_err(|_| Refusal::ENCODING)?,
        })
    }

    /// Whether the provider signed it.
    pub(crate) fn verify(&self, provider: &Provider, now: DateTime<Utc>) -> Result<(), Refusal> {
        let verified = provider
            .certificates_at(now)?
            .iter()
            .any(|certificate| certificate.verifies(self.signed.as_bytes(), &self.signature));
        if verified {
            Ok(())
        } else {
            Err(Refusal::SIGNATURE)
        }
    }
}

/// A value of a query.
fn plain(encoded: &str) -> Result<String, Refusal> {
    let text: String = form_urlencoded::parse(format!("v={encoded}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .ok_or(Refusal::ENCODING)?;
    if text.contains('\u{fffd}') {
        return Err(Refusal::ENCODING);
    }
    Ok(text)
}

/// Base64 and raw deflate, no longer than a message is (S54).
fn inflate(encoded: &str) -> Result<String, Refusal> {
    let deflated = STANDARD
        .decode(encoded.as_bytes())
        .map_err(|_| Refusal::ENCODING)?;
    let most = u64::try_from(xml::MESSAGE.bytes).unwrap_or(u64::MAX);
    let mut text = Vec::new();
    DeflateDecoder::new(deflated.as_slice())
        .take(most + 1)
        .read_to_end(&mut text)
        .map_err(|_| Refusal::ENCODING)?;
    if text.len() > xml::MESSAGE.bytes {
        return Err(Refusal::TOO_LARGE);
    }
    String::from_utf8(text).map_err(|_| Refusal::ENCODING)
}
