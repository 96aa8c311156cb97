//! Restricted-party screening as provisioning sees it.

use serde::Deserialize;

use crate::{
    domain::{customer::Problem, names},
    error::reason,
};

names! {
    /// What became of a case.
    Verdict {
        /// Provisioning goes on.
        Approved = "approved",
        /// Onboarding ends.
        Rejected = "rejected",
        /// Nobody decided in time: onboarding ends.
        Expired = "expired",
    }
}

impl Verdict {
    /// Why the customer cannot have the service; none when it can.
    pub(crate) fn refusal(self) -> Option<Problem> {
        let (reason, description) = match self {
            Self::Approved => return None,
            Self::Rejected => (
                reason::RPL_REJECTED,
                "restricted-party review rejected the customer",
            ),
            Self::Expired => (
                reason::RPL_EXPIRED,
                "restricted-party review was not decided within 72 hours",
            ),
        };
        Some(Problem {
            reason: reason.to_owned(),
            description: description.to_owned(),
        })
    }
}

/// Whether provisioning waits for reviewers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// A match holds the customer until it is decided.
    #[default]
    Blocking,
    /// Provisioning goes on beside the review; a rejection blocks the customer afterwards.
    Concurrent,
}
