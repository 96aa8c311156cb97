//! Clients of the platform.

use kit::{access::Machine, id::PartnerId};

/// Whom a client speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKind {
    /// The platform's operator.
    Operator,
    /// A partner's back office.
    Partner,
    /// A compliance reviewer.
    Reviewer,
    /// A context of the platform.
    Service,
}

impl ClientKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] =
        [Self::Operator, Self::Partner, Self::Reviewer, Self::Service];

    /// Its column in the table of scopes.
    pub(crate) fn machine(self) -> Machine {
        match self {
            Self::Operator => Machine::Operator,
            Self::Partner => Machine::Partner,
            Self::Reviewer => Machine::Reviewer,
            Self::Service => Machine::Service,
        }
    }

    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Partner => "partner",
            Self::Reviewer => "reviewer",
            Self::Service => "service",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// The tenant it speaks for.
    pub(crate) partner_id: PartnerId,
    /// What it signs in with.
    pub(crate) id: String,
    /// Whom it speaks for.
    pub(crate) kind: ClientKind,
    /// Name for people.
    pub(crate) display_name: String,
    /// The scopes it may have, sorted.
    pub(crate) scopes: Vec<String>,
}
