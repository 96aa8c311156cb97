//! The context's own settings; the defaults work.

use chrono::TimeDelta;
use serde::Deserialize;

/// Settings of the identity context.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What every SIP domain ends in.
    pub sip_suffix: String,
    /// How long a client's token lives, in minutes.
    pub token_minutes: u32,
    /// How long a token that acts for a sub-partner lives, in minutes. Short, because it is asked for
    /// with each piece of work and must not outlive a suspension by much (R-1106).
    pub acting_token_minutes: u32,
    /// How often the signing key is read again, in minutes; a new key is published this long before
    /// it signs.
    pub key_minutes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sip_suffix: "sip.entrepot.example".to_owned(),
            token_minutes: 12 * 60,
            acting_token_minutes: 15,
            key_minutes: 5,
        }
    }
}

impl Config {
    pub(crate) fn token_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.token_minutes.into())
    }

    pub(crate) fn acting_token_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.acting_token_minutes.into())
    }

    pub(crate) fn key_interval(&self) -> TimeDelta {
        TimeDelta::minutes(self.key_minutes.into())
    }
}
