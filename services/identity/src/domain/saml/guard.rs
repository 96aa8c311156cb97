//! What stands before the SAML library: bytes become a document of exactly the shape that a genuine provider
//! sends, or they are refused. Nothing here is configurable.
//!
//! Wrapping attacks live from elements in places where one reader looks and another does not. So every
//! element that means something may stand in its one place only, whatever its namespace, and a signature may
//! be nothing but one enveloped reference to the element that it stands in.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    refusal::Refusal,
    xml::{self, Element, Limits, Space},
};

/// A response, or a logout message, of the right shape. Nobody has looked whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    /// The document as it came.
    pub(crate) text: String,
    /// The same, read.
    pub(crate) root: Element,
}

/// Which messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// The answer to a request for authentication.
    Response,
    /// The wish to end a session.
    LogoutRequest,
    /// The answer to one.
    LogoutResponse,
}

impl Message {
    /// The element.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Response => "Response",
            Self::LogoutRequest => "LogoutRequest",
            Self::LogoutResponse => "LogoutResponse",
        }
    }
}

/// Base64 as a form carries it: lines may be broken, nothing else.
pub(crate) fn decode(encoded: &str) -> Result<String, Refusal> {
    if encoded.len() > xml::MESSAGE.bytes * 4 / 3 + 4096 {
        return Err(Refusal::TOO_LARGE);
    }
    let compact: String = encoded
        .chars()
        .filter(|c| !matches!(c, '\r' | '\n'))
        .collect();
    let bytes = STANDARD
        .decode(compact.as_bytes())
        .map_err(|_| Refusal::ENCODING)?;
    if bytes.len() > xml::MESSAGE.bytes {
        return Err(Refusal::TOO_LARGE);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::ENCODING)
}

/// Reads a message that came in a form.
pub(crate) fn posted(encoded: &str, message: Message) -> Result<Plain, Refusal> {
    read(decode(encoded)?, message)
}

/// Reads a message.
pub(crate) fn read(text: String, message: Message) -> Result<Plain, Refusal> {
    let root = parse(&text, xml::MESSAGE)?;
    if !root.is(Space::Protocol, message.name()) {
        return Err(Refusal::STRUCTURE);
    }
    Ok(Plain { text, root })
}

fn parse(text: &str, limits: Limits) -> Result<Element, Refusal> {
    let root = xml::parse(text, limits)?;
    place(&root, None)?;
    signature_of(&root)?;
    for assertion in root.all(Space::Assertion, "Assertion") {
        signature_of(assertion)?;
    }
    if root.name == "Response" {
        one_assertion(&root)?;
    }
    Ok(root)
}

/// Exactly one, plain or encrypted (G5).
fn one_assertion(root: &Element) -> Result<(), Refusal> {
    let plain = root.all(Space::Assertion, "Assertion").count();
    let encrypted = root.all(Space::Assertion, "EncryptedAssertion").count();
    // A provider that says no sends none; its status is read where statuses are.
    if plain + encrypted > 1 {
        return Err(Refusal::STRUCTURE);
    }
    Ok(())
}

