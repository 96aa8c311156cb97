//! A case: a screening that a person decides.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a case may stay undecided.
const DECIDE_WITHIN: TimeDelta = TimeDelta::hours(72);

/// Longest reason, in letters.
pub(crate) const LONGEST_REASON: usize = 2000;

/// When a case that is opened now expires.
pub(crate) fn deadline(opened_at: DateTime<Utc>) -> DateTime<Utc> {
    opened_at + DECIDE_WITHIN
}

/// State of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits for a decision.
    Open,
    /// Goes on.
    Approved,
    /// Ends.
    Rejected,
    /// Nobody decided in time.
    Expired,
}

impl State {
    const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Rejected, Self::Expired];

    /// As the database spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }

    /// Reads what [`State::name`] wrote.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
