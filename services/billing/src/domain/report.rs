//! Reports: what they are about and how far they are.

use chrono::{DateTime, Utc};
use kit::id::PartnerId;
use serde::{Deserialize, Serialize};

use super::ReportId;
use super::period::Period;

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// A package.
    Partner,
    /// A customer's location and a package.
    Customer,
    /// A subscriber and a package.
    User,
}

impl Level {
    /// As stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Partner => "PARTNER",
            Self::Customer => "CUSTOMER",
            Self::User => "USER",
        }
    }

    /// From the stored form.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Partner, Self::Customer, Self::User]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// Progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Being written.
    InProgress,
    /// Ready.
    Completed,
    /// Given up.
    Failed,
}

impl State {
    /// As stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }

    /// From the stored form.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::InProgress, Self::Completed, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Why a report failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// Upper snake case.
    pub(crate) reason: String,
    /// For people.
    pub(crate) description: String,
}

/// A report.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// Who asked.
    pub(crate) partner_id: PartnerId,
    /// Id.
    pub(crate) id: ReportId,
    /// What a row stands for.
    pub(crate) level: Level,
    /// The days.
    pub(crate) period: Period,
    /// Only this sub-partner's usage.
    pub(crate) sub_partner_id: Option<PartnerId>,
    /// Progress.
    pub(crate) state: State,
    /// Why it failed.
    pub(crate) errors: Vec<Problem>,
    /// Pieces of the file, once all of them are there.
    pub(crate) chunks: Option<i32>,
    /// Person or client that asked.
    pub(crate) created_by: String,
    /// When it was asked for.
    pub(crate) created_at: DateTime<Utc>,
}

impl Report {
    /// The partner whose usage is told: the one that asked, or the sub-partner it asked about.
    pub(crate) fn about(&self) -> PartnerId {
        self.sub_partner_id.unwrap_or(self.partner_id)
    }
}
