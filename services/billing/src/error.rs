//! What can go wrong in this context.

use kit::fault::{Failure, Fault, Kind, Violation, reason};

use crate::domain::ReportId;
use crate::domain::sheet::SheetError;

/// A completed report of the same type and period is in the way (R-1406).
pub(crate) const REPORT_EXISTS: &str = "REPORT_EXISTS";
/// The link is not ours, too old, or its report is gone (R-1407).
pub(crate) const LINK_INVALID: &str = "LINK_INVALID";
/// The subscription exists with other content.
pub(crate) const SUBSCRIPTION_EXISTS: &str = "SUBSCRIPTION_EXISTS";
/// Usage is of something that a neighbour's feed has not told of yet.
pub(crate) const NOT_CAUGHT_UP: &str = "NOT_CAUGHT_UP";
/// A report could not be written.
pub(crate) const REPORT_FAILED: &str = "REPORT_FAILED";

/// The one error of this context.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The request is wrong.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// Not there, or somebody else's: the same answer (R-1203).
    #[error("{0} not found")]
    Missing(&'static str),
    /// R-1406.
    #[error("report {0} of this type and period is complete; delete it first")]
    ReportExists(ReportId),
    /// Whatever is wrong with a link, the answer is the same.
    #[error("the download link is not valid")]
    LinkInvalid,
    /// The id is taken.
    #[error("subscription {0} exists with another currency")]
    SubscriptionExists(String),
    /// Usage refers to something that is not known yet.
    #[error("{what} {id} is not known yet")]
    NotCaughtUp {
        /// Of which kind.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// A row says something impossible.
    #[error("impossible row: {0}")]
    Impossible(&'static str),
    /// The file could not be written.
    #[error("the report's file could not be written")]
    Sheet(SheetError),
    /// A piece of the file could not be packed or unpacked.
    #[error("a piece of the file could not be packed or unpacked")]
    Chunk(#[from] std::io::Error),
    /// The operation could not be started.
    #[error("the operation could not be started")]
    Start(#[from] kit::operation::StartError),
    /// The database.
    #[error("database")]
    Database(#[from] sqlx::Error),
    /// Kit or another context.
    #[error(transparent)]
    Peer(#[from] Fault),
}

impl From<SheetError> for Error {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::UnknownPackage(id) => Self::NotCaughtUp {
                what: "package",
                id,
            },
            error => Self::Sheet(error),
        }
    }
}

impl From<crate::domain::usage::Overflow> for Error {
    fn from(error: crate::domain::usage::Overflow) -> Self {
        Self::Sheet(SheetError::Overflow(error))
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Missing(_) => Kind::Missing,
            Self::ReportExists(_) | Self::SubscriptionExists(_) => Kind::Conflict,
            Self::LinkInvalid => Kind::Forbidden,
            Self::NotCaughtUp { .. } => Kind::Unavailable,
            Self::Peer(fault) => fault.kind,
            Self::Impossible(_)
            | Self::Sheet(_)
            | Self::Chunk(_)
            | Self::Start(_)
            | Self::Database(_) => Kind::Internal,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Invalid(_) => reason::INVALID_ARGUMENT,
            Self::Missing(_) => reason::NOT_FOUND,
            Self::ReportExists(_) => REPORT_EXISTS,
            Self::SubscriptionExists(_) => SUBSCRIPTION_EXISTS,
            Self::LinkInvalid => LINK_INVALID,
            Self::NotCaughtUp { .. } => NOT_CAUGHT_UP,
            Self::Peer(fault) => &fault.reason,
            Self::Impossible(_)
            | Self::Sheet(_)
            | Self::Chunk(_)
            | Self::Start(_)
            | Self::Database(_) => reason::INTERNAL,
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Self::Invalid(violations) => violations,
            Self::Peer(fault) => &fault.violations,
            _ => &[],
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        kit::fault::status(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            violations: error.violations().to_vec(),
            ..Self::new(error.kind(), error.reason(), kit::fault::chain(&error))
        }
    }
}
