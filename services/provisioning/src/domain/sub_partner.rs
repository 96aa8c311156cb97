//! Sub-partners (R-1101 to R-1106).

use chrono::{DateTime, NaiveDate, Utc};
use kit::fault::Violations;
use uuid::Uuid;

use crate::domain::{names, rules::checked_name, text};

names! {
    /// Whether a sub-partner may provision (R-1106).
    SubPartnerState {
        /// May create, update, delete.
        Active = "active",
        /// May read and delete only.
        Suspended = "suspended",
    }
}

/// Longest name of a person.
const LONGEST_PERSON_NAME: usize = 128;
/// Longest id of a subscription.
const LONGEST_SUBSCRIPTION: usize = 128;

/// The request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct SubPartnerForm {
    pub(crate) name: String,
    pub(crate) admin_email: String,
    pub(crate) admin_first_name: String,
    pub(crate) admin_last_name: String,
    pub(crate) subscription_id: String,
    pub(crate) billing_start_date: String,
}

/// A sub-partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubPartner {
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) admin_email: String,
    pub(crate) admin_first_name: String,
    pub(crate) admin_last_name: String,
    pub(crate) subscription_id: String,
    pub(crate) billing_start_date: NaiveDate,
    pub(crate) state: SubPartnerState,
    pub(crate) created_at: DateTime<Utc>,
}

impl SubPartnerForm {
    /// Judges everything at once (R-1102). The result is of use only when nothing is wrong.
    pub(crate) fn checked(
        &self,
        organization_id: Uuid,
        now: DateTime<Utc>,
        violations: &mut Violations,
    ) -> SubPartner {
        SubPartner {
            organization_id,
            name: checked_name("name", &self.name, violations),
            admin_email: text::email("adminEmail", &self.admin_email, violations),
            admin_first_name: violations.text(
                "adminFirstName",
                &self.admin_first_name,
                LONGEST_PERSON_NAME,
            ),
            admin_last_name: violations.text(
                "adminLastName",
                &self.admin_last_name,
                LONGEST_PERSON_NAME,
            ),
            subscription_id: violations.optional_text(
                "subscriptionId",
                &self.subscription_id,
                LONGEST_SUBSCRIPTION,
            ),
            billing_start_date: text::day("billingStartDate", &self.billing_start_date, violations)
                .unwrap_or_else(|| now.date_naive()),
            state: SubPartnerState::Active,
            created_at: now,
        }
    }
}
