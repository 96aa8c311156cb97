//! What can go wrong. Screening has no error that means clear.

use std::time::Duration;

use kit::{
    fault::{Failure, Fault, Kind, Violation, Violations, reason},
    group::Lost,
};
use tonic::Status;

use crate::domain::list::Rejected;

/// An error of the compliance context.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields are wrong.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// Not there, or not the caller's (R-1203).
    #[error("{0} not found")]
    Missing(&'static str),
    /// The case was decided, or its time is over.
    #[error("the case is closed")]
    CaseClosed,
    /// There is nothing to screen against.
    #[error("no restricted-party list is loaded")]
    ListsMissing,
    /// A list that the configuration names has never been imported.
    #[error("the list {0} has no version: nothing is screened without it")]
    ListMissing(String),
    /// A list file failed a gate; the version in use stays.
    #[error("the list is refused: {0}")]
    ListRejected(Rejected),
    /// Two imports of one list at a time.
    #[error("another import of this list came first")]
    ImportRaced,
    /// The key was used for another party.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// The caller's rights do not suffice.
    #[error(transparent)]
    Denied(#[from] Fault),
    /// A list file could not be read from disk.
    #[error("list file")]
    File(#[source] std::io::Error),
    /// Work in the background broke off.
    #[error("background work")]
    Background(#[from] tokio::task::JoinError),
    /// A group of requests broke off.
    #[error("broken off")]
    Lost(#[from] Lost),
    /// A row says something impossible.
    #[error("impossible value in {0}")]
    Impossible(&'static str),
    /// The database.
    #[error("database")]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Fails when anything is wrong.
    pub(crate) fn check(wrong: Violations) -> Result<(), Self> {
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(wrong.into_vec()))
        }
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) | Self::ListRejected(_) => Kind::Invalid,
            Self::Missing(_) => Kind::Missing,
            Self::CaseClosed | Self::ImportRaced | Self::KeyReused => Kind::Conflict,
            Self::ListsMissing | Self::ListMissing(_) | Self::Lost(_) => Kind::Unavailable,
            Self::Denied(fault) => fault.kind,
            Self::File(_) | Self::Background(_) | Self::Impossible(_) | Self::Database(_) => {
                Kind::Internal
            }
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Invalid(_) => reason::INVALID_ARGUMENT,
            Self::Missing(_) => reason::NOT_FOUND,
            Self::CaseClosed => "CASE_CLOSED",
            Self::ListsMissing | Self::ListMissing(_) => "LISTS_MISSING",
            Self::ListRejected(_) => "LIST_REJECTED",
            Self::ImportRaced => "IMPORT_RACED",
            Self::KeyReused => reason::IDEMPOTENCY_KEY_REUSED,
            Self::Denied(fault) => &fault.reason,
            Self::File(_) => "FILE",
            Self::Background(_) => "BACKGROUND",
            Self::Lost(_) => reason::UNAVAILABLE,
            Self::Impossible(_) => "IMPOSSIBLE_ROW",
            Self::Database(_) => "DATABASE",
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Self::Invalid(violations) => violations,
            Self::Denied(fault) => &fault.violations,
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::ListsMissing).then_some(Duration::from_secs(2))
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::ListRejected(rejected)
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        kit::fault::status(error)
    }
}
