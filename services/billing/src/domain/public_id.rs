//! Ids as the outside world knows them. The gateway has the other copy of this rule, for requests
//! and answers; here it is needed because the CSV files are written by this context and reach the
//! partner untouched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// What an id stands for, as spelled inside a public id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A partner or a customer.
    Organization,
    /// A location.
    Location,
    /// A subscriber.
    Subscriber,
    /// A person.
    People,
    /// A workspace.
    Place,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Organization => "ORGANIZATION",
            Self::Location => "LOCATION",
            Self::Subscriber => "SUBSCRIBER",
            Self::People => "PEOPLE",
            Self::Place => "PLACE",
        }
    }
}

/// The public id, unpadded.
pub(crate) fn encode(kind: Kind, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{}/{id}", kind.name()))
}

/// The public id, or nothing for nothing.
pub(crate) fn encode_some(kind: Kind, id: Option<Uuid>) -> String {
    id.map(|id| encode(kind, id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_id_is_unpadded_base64_of_a_uri() {
        let id = encode(Kind::Organization, Uuid::nil());
        assert!(!id.contains('='));
        assert_eq!(
            URL_SAFE_NO_PAD.decode(id).unwrap(),
            b"ciscospark://us/ORGANIZATION/00000000-0000-0000-0000-000000000000"
        );
    }
}
