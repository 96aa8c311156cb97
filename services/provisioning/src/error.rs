//! What can go wrong, and every reason that this context gives.

use std::time::Duration;

use kit::{
    fault::{Failure, Fault, Kind, Violation},
    group::Lost,
};

/// Reasons of this context, beside the shared ones of `kit::fault::reason`. The gateway maps them
/// to published codes.
pub(crate) mod reason {
    pub(crate) use kit::fault::reason::{
        IDEMPOTENCY_KEY_REUSED, INTERNAL, INVALID, INVALID_ARGUMENT, NOT_FOUND,
        OPERATION_IN_PROGRESS, UNAVAILABLE,
    };

    // of a field
    /// No package of that name in the catalogue.
    pub(crate) const UNKNOWN_PACKAGE: &str = "UNKNOWN_PACKAGE";
    /// A package is named twice.
    pub(crate) const DUPLICATE_PACKAGE: &str = "DUPLICATE_PACKAGE";
    /// A package lacks what it depends on.
    pub(crate) const PACKAGE_DEPENDENCY: &str = "PACKAGE_DEPENDENCY";
    /// No country of ISO 3166-1.
    pub(crate) const UNKNOWN_COUNTRY: &str = "UNKNOWN_COUNTRY";
    /// No such region.
    pub(crate) const UNKNOWN_REGION: &str = "UNKNOWN_REGION";
    /// No IANA time zone.
    pub(crate) const UNKNOWN_TIMEZONE: &str = "UNKNOWN_TIMEZONE";
    /// No day `YYYY-MM-DD`.
    pub(crate) const INVALID_DATE: &str = "INVALID_DATE";
    /// The provisioning id names no template of the caller.
    pub(crate) const PROVISIONING_ID_UNKNOWN: &str = "PROVISIONING_ID_UNKNOWN";
    /// The partner has no such identity provider in use.
    pub(crate) const IDENTITY_PROVIDER_UNKNOWN: &str = "IDENTITY_PROVIDER_UNKNOWN";
    /// The partner has not got deferred billing.
    pub(crate) const DELAYED_BILLING_DISABLED: &str = "DELAYED_BILLING_DISABLED";
    /// Billing would begin before today, or later than 90 days after creation.
    pub(crate) const BILLING_START_OUT_OF_RANGE: &str = "BILLING_START_OUT_OF_RANGE";
    /// Billing has begun, so its start stays.
    pub(crate) const BILLING_STARTED: &str = "BILLING_STARTED";

    // of a request
    /// The external id belongs to another customer of the partner.
    pub(crate) const EXTERNAL_ID_IN_USE: &str = "EXTERNAL_ID_IN_USE";
    /// The e-mail address belongs to another organization.
    pub(crate) const EMAIL_IN_USE: &str = "EMAIL_IN_USE";
    /// Subscribers hold a package that would be lost.
    pub(crate) const PACKAGE_IN_USE: &str = "PACKAGE_IN_USE";
    /// The organization to attach to has the service.
    pub(crate) const ORGANIZATION_ALREADY_WHOLESALE: &str = "ORGANIZATION_ALREADY_WHOLESALE";
    /// The customer never got provisioned, so there is nothing to change.
    pub(crate) const CUSTOMER_NOT_PROVISIONED: &str = "CUSTOMER_NOT_PROVISIONED";
    /// A customer was created with the template.
    pub(crate) const TEMPLATE_IN_USE: &str = "TEMPLATE_IN_USE";
    /// A sub-partner has no sub-partners (R-1101).
    pub(crate) const NESTED_SUB_PARTNER: &str = "NESTED_SUB_PARTNER";

    // of a customer's asynchronous work
    /// The reviewers rejected the customer.
    pub(crate) const RPL_REJECTED: &str = "RPL_REJECTED";
    /// Nobody decided in time.
    pub(crate) const RPL_EXPIRED: &str = "RPL_EXPIRED";
}

/// What can go wrong in this context.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields are wrong; all of them are named.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// Not there, or not the caller's: the same answer (R-1203).
    #[error("{0} not found")]
    Missing(&'static str),
    /// Clashes with what there is.
    #[error("{message}")]
    Conflict {
        /// Why, as a stable name.
        reason: &'static str,
        /// Why, for people.
        message: String,
    },
    /// The state of things does not allow it.
    #[error("{message}")]
    Precondition {
        /// Why, as a stable name.
        reason: &'static str,
        /// Why, for people.
        message: String,
    },
    /// Another context refused or was away.
    #[error(transparent)]
    Peer(#[from] Fault),
    /// The group that the request was served in broke off.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// The database failed.
    #[error("database")]
    Database(#[from] sqlx::Error),
    /// A row says something impossible.
    #[error("a row of {table} is inconsistent: {detail}")]
    Inconsistent {
        /// Its table.
        table: &'static str,
        /// What is impossible.
        detail: String,
    },
}

impl Error {
    pub(crate) fn conflict(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict {
            reason,
            message: message.into(),
        }
    }

    pub(crate) fn precondition(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Precondition {
            reason,
            message: message.into(),
        }
    }

    /// One operation at a time for each customer.
    pub(crate) fn busy() -> Self {
        Self::conflict(
            reason::OPERATION_IN_PROGRESS,
            "another operation on this customer is running; try again when it is done",
        )
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Missing(_) => Kind::Missing,
            Self::Conflict { .. } => Kind::Conflict,
            Self::Precondition { .. } => Kind::Precondition,
            Self::Peer(fault) => fault.kind,
            Self::Lost(_) => Kind::Unavailable,
            Self::Database(_) | Self::Inconsistent { .. } => Kind::Internal,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Invalid(_) => reason::INVALID_ARGUMENT,
            Self::Missing(_) => reason::NOT_FOUND,
            Self::Conflict { reason, .. } | Self::Precondition { reason, .. } => reason,
            Self::Peer(fault) => &fault.reason,
            Self::Lost(_) => reason::UNAVAILABLE,
            Self::Database(_) | Self::Inconsistent { .. } => reason::INTERNAL,
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Self::Invalid(violations) => violations,
            Self::Peer(fault) => &fault.violations,
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<Duration> {
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
