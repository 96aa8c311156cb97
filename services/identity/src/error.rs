//! What can go wrong.

use std::time::Duration;

use kit::fault::{Failure, Fault, Kind, Violation, Violations, reason};
use tonic::Status;

use crate::domain::scim::Wrong;

/// An error of the identity context.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fields are wrong.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// Not there, or not the caller's (R-1203).
    #[error("{0} not found")]
    Missing(&'static str),
    /// The client is unknown or its secret is wrong; which of them stays unsaid.
    #[error("unknown client or wrong secret")]
    InvalidClient,
    /// A scope that the client may not have.
    #[error("the client may not have the scope {0}")]
    InvalidScope(String),
    /// The address belongs to another organization.
    #[error("the e-mail address belongs to another organization")]
    EmailInUse,
    /// The user name is another's of the organization.
    #[error("the user name belongs to another person of the organization")]
    UserNameInUse,
    /// The directory's id is another's of the organization.
    #[error("the external id belongs to another resource of the organization")]
    ExternalIdInUse,
    /// The name is another group's of the organization.
    #[error("the organization has another group with this name")]
    GroupNameInUse,
    /// Wholesale service goes before the person does.
    #[error("the person has wholesale service; delete the subscriber first")]
    PersonInUse,
    /// A document of SCIM is refused.
    #[error(transparent)]
    Scim(#[from] Wrong),
    /// The id is taken by an organization with other content.
    #[error("an organization with this id exists and differs")]
    OrganizationDiffers,
    /// A sub-partner cannot have sub-partners (R-1101).
    #[error("a sub-partner cannot have sub-partners")]
    OneLevel,
    /// What the caller is in the organization does not allow it.
    #[error("your roles do not allow this")]
    PermissionMissing,
    /// The partner has taken that away from its customer (R-1001).
    #[error("the partner has restricted what its customer may change")]
    Restricted,
    /// Power over somebody who may do more.
    #[error("this person may do more than you")]
    PersonBeyondOwn,
    /// A role that allows more than the giver may.
    #[error("nobody gives or takes a role beyond its own: {0}")]
    RoleBeyondOwn(&'static str),
    /// Who changes its own roles.
    #[error("nobody changes its own roles")]
    OwnRoles,
    /// An organization must keep somebody who administers it.
    #[error("the last full administrator stays")]
    LastAdministrator,
    /// It was changed since it was read.
    #[error("it was changed since it was read")]
    VersionDiffers,
    /// The idempotency key came with another request.
    #[error("the idempotency key came with another request")]
    KeyReused,
    /// A provider of this name exists, here or at another partner (R-1302).
    #[error("an identity provider of this name exists")]
    ProviderNameInUse,
    /// This provider is registered already.
    #[error("this identity provider is registered already")]
    ProviderExists,
    /// No such provider for an organization to sign in with.
    #[error("there is no such identity provider")]
    ProviderUnknown,
    /// Organizations sign in with it.
    #[error("organizations sign in with this identity provider")]
    ProviderInUse,
    /// Nobody has shown that it works as it is.
    #[error("the identity provider was not tested as it is")]
    ProviderNotTested,
    /// An API client is not to decide how the partner's own people sign in.
    #[error("only a person may change how the partner's own people sign in")]
    OwnProvider,
    /// The caller's own rights do not suffice.
    #[error(transparent)]
    Denied(#[from] Fault),
    /// Too many want a password to be hashed.
    #[error("too many want to sign in at this moment")]
    Busy,
    /// A password could not be hashed.
    #[error("hashing failed")]
    Hashing(#[source] kit::BoxError),
    /// A token could not be signed, or a key not be made.
    #[error("signing failed")]
    Signing(#[source] kit::BoxError),
    /// A row says something impossible.
    #[error("impossible value in {0}")]
    Impossible(&'static str),
    /// The work broke off.
    #[error("broken off")]
    Lost(#[from] kit::group::Lost),
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
            Self::Invalid(_) | Self::InvalidScope(_) | Self::Scim(_) => Kind::Invalid,
            Self::Missing(_) => Kind::Missing,
            Self::InvalidClient => Kind::Unauthenticated,
            Self::PermissionMissing
            | Self::Restricted
            | Self::PersonBeyondOwn
            | Self::RoleBeyondOwn(_)
            | Self::OwnRoles
            | Self::OwnProvider => Kind::Forbidden,
            Self::EmailInUse
            | Self::OrganizationDiffers
            | Self::LastAdministrator
            | Self::ProviderNameInUse
            | Self::ProviderExists
            | Self::ProviderInUse
            | Self::VersionDiffers
            | Self::UserNameInUse
            | Self::ExternalIdInUse
            | Self::GroupNameInUse
            | Self::PersonInUse
            | Self::KeyReused => Kind::Conflict,
            Self::OneLevel | Self::ProviderUnknown | Self::ProviderNotTested => Kind::Precondition,
            Self::Denied(fault) => fault.kind,
            Self::Lost(_) => Kind::Unavailable,
            Self::Busy => Kind::Exhausted,
            Self::Hashing(_) | Self::Signing(_) | Self::Impossible(_) | Self::Database(_) => {
                Kind::Internal
            }
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Invalid(_) => reason::INVALID_ARGUMENT,
            Self::Missing(_) => reason::NOT_FOUND,
            Self::InvalidClient => "INVALID_CLIENT",
            Self::InvalidScope(_) => "INVALID_SCOPE",
            Self::EmailInUse => "EMAIL_IN_USE",
            Self::UserNameInUse => kit::scim::reason::USER_NAME,
            Self::ExternalIdInUse => kit::scim::reason::EXTERNAL_ID,
            Self::GroupNameInUse => kit::scim::reason::GROUP_NAME,
            Self::PersonInUse => "PERSON_IN_USE",
            Self::Scim(wrong) => wrong.reason,
            Self::OrganizationDiffers => "ORGANIZATION_DIFFERS",
            Self::OneLevel => "SUB_PARTNER_LEVEL",
            Self::PermissionMissing => "PERMISSION_MISSING",
            Self::Restricted => reason::RESTRICTED_BY_PARTNER,
            Self::PersonBeyondOwn => "PERSON_BEYOND_OWN",
            Self::RoleBeyondOwn(_) => "ROLE_BEYOND_OWN",
            Self::OwnRoles => "OWN_ROLES",
            Self::LastAdministrator => "LAST_ADMINISTRATOR",
            Self::ProviderNameInUse => "PROVIDER_NAME_IN_USE",
            Self::ProviderExists => "PROVIDER_EXISTS",
            Self::ProviderUnknown => "IDENTITY_PROVIDER_UNKNOWN",
            Self::ProviderInUse => "PROVIDER_IN_USE",
            Self::ProviderNotTested => "PROVIDER_NOT_TESTED",
            Self::OwnProvider => reason::CALLER_NOT_ALLOWED,
            Self::VersionDiffers => "VERSION_DIFFERS",
            Self::KeyReused => reason::IDEMPOTENCY_KEY_REUSED,
            Self::Denied(fault) => &fault.reason,
            Self::Busy => reason::EXHAUSTED,
            Self::Hashing(_) => "HASHING_FAILED",
            Self::Signing(_) => "SIGNING_FAILED",
            Self::Impossible(_) => "IMPOSSIBLE_ROW",
            Self::Lost(_) => reason::UNAVAILABLE,
            Self::Database(_) => "DATABASE",
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Self::Invalid(violations) => violations,
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Busy).then_some(Duration::from_secs(2))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        kit::fault::status(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Status::from(error).into()
    }
}
