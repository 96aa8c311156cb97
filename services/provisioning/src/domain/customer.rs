//! Customers as they are kept, and what an operation has to know of one.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{
    address::Address,
    application::LocationForm,
    catalogue::{Package, PackageKind},
    country::Region,
    names,
    template::AuthenticationMode,
};

kit::id! {
    /// A customer.
    pub(crate) CustomerId
}

names! {
    /// The published status of a customer.
    CustomerStatus {
        /// First set-up is running.
        Provisioning = "provisioning",
        /// Held for review.
        PendingReview = "pending_rpl_review",
        /// Fully provisioned.
        Provisioned = "provisioned",
        /// Provisioned, with errors.
        ProvisionedWithErrors = "provisioned_with_errors",
        /// A change is running.
        Updating = "updating",
        /// Removal is running.
        Deleting = "deleting",
        /// Set-up failed, or the customer was blocked.
        Error = "error",
    }
}

impl CustomerStatus {
    /// No operation is at work.
    pub(crate) fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Provisioned | Self::ProvisionedWithErrors | Self::Error
        )
    }

    /// The customer has its service.
    pub(crate) fn is_provisioned(self) -> bool {
        matches!(self, Self::Provisioned | Self::ProvisionedWithErrors)
    }
}

names! {
    /// The published status of a customer's package.
    PackageStatus {
        /// Being set up.
        Provisioning = "provisioning",
        /// Ready.
        Provisioned = "provisioned",
        /// Being removed.
        Deleting = "deleting",
        /// Could not be set up.
        Error = "error",
    }
}

/// Why something failed, kept with what failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) reason: String,
    pub(crate) description: String,
}

/// A package that a customer is entitled to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeldPackage {
    pub(crate) name: String,
    pub(crate) status: PackageStatus,
    pub(crate) license_id: Uuid,
    pub(crate) limit: Option<i32>,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) errors: Vec<Problem>,
}

/// The first location.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) timezone: String,
    pub(crate) language: String,
    pub(crate) emergency_location_identifier: String,
}

impl Location {
    /// From what was found good.
    pub(crate) fn new(id: Uuid, form: LocationForm) -> Self {
        Self {
            id,
            name: form.name,
            address: form.address,
            timezone: form.timezone,
            language: form.language,
            emergency_location_identifier: form.emergency_location_identifier,
        }
    }
}

/// What the template said when the customer was accepted: later changes of the template leave it
/// alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) region: Region,
    pub(crate) authentication_mode: AuthenticationMode,
    pub(crate) identity_provider: String,
    pub(crate) pstn_provider: String,
    pub(crate) brand_name: String,
    pub(crate) internal_calls: bool,
    pub(crate) restricted_by_partner: bool,
    /// The meeting site's default call-in.
    pub(crate) call_in: String,
    /// The meeting site's language.
    pub(crate) site_locale: String,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) external_id: String,
    pub(crate) organization_id: Uuid,
    pub(crate) organization_ready: bool,
    pub(crate) subscription_id: String,
    pub(crate) name: String,
    pub(crate) locale: String,
    pub(crate) address: Address,
    pub(crate) location: Option<Location>,
    pub(crate) meetings_timezone: String,
    pub(crate) billing_start_date: Option<NaiveDate>,
    pub(crate) status: CustomerStatus,
    pub(crate) errors: Vec<Problem>,
    pub(crate) packages: Vec<HeldPackage>,
    pub(crate) operation_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
}

/// A package with what assigning it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entitled {
    pub(crate) name: String,
    pub(crate) base: bool,
    pub(crate) calling: bool,
    pub(crate) assignable: bool,
    pub(crate) requires_any: Vec<String>,
    pub(crate) limit: Option<i32>,
}

impl Entitled {
    /// From the catalogue.
    pub(crate) fn of(package: &Package, limit: Option<i32>) -> Self {
        Self {
            name: package.name.clone(),
            base: package.kind == PackageKind::Base,
            calling: package.calling,
            assignable: package.kind != PackageKind::Customer,
            requires_any: package.requires_any.clone(),
            limit,
        }
    }
}

/// Everything that the steps of an operation tell other contexts. It travels in the operation's
/// memory, so that a step reads no row and a later change of a row cannot bend a running operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The customer's own administrators are not restricted by the partner (R-1001).
    #[serde(default)]
    pub(crate) unrestricted: bool,
    pub(crate) organization_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) name: String,
    pub(crate) locale: String,
    pub(crate) address: Address,
    pub(crate) packages: Vec<Entitled>,
    pub(crate) location: Option<Location>,
    /// How the people of a new organization sign in, frozen here.
    #[serde(default)]
    pub(crate) authentication: SignsIn,
}

/// How people sign in, and by whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignsIn {
    pub(crate) mode: AuthenticationMode,
    /// By its entity id or its registered name; empty for the platform itself.
    pub(crate) provider: String,
}

impl Default for SignsIn {
    fn default() -> Self {
        Self {
            mode: AuthenticationMode::Platform,
            provider: String::new(),
        }
    }
}
