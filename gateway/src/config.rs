//! The gateway's section of the configuration.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the public surface behaves. The defaults serve one machine well.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where clients reach us, for example `https://api.example.net`: the start of every absolute URL
    /// in `Location`, `Link` and bodies. Without it the request's own `Host` is used.
    pub base_url: Option<String>,
    /// Proxies of yours before us, each of which adds to `X-Forwarded-For` whom it got the request from.
    /// With one too few all clients share one address and its limits; with one too many a client may
    /// choose its own.
    pub proxies: u8,
    /// Requests a second that one client may make in the long run.
    pub rate_per_second: u32,
    /// Requests that one client may make at once.
    pub burst: u32,
    /// Requests in work at any time; one more is told to come back.
    pub max_in_flight: usize,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Largest body where a file is uploaded, in bytes; two of these are read at a time.
    pub max_upload_bytes: usize,
    /// Longest a request may take, in seconds.
    pub request_timeout_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base_url: None,
            proxies: 0,
            rate_per_second: 1000,
            burst: 2000,
            max_in_flight: 2048,
            max_body_bytes: 1024 * 1024,
            max_upload_bytes: 24 * 1024 * 1024,
            request_timeout_seconds: 25,
        }
    }
}

impl Config {
    /// Longest a request may take.
    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}
