//! What the figures were measured on.

use std::fs;

use chrono::{DateTime, Utc};
use kit::time::Clock;

/// A machine at a moment.
#[derive(Debug)]
pub(super) struct Machine {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// The processor's name.
    pub(super) processor: String,
    /// How many processors we may use.
    pub(super) processors: usize,
    /// Memory of the machine, in megabytes.
    pub(super) memory: u64,
    /// PostgreSQL.
    pub(super) postgresql: String,
    /// Whether we are built for speed.
    pub(super) build: &'static str,
    /// Load averages before the load, as the kernel tells them.
    pub(super) load: String,
}

impl Machine {
    /// Looks around.
    pub(super) fn look(clock: &Clock, postgresql: String) -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = field(&memory, "MemTotal").and_then(|text| text.split(' ').next());
        let total = total.and_then(|text| text.parse::<u64>().ok());
        Self {
            at: clock.now(),
            processor: field(&cpu, "model name").unwrap_or("unknown").to_owned(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory: total.unwrap_or(0) / 1024,
            postgresql,
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
            load: load(),
        }
    }
}

/// The load averages over 1, 5 and 15 minutes.
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<_> = text.split(' ').take(3).collect();
    averages.join(" ")
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let text = "processor\t: 0\nmodel name\t: Fast One @ 3 GHz\n";
        assert_eq!(field(text, "model name"), Some("Fast One @ 3 GHz"));
        assert_eq!(field(text, "cores"), None);
    }
}
