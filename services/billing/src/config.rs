//! The section `billing` of the configuration.

use std::fmt;

use serde::Deserialize;

/// Settings of this context; the defaults work.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Secret that signs the download links of reports; at least 32 characters. Without one, a
    /// random secret is made on first use and kept in the database.
    pub link_secret: Option<String>,
    /// Name of that secret, shown in the links as `Key-Pair-Id`.
    pub link_key_id: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            link_secret: None,
            link_key_id: "default".to_owned(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field(
                "link_secret",
                &self.link_secret.as_ref().map(|_| "(secret)"),
            )
            .field("link_key_id", &self.link_key_id)
            .finish()
    }
}