/// Elements that mean something, where alone they may stand: namespace, name, name of the parent.
/// An empty name is the root.
const PLACES: &[(Space, &str, &[&str])] = &[
    (Space::Protocol, "Response", &[""]),
    (Space::Protocol, "LogoutRequest", &[""]),
    (Space::Protocol, "LogoutResponse", &[""]),
    (Space::Protocol, "Status", &["Response", "LogoutResponse"]),
    (Space::Protocol, "StatusCode", &["Status", "StatusCode"]),
    (Space::Protocol, "SessionIndex", &["LogoutRequest"]),
    (Space::Assertion, "Assertion", &["Response"]),
    (Space::Assertion, "EncryptedAssertion", &["Response"]),
    (
        Space::Assertion,
        "Issuer",
        &["Response", "Assertion", "LogoutRequest", "LogoutResponse"],
    ),
    (Space::Assertion, "Subject", &["Assertion"]),
    // of the person; of who confirms; and as a value, which eduPersonTargetedID is
    (
        Space::Assertion,
        "NameID",
        &[
            "Subject",
            "SubjectConfirmation",
            "AttributeValue",
            "LogoutRequest",
        ],
    ),
    (Space::Assertion, "SubjectConfirmation", &["Subject"]),
    (
        Space::Assertion,
        "SubjectConfirmationData",
        &["SubjectConfirmation"],
    ),
    (Space::Assertion, "Conditions", &["Assertion"]),
    (Space::Assertion, "AudienceRestriction", &["Conditions"]),
    (
        Space::Assertion,
        "Audience",
        &["AudienceRestriction", "ProxyRestriction"],
    ),
    (Space::Assertion, "AuthnStatement", &["Assertion"]),
    (Space::Assertion, "AuthnContext", &["AuthnStatement"]),
    (Space::Assertion, "AuthnContextClassRef", &["AuthnContext"]),
    (Space::Assertion, "AttributeStatement", &["Assertion"]),
    (Space::Assertion, "Attribute", &["AttributeStatement"]),
    (Space::Assertion, "AttributeValue", &["Attribute"]),
    (
        Space::Signature,
        "Signature",
        &["Response", "Assertion", "LogoutRequest", "LogoutResponse"],
    ),
    (Space::Signature, "SignedInfo", &["Signature"]),
    (Space::Signature, "SignatureValue", &["Signature"]),
    (Space::Signature, "CanonicalizationMethod", &["SignedInfo"]),
    (Space::Signature, "SignatureMethod", &["SignedInfo"]),
    (Space::Signature, "Reference", &["SignedInfo"]),
    (Space::Signature, "Transforms", &["Reference"]),
    (Space::Signature, "Transform", &["Transforms"]),
    (
        Space::Signature,
        "DigestMethod",
        &["Reference", "EncryptionMethod"],
    ),
    (Space::Signature, "DigestValue", &["Reference"]),
    // of a signature; of what is encrypted; of a confirmation by key, which confirms nobody here
    (
        Space::Signature,
        "KeyInfo",
        &[
            "Signature",
            "EncryptedData",
            "EncryptedKey",
            "SubjectConfirmationData",
        ],
    ),
    (Space::Encryption, "EncryptedData", &["EncryptedAssertion"]),
    (
        Space::Encryption,
        "EncryptedKey",
        &["EncryptedAssertion", "KeyInfo"],
    ),
    (
        Space::Encryption,
        "EncryptionMethod",
        &["EncryptedData", "EncryptedKey"],
    ),
    (
        Space::Encryption,
        "CipherData",
        &["EncryptedData", "EncryptedKey"],
    ),
    (Space::Encryption, "CipherValue", &["CipherData"]),
];

/// Names that lead somewhere else, or that nothing here asks for.
const NOWHERE: &[&str] = &[
    "Object",
    "Manifest",
    "RetrievalMethod",
    "CipherReference",
    "ReferenceList",
    "EncryptedID",
    "EncryptedAttribute",
    "BaseID",
    "AssertionIDRef",
    "AssertionURIRef",
    "ArtifactResponse",
    "ArtifactResolve",
];

