//! A provider that writes what it is told to: genuine responses, and every other kind.
//!
//! What it writes is in canonical form already (attributes in order, each namespace where it is first used,
//! no empty tags), so it signs with a digest and a key, and can sign what no library would.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::OwnKey;

pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
pub(crate) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn sha256(text: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

fn attribute(name: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!(" {name}=\"{value}\""))
}

/// Each of these, written behind the other.
pub(crate) fn all<T>(these: &[T], write: impl Fn(&T) -> String) -> String {
    these.iter().map(write).collect::<Vec<_>>().concat()
}

/// How a signature is made.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) canonicalization: String,
    pub(crate) method: String,
    pub(crate) digest: String,
    pub(crate) transforms: Vec<String>,
    /// The reference, instead of the one to what is signed.
    pub(crate) uri: Option<String>,
    /// Written behind the reference.
    pub(crate) more: String,
    pub(crate) key_info: Option<String>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            canonicalization: EXCLUSIVE.to_owned(),
            method: RSA_SHA256.to_owned(),
            digest: SHA256.to_owned(),
            transforms: vec![ENVELOPED.to_owned(), EXCLUSIVE.to_owned()],
            uri: None,
            more: String::new(),
            key_info: None,
        }
    }
}

pub(crate) fn x509_info(der: &str) -> String {
    format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data>\
         </ds:KeyInfo>"
    )
}

/// A signature over a canonical text whose element has this id.
pub(crate) fn signature(text: &str, id: &str, key: &OwnKey, shape: &Shape) -> String {
    let info = signed_info(text, id, shape);
    let canonical = info.replacen(
        "<ds:SignedInfo>",
        &format!("<ds:SignedInfo xmlns:ds=\"{DSIG}\">"),
        1,
    );
    let value = STANDARD.encode(key.sign(canonical.as_bytes()).unwrap());
    let key_info = shape
        .key_info
        .clone()
        .unwrap_or_else(|| x509_info(&key.certificate));
    format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\">{info}<ds:SignatureValue>{value}</ds:SignatureValue>\
         {key_info}</ds:Signature>"
    )
}

pub(crate) fn signed_info(text: &str, id: &str, shape: &Shape) -> String {
    let transforms = all(&shape.transforms, |algorithm| {
        format!("<ds:Transform Algorithm=\"{algorithm}\"></ds:Transform>")
    });
    let uri = shape.uri.clone().unwrap_or_else(|| format!("#{id}"));
    format!(
        "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference URI=\"{uri}\">\
         <ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm=\"{}\">\
         </ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></ds:Reference>{}</ds:SignedInfo>",
        shape.canonicalization,
        shape.method,
        shape.digest,
        sha256(text),
        shape.more,
    )
}

/// Puts something behind the first issuer of an element.
pub(crate) fn behind_issuer(element: &str, inserted: &str) -> String {
    let end = "</saml:Issuer>";
    let at = element.find(end).unwrap() + end.len();
    format!("{}{inserted}{}", &element[..at], &element[at..])
}

/// All that a response says.
#[derive(Debug, Clone)]
pub(crate) struct Forge {
    pub(crate) now: DateTime<Utc>,
    pub(crate) response_id: String,
    pub(crate) response_issuer: String,
    pub(crate) response_version: String,
    pub(crate) destination: Option<String>,
    pub(crate) in_response_to: Option<String>,
    pub(crate) status: String,
    pub(crate) assertion_id: String,
    pub(crate) assertion_issuer: String,
    pub(crate) assertion_version: String,
    pub(crate) issued: DateTime<Utc>,
    pub(crate) name_id: String,
    pub(crate) method: String,
    pub(crate) recipient: Option<String>,
    pub(crate) confirmed_for: Option<String>,
    pub(crate) confirmed_until: Option<DateTime<Utc>>,
    pub(crate) not_before: DateTime<Utc>,
    pub(crate) not_on_or_after: DateTime<Utc>,
    pub(crate) audiences: Vec<String>,
    pub(crate) more_conditions: String,
    pub(crate) authenticated: Option<DateTime<Utc>>,
    pub(crate) session_until: Option<DateTime<Utc>>,
    pub(crate) session_index: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Behind the conditions.
    pub(crate) more: String,
}

