//! What can go wrong, for all use cases of this context.

use kit::fault::{Failure, Fault, Kind, Violation, reason};

use crate::{domain::problem::Refusal, store::assignment::Holders};

/// The e-mail address belongs to another organization or customer.
pub(crate) const EMAIL_IN_USE: &str = "EMAIL_IN_USE";
/// The customer has a subscriber with this e-mail address and other content.
pub(crate) const SUBSCRIBER_EXISTS: &str = "SUBSCRIBER_EXISTS";
/// The number is assigned.
pub(crate) const NUMBER_IN_USE: &str = "NUMBER_IN_USE";
/// The extension is assigned at this location.
pub(crate) const EXTENSION_IN_USE: &str = "EXTENSION_IN_USE";
/// Subscribers hold a package that would be lost.
const PACKAGE_IN_USE: &str = "PACKAGE_IN_USE";
/// The subscriber does not wait for a consent.
const CONSENT_NOT_PENDING: &str = "CONSENT_NOT_PENDING";
/// An administrator would fall below the level its organization began with.
pub(crate) const ADMINISTRATOR_DOWNGRADE: &str = "ADMINISTRATOR_DOWNGRADE";
/// No such customer.
pub(crate) const CUSTOMER: &str = "customer";
/// No such subscriber.
pub(crate) const SUBSCRIBER: &str = "subscriber";

/// An error of this context.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields are wrong.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// Not there, or not the caller's (R-1203).
    #[error("{0} not found")]
    Missing(&'static str),
    /// The problems that were found.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// Packages that subscribers hold would be lost.
    #[error("packages are in use: {}", list(.0))]
    PackageInUse(Vec<Violation>),
    /// Nothing waits for a consent.
    #[error("the subscriber does not wait for a consent")]
    ConsentNotPending,
    /// What the request was examined against has changed since.
    #[error("the customer is being changed, try again")]
    Busy,
    /// The work on this request and others broke off.
    #[error("broken off")]
    Lost(#[from] kit::group::Lost),
    /// A row says something impossible.
    #[error("inconsistent {0}")]
    Inconsistent(&'static str),
    /// The database.
    #[error("database")]
    Database(#[from] sqlx::Error),
    /// The identity context.
    #[error("identity")]
    Peer(#[from] Fault),
}

fn list(violations: &[Violation]) -> String {
    let texts: Vec<&str> = violations.iter().map(|v| v.description.as_str()).collect();
    texts.join(", ")
}

impl Error {
    /// Packages that would be lost, with how many hold each.
    pub(crate) fn package_in_use(holders: &[&Holders]) -> Self {
        let violation = |lost: &&Holders| Violation {
            field: "packages".to_owned(),
            reason: PACKAGE_IN_USE.to_owned(),
            description: format!("{} subscribers hold {}", lost.count, lost.package),
        };
        Self::PackageInUse(holders.iter().map(violation).collect())
    }

    /// Whether an insert or update met one of our unique indexes, and which.
    pub(crate) fn clash(&self) -> Option<&str> {
        let Self::Database(sqlx::Error::Database(cause)) = self else {
            return None;
        };
        if cause.is_unique_violation() {
            cause.constraint()
        } else {
            None
        }
    }

    /// Whether it says that others have what was asked for, found by looking or by writing.
    pub(crate) fn is_clash(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.kind != Kind::Invalid,
            _ => self.clash().is_some(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Missing(_) => Kind::Missing,
            Self::Refused(refusal) => refusal.kind,
            Self::PackageInUse(_) => Kind::Conflict,
            Self::ConsentNotPending => Kind::Precondition,
            Self::Busy | Self::Lost(_) => Kind::Unavailable,
            Self::Inconsistent(_) | Self::Database(_) => Kind::Internal,
            Self::Peer(fault) => match fault.kind {
                Kind::Invalid | Kind::Conflict | Kind::Exhausted | Kind::Unavailable => fault.kind,
                // what identity says about our own token is not what the caller did wrong
                _ => Kind::Internal,
            },
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Invalid(_) => reason::INVALID_ARGUMENT,
            Self::Missing(_) => reason::NOT_FOUND,
            Self::Refused(refusal) => &refusal.reason,
            Self::PackageInUse(_) => PACKAGE_IN_USE,
            Self::ConsentNotPending => CONSENT_NOT_PENDING,
            Self::Busy | Self::Lost(_) => reason::UNAVAILABLE,
            Self::Inconsistent(_) | Self::Database(_) => reason::INTERNAL,
            Self::Peer(fault) => &fault.reason,
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Self::Invalid(violations) | Self::PackageInUse(violations) => violations,
            Self::Refused(refusal) => &refusal.violations,
            Self::Peer(fault) => &fault.violations,
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Peer(fault) => fault.retry_after,
            _ => None,
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        kit::fault::status(error)
    }
}
