//! The context's own settings; the defaults work.

use std::num::NonZeroUsize;

use chrono::TimeDelta;
use kit::seal::{BadKey, Sealer};
use serde::Deserialize;

/// Longest that a token may live, in minutes: every context refuses tokens that say more.
const LONGEST_LIFE: u32 = 15;

/// Settings of the identity context.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who issues tokens: the public URL of the platform, for example `https://api.example.net`.
    pub issuer: Option<String>,
    /// The key that seals secrets in the database: 32 bytes in base64. Several, separated by commas: the
    /// first seals, all open.
    pub seal_key: Option<String>,
    /// What every SIP domain ends in.
    pub sip_suffix: String,
    /// How long a token lives, in minutes; 15 at most. Short, because what it says was true when it
    /// was issued.
    pub token_minutes: u32,
    /// How long a token that acts for a sub-partner lives, in minutes; 15 at most.
    pub acting_token_minutes: u32,
    /// How often the signing key is read again, in seconds: so long may a key that was taken out of
    /// use go on signing, for nobody who verifies.
    pub key_seconds: u32,
    /// How many passwords are hashed at once, with 19 MiB each; as many as there are cores when unset.
    pub password_threads: Option<usize>,
    /// Identity providers may be on private networks, and without TLS. Off: what a partner names is
    /// looked for on public addresses only.
    pub allow_private_networks: bool,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: None,
            seal_key: None,
            sip_suffix: "sip.entrepot.example".to_owned(),
            token_minutes: 10,
            acting_token_minutes: 10,
            key_seconds: 10,
            password_threads: None,
            allow_private_networks: false,
        }
    }
}

/// A setting that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum BadConfig {
    /// Tokens would live too long, or not at all.
    #[error("{0} must be between 1 and {LONGEST_LIFE}")]
    Life(&'static str),
    /// The issuer is no URL of a host.
    #[error("the issuer must be http(s)://host[:port] and nothing more: {0}")]
    Issuer(String),
    /// The seal key is none.
    #[error("identity.seal_key")]
    SealKey(#[from] BadKey),
}

impl Config {
    /// Finds settings that cannot be; a start asks for it.
    pub fn check(&self) -> Result<(), BadConfig> {
        for (name, minutes) in [
            ("identity.token_minutes", self.token_minutes),
            ("identity.acting_token_minutes", self.acting_token_minutes),
        ] {
            if !(1..=LONGEST_LIFE).contains(&minutes) {
                return Err(BadConfig::Life(name));
            }
        }
        self.seal_key.as_deref().map(Sealer::parse).transpose()?;
        match &self.issuer {
            Some(issuer) if !is_origin(issuer) => Err(BadConfig::Issuer(issuer.clone())),
            _ => Ok(()),
        }
    }

    pub(crate) fn sealer(&self) -> Option<Sealer> {
        Sealer::parse(self.seal_key.as_deref()?).ok()
    }

    pub(crate) fn token_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.token_minutes.into())
    }

    pub(crate) fn acting_token_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.acting_token_minutes.into())
    }

    pub(crate) fn hash_threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.password_threads.unwrap_or_else(cores)
    }

    pub(crate) fn key_interval(&self) -> TimeDelta {
        TimeDelta::seconds(self.key_seconds.into())
    }
}

/// Scheme, host and perhaps a port. What is compared byte for byte has one way to be written.
fn is_origin(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let known =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a36_an_issuer_is_the_origin_of_a_url() {
        for (issuer, good) in [
            ("https://api.example.net", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("https://api.example.net/", false),
            ("https://API.example.net", false),
            ("https://api.example.net/idp", false),
            ("https://api.example.net?x", false),
            ("https://user@api.example.net", false),
            ("api.example.net", false),
            ("https://", false),
        ] {
            let config = Config {
                issuer: Some(issuer.to_owned()),
                ..Config::default()
            };
            assert_eq!(config.check().is_ok(), good, "{issuer}");
        }
    }

    #[test]
    fn a_token_lives_a_quarter_of_an_hour_at_most() {
        for (minutes, good) in [(0, false), (1, true), (15, true), (16, false)] {
            let config = Config {
                token_minutes: minutes,
                ..Config::default()
            };
            assert_eq!(config.check().is_ok(), good, "{minutes}");
        }
    }
}