impl Forge {
    /// What a genuine provider answers to a request.
    pub(crate) fn genuine(
        issuer: &str,
        acs: &str,
        audience: &str,
        request: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            now,
            response_id: "_response-1".to_owned(),
            response_issuer: issuer.to_owned(),
            response_version: "2.0".to_owned(),
            destination: Some(acs.to_owned()),
            in_response_to: request.map(str::to_owned),
            status: SUCCESS.to_owned(),
            assertion_id: "_assertion-1".to_owned(),
            assertion_issuer: issuer.to_owned(),
            assertion_version: "2.0".to_owned(),
            issued: now,
            name_id: "alice-4711".to_owned(),
            method: BEARER.to_owned(),
            recipient: Some(acs.to_owned()),
            confirmed_for: request.map(str::to_owned),
            confirmed_until: Some(now + TimeDelta::minutes(5)),
            not_before: now - TimeDelta::seconds(30),
            not_on_or_after: now + TimeDelta::minutes(5),
            audiences: vec![audience.to_owned()],
            more_conditions: String::new(),
            authenticated: Some(now),
            session_until: Some(now + TimeDelta::hours(8)),
            session_index: "_session-1".to_owned(),
            attributes: vec![("mail".to_owned(), "alice@acme.example".to_owned())],
            more: String::new(),
        }
    }

    pub(crate) fn issuer(name: &str) -> String {
        format!("<saml:Issuer xmlns:saml=\"{SAML}\">{name}</saml:Issuer>")
    }

    /// The assertion, not signed.
    pub(crate) fn assertion(&self) -> String {
        let data = format!(
            "<saml:SubjectConfirmationData{}{}{}></saml:SubjectConfirmationData>",
            attribute("InResponseTo", self.confirmed_for.as_deref()),
            attribute("NotOnOrAfter", self.confirmed_until.map(time).as_deref()),
            attribute("Recipient", self.recipient.as_deref()),
        );
        let restrictions = all(&self.audiences, |audience| {
            format!(
                "<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>\
                     </saml:AudienceRestriction>"
            )
        });
        let authentication = self.authenticated.map_or_else(String::new, |at| {
            format!(
                "<saml:AuthnStatement AuthnInstant=\"{}\" SessionIndex=\"{}\"{}><saml:AuthnContext>\
                 <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:\
                 PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>\
                 </saml:AuthnStatement>",
                time(at),
                self.session_index,
                attribute(
                    "SessionNotOnOrAfter",
                    self.session_until.map(time).as_deref()
                ),
            )
        });
        let attributes = all(&self.attributes, |(name, value)| {
            format!(
                "<saml:Attribute Name=\"{name}\"><saml:AttributeValue>{value}\
                     </saml:AttributeValue></saml:Attribute>"
            )
        });
        format!(
            "<saml:Assertion xmlns:saml=\"{SAML}\" ID=\"{}\" IssueInstant=\"{}\" Version=\"{}\">\
             <saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID Format=\"{PERSISTENT}\">{}\
             </saml:NameID><saml:SubjectConfirmation Method=\"{}\">{data}\
             </saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"{}\" \
             NotOnOrAfter=\"{}\">{restrictions}{}</saml:Conditions>{}{authentication}\
             <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>",
            self.assertion_id,
            time(self.issued),
            self.assertion_version,
            self.assertion_issuer,
            self.name_id,
            self.method,
            time(self.not_before),
            time(self.not_on_or_after),
            self.more_conditions,
            self.more,
        )
    }

    /// The assertion, signed.
    pub(crate) fn signed_assertion(&self, key: &OwnKey) -> String {
        self.shaped_assertion(key, &Shape::default())
    }

    /// The assertion, signed in some way.
    pub(crate) fn shaped_assertion(&self, key: &OwnKey, shape: &Shape) -> String {
        let text = self.assertion();
        behind_issuer(&text, &signature(&text, &self.assertion_id, key, shape))
    }

    /// A response around something.
    pub(crate) fn response(&self, inner: &str) -> String {
        format!(
            "<samlp:Response xmlns:samlp=\"{SAMLP}\"{} ID=\"{}\"{} IssueInstant=\"{}\" \
             Version=\"{}\">{}<samlp:Status><samlp:StatusCode Value=\"{}\"></samlp:StatusCode>\
             </samlp:Status>{inner}</samlp:Response>",
            attribute("Destination", self.destination.as_deref()),
            self.response_id,
            attribute("InResponseTo", self.in_response_to.as_deref()),
            time(self.now),
            self.response_version,
            Self::issuer(&self.response_issuer),
            self.status,
        )
    }

    /// The response signed, around something.
    pub(crate) fn signed_response(&self, inner: &str, key: &OwnKey) -> String {
        let text = self.response(inner);
        behind_issuer(
            &text,
            &signature(&text, &self.response_id, key, &Shape::default()),
        )
    }

    /// What most providers send: the assertion signed.
    pub(crate) fn document(&self, key: &OwnKey) -> String {
        self.response(&self.signed_assertion(key))
    }
}
