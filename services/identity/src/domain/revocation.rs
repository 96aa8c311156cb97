//! Tokens that are taken back before they end.

use chrono::{DateTime, TimeDelta, Utc};

/// What a revocation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RevocationKind {
    /// One token.
    Token,
    /// All tokens of a session.
    Session,
    /// All tokens of a person or client.
    Person,
    /// All tokens that a client got.
    Client,
    /// All tokens that speak for an organization.
    Organization,
    /// All tokens of a tenant.
    Partner,
}

impl RevocationKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 6] = [
        Self::Token,
        Self::Session,
        Self::Person,
        Self::Client,
        Self::Organization,
        Self::Partner,
    ];

    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Person => "person",
            Self::Client => "client",
            Self::Organization => "organization",
            Self::Partner => "partner",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revocation {
    /// What it names.
    pub(crate) kind: RevocationKind,
    /// Its id.
    pub(crate) key: String,
    /// Tokens issued at this instant or earlier are meant.
    pub(crate) not_before: DateTime<Utc>,
}

/// Longer than any token lives: nothing that a revocation could concern is left after it.
pub(crate) const KEPT: TimeDelta = TimeDelta::minutes(16);
