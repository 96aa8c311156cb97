//! A subscriber as it is now.

use chrono::{DateTime, Utc};
use kit::email::Email;

use super::{CustomerId, PersonId, SubscriberId, package::Selection, seat::Seat};

/// A name: given or family, at most this long.
pub(crate) const LONGEST_NAME: usize = 64;

/// Where a subscriber stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Fully provisioned.
    Provisioned,
    /// Waits for the user's consent to move from another organization.
    PendingUserMigration,
}

impl Status {
    /// As it is stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Provisioned => "provisioned",
            Self::PendingUserMigration => "pending_user_migration",
        }
    }

    /// From what is stored.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Provisioned, Self::PendingUserMigration]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    /// Given name.
    pub(crate) first: String,
    /// Family name.
    pub(crate) last: String,
}

/// What a request says of a person and a seat, as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    /// Given name.
    pub(crate) first_name: String,
    /// Family name.
    pub(crate) last_name: String,
    /// Primary number.
    pub(crate) number: String,
    /// Extension.
    pub(crate) extension: String,
    /// Location.
    pub(crate) location_id: String,
}

/// A request to create, as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Creation {
    /// The customer.
    pub(crate) customer_id: String,
    /// E-mail address.
    pub(crate) email: String,
    /// Packages.
    pub(crate) packages: Vec<String>,
    /// Parameters.
    pub(crate) parameters: Option<Parameters>,
}

/// One that has not been removed.
#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    /// Id.
    pub(crate) id: SubscriberId,
    /// The customer.
    pub(crate) customer_id: CustomerId,
    /// The partner's own id of the customer.
    pub(crate) external_customer_id: String,
    /// The person.
    pub(crate) person_id: PersonId,
    /// E-mail address.
    pub(crate) email: String,
    /// Name at creation.
    pub(crate) names: Names,
    /// The organization's full administrator.
    pub(crate) administrator: bool,
    /// The base package first, then add-ons in order of name.
    pub(crate) packages: Vec<String>,
    /// Status.
    pub(crate) status: Status,
    /// Calling seat.
    pub(crate) seat: Seat,
    /// When it was created.
    pub(crate) created_at: DateTime<Utc>,
    /// When the status last changed.
    pub(crate) status_changed_at: DateTime<Utc>,
    /// The latest start or end of an assignment.
    pub(crate) assigned_at: DateTime<Utc>,
}

/// A creation whose content is known to keep the rules.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// E-mail address.
    pub(crate) email: Email,
    /// Name.
    pub(crate) names: Names,
    /// Packages.
    pub(crate) selection: Selection,
    /// Calling seat.
    pub(crate) seat: Seat,
}

impl Draft {
    /// Whether a creation would make what is already there, so that it is a repetition.
    pub(crate) fn is(&self, existing: &Subscriber) -> bool {
        self.email.as_str() == existing.email
            && self.names == existing.names
            && self.seat == existing.seat
            && self.selection.is(&existing.packages)
    }
}

/// The instant of a change: now, but never before the last one, whatever the clocks of two machines
/// say. Otherwise intervals of one slot could overlap.
pub(crate) fn instant(now: DateTime<Utc>, assigned_at: DateTime<Utc>) -> DateTime<Utc> {
    now.max(assigned_at)
}
