//! The context's own settings; the defaults work.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

/// Settings of the compliance context.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A directory of list files that are imported at start. `csl_*.csv` is the US Consolidated
    /// Screening List, `ofac_sdn_*.csv` with `ofac_alt_*.csv` and `ofac_add_*.csv` the SDN list,
    /// any other `*.csv` an operator's list under its file's name; each may be packed (`.csv.gz`).
    /// A directory that cannot be read, or a list of it that was never accepted, keeps screening
    /// from starting. Without a directory, and with no list in the database, a small list of invented parties is imported.
    pub lists_dir: Option<PathBuf>,
    /// How often it is looked whether another replica has imported a list, in seconds.
    pub poll_seconds: u64,
    /// How often it is looked for cases whose time is over, in seconds; at most 30.
    pub expiry_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            lists_dir: None,
            poll_seconds: 3,
            expiry_seconds: 15,
        }
    }
}

impl Config {
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(1))
    }

    pub(crate) fn expiry(&self) -> Duration {
        Duration::from_secs(self.expiry_seconds.clamp(1, 30))
    }
}