/// Every element in its place. A name of ours in another namespace has none.
fn place(element: &Element, parent: Option<&Element>) -> Result<(), Refusal> {
    if NOWHERE.contains(&element.name.as_str()) {
        return Err(Refusal::STRUCTURE);
    }
    let above = parent.map_or("", |parent| parent.name.as_str());
    if let Some((space, _, parents)) = PLACES.iter().find(|(_, name, _)| *name == element.name)
        && (element.space != *space || !parents.contains(&above))
    {
        return Err(Refusal::STRUCTURE);
    }
    for child in &element.children {
        place(child, Some(element))?;
    }
    Ok(())
}

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SIGNATURES: &[&str] = &[
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
];
const DIGESTS: &[&str] = &[
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// The signature of an element, when it has one: one enveloped reference to that element, RSA with SHA-2.
pub(crate) fn signature_of(signed: &Element) -> Result<Option<&Element>, Refusal> {
    let shape = |_| Refusal::SIGNATURE_SHAPE;
    let Some(signature) = signed.one(Space::Signature, "Signature").map_err(shape)? else {
        return Ok(None);
    };
    let info = signature
        .the(Space::Signature, "SignedInfo")
        .map_err(shape)?;
    let value = signature
        .the(Space::Signature, "SignatureValue")
        .map_err(shape)?;
    only(signature, &["SignedInfo", "SignatureValue", "KeyInfo"])?;
    leaf(value)?;
    if let Some(keys) = signature.one(Space::Signature, "KeyInfo").map_err(shape)? {
        only(keys, &["X509Data", "KeyName", "KeyValue"])?;
    }

    only(
        info,
        &["CanonicalizationMethod", "SignatureMethod", "Reference"],
    )?;
    let method = |name| info.the(Space::Signature, name).map_err(shape);
    canonicalization(method("CanonicalizationMethod")?)?;
    algorithm(method("SignatureMethod")?, SIGNATURES)?;
    reference(method("Reference")?, signed)?;
    Ok(Some(signature))
}

fn reference(reference: &Element, signed: &Element) -> Result<(), Refusal> {
    let shape = |_| Refusal::SIGNATURE_SHAPE;
    only(reference, &["Transforms", "DigestMethod", "DigestValue"])?;
    let id = signed.attribute("ID").ok_or(Refusal::IDENTIFIER)?;
    let target = reference.attribute("URI").unwrap_or_default();
    if target.strip_prefix('#') != Some(id) || id.is_empty() {
        return Err(Refusal::SIGNATURE_SHAPE);
    }
    if reference.attributes().any(|(name, _)| name != "URI") {
        return Err(Refusal::SIGNATURE_SHAPE);
    }
    let transforms = reference
        .the(Space::Signature, "Transforms")
        .map_err(shape)?;
    only(transforms, &["Transform"])?;
    let [enveloped, exclusive] = transforms.children.as_slice() else {
        return Err(Refusal::SIGNATURE_SHAPE);
    };
    algorithm(enveloped, &[ENVELOPED])?;
    canonicalization(exclusive)?;
    let digest = |name| reference.the(Space::Signature, name).map_err(shape);
    algorithm(digest("DigestMethod")?, DIGESTS)?;
    leaf(digest("DigestValue")?)
}

/// Exclusive, without comments; prefixes may be listed.
fn canonicalization(method: &Element) -> Result<(), Refusal> {
    if method.attribute("Algorithm") != Some(EXCLUSIVE) || method.has_text() {
        return Err(Refusal::ALGORITHM);
    }
    let listed = method.children.iter().all(|child| {
        child.name == "InclusiveNamespaces"
            && child.leaf().is_some_and(str::is_empty)
            && child.attributes().all(|(name, _)| name == "PrefixList")
    });
    if listed && method.children.len() <= 1 {
        Ok(())
    } else {
        Err(Refusal::SIGNATURE_SHAPE)
    }
}

/// An empty element whose algorithm is on the list.
fn algorithm(method: &Element, allowed: &[&str]) -> Result<(), Refusal> {
    let named = method.attribute("Algorithm").unwrap_or_default();
    if !allowed.contains(&named) {
        return Err(Refusal::ALGORITHM);
    }
    if method
        .leaf()
        .is_some_and(|text| text.trim_ascii().is_empty())
    {
        Ok(())
    } else {
        Err(Refusal::SIGNATURE_SHAPE)
    }
}

/// Elements of these names and of the signature's namespace, and no text between them.
fn only(element: &Element, names: &[&str]) -> Result<(), Refusal> {
    let all = element
        .children
        .iter()
        .all(|child| child.space == Space::Signature && names.contains(&child.name.as_str()));
    if all && !element.has_text() {
        Ok(())
    } else {
        Err(Refusal::SIGNATURE_SHAPE)
    }
}

/// Text alone, and some.
fn leaf(element: &Element) -> Result<(), Refusal> {
    match element.leaf() {
        Some(text) if !text.trim_ascii().is_empty() => Ok(()),
        _ => Err(Refusal::SIGNATURE_SHAPE),
    }
}

/// How assertions may be encrypted: authenticated, or CBC under a signed response; keys by OAEP alone (S84).
const GCM: &[&str] = &[
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#aes192-gcm",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
];
const CBC: &[&str] = &[
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
];
const OAEP: &[&str] = &[
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
];

/// The algorithms of an encrypted assertion; `signed` tells whether the response around it is.
pub(crate) fn encryption(encrypted: &Element, signed: bool) -> Result<(), Refusal> {
    let data = encrypted.the(Space::Encryption, "EncryptedData")?;
    let method = |element: &Element| -> Result<String, Refusal> {
        let method = element.the(Space::Encryption, "EncryptionMethod")?;
        Ok(method.attribute("Algorithm").unwrap_or_default().to_owned())
    };
    let content = method(data)?;
    let known = GCM.contains(&content.as_str());
    if !known && !CBC.contains(&content.as_str()) {
        return Err(Refusal::ALGORITHM);
    }
    if !known && !signed {
        return Err(Refusal::UNSIGNED);
    }
    let mut keys = encrypted
        .descendants()
        .filter(|element| element.is(Space::Encryption, "EncryptedKey"));
    let key = keys.next().ok_or(Refusal::STRUCTURE)?;
    if keys.next().is_some() {
        return Err(Refusal::STRUCTURE);
    }
    if OAEP.contains(&method(key)?.as_str()) {
        Ok(())
    } else {
        Err(Refusal::ALGORITHM)
    }
}
