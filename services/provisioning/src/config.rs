//! What an operator may set; every default works.

use std::time::Duration;

use serde::Deserialize;

pub use crate::domain::{country::DialIn, screening::Policy};

/// Settings of the provisioning context.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether provisioning waits for restricted-party review.
    pub screening: Policy,
    /// Dial-in numbers of the telephony domain, in order of preference; a country without
    /// one gets its region's default.
    pub dial_in_numbers: Vec<DialIn>,
    /// How often a customer in review looks for the decision itself, in seconds; the decision's
    /// event wakes it anyway.
    pub review_poll_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            screening: Policy::Blocking,
            dial_in_numbers: Vec::new(),
            review_poll_seconds: 300,
        }
    }
}

impl Config {
    /// The pause between two looks at a case, one minute at least.
    pub(crate) fn review_poll(&self) -> Duration {
        Duration::from_secs(self.review_poll_seconds.max(60))
    }
}
