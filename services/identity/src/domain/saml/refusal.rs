//! Why a message of a provider is not believed.

use std::fmt;

/// The reason, for the audit alone: a browser is shown one text for all of them (S85).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(&'static str);

/// Gives each reason its name.
macro_rules! reasons {
    ($($name:ident: $text:literal,)+) => {
        impl Refusal {
            $(#[doc = $text] pub(crate) const $name: Self = Self(stringify!($name));)+
        }
    };
}

reasons! {
    // what it is made of
    TOO_LARGE: "More bytes, elements, attributes or levels than a message has.",
    ENCODING: "Not base64, not deflated, or not UTF-8.",
    MARKUP: "A document type, an entity, a comment, a processing instruction or a CDATA section.",
    MALFORMED: "Not well-formed, or names that XML does not allow.",
    NAMESPACE: "A namespace that is no absolute URI, or a prefix that means two things.",
    STRUCTURE: "An element where it has no business, twice, or not at all.",
    IDENTIFIER: "An ID that is absent, twice, or disguised.",
    // who signed it
    NO_CERTIFICATE: "The connection has no certificate to verify with.",
    CERTIFICATE_EXPIRED: "All certificates of the connection have ended.",
    UNSIGNED: "What must be signed is not.",
    SIGNATURE: "The signature is wrong, of another, or over something else.",
    SIGNATURE_SHAPE: "A signature that is not one enveloped reference to its parent.",
    ALGORITHM: "An algorithm that is not on the list.",
    DECRYPTION: "It cannot be decrypted.",
    NOT_ENCRYPTED: "The connection wants assertions encrypted.",
    ENCRYPTED: "The connection does not want assertions encrypted.",
    // what it says
    VERSION: "Not SAML 2.0.",
    STATUS: "The provider says no.",
    ISSUER: "Of another provider.",
    DESTINATION: "Meant for another address.",
    IN_RESPONSE_TO: "Answers something that was not asked.",
    UNSOLICITED: "Nobody asked for it.",
    AUDIENCE: "Meant for another service.",
    CONDITION: "A condition that is not understood.",
    TIME: "Too early or too late.",
    CONFIRMATION: "The subject is not confirmed by bearing it.",
    RECIPIENT: "To be delivered elsewhere.",
    SUBJECT: "The subject has no clean name.",
    TRANSIENT: "A name that is another each time, by which nobody can be recognized.",
    AUTHENTICATION: "Nobody says how and when the person proved itself, or not freshly enough.",
    SESSION_OVER: "The provider's session has ended.",
    DIFFERS: "Two readings of the document differ.",
    // what happened before
    REPLAYED: "It was used before.",
    ROUND_TRIP: "The round trip is over, unknown, or of another browser.",
    PROTOCOL: "Anything else that the protocol forbids.",
}

impl Refusal {
    /// Its name, for audit and log.
    pub(crate) fn reason(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refusal {}
