//! The section `billing` of the configuration.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Settings of this context; the defaults work.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Secret that signs the download links of reports; at least 32 characters. Without one, a
    /// random secret is made on first use and kept in the database.
    #[serde(deserialize_with = "long_secret")]
    pub link_secret: Option<String>,
    /// Name of that secret, shown in the links as `Key-Pair-Id`.
    pub link_key_id: String,
}

/// Shortest secret that is accepted.
const SECRET_MIN: usize = 32;

fn long_secret<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    let secret = Option::<String>::deserialize(source)?;
    match secret {
        Some(secret) if secret.len() < SECRET_MIN => Err(D::Error::custom(
            "link_secret must have at least 32 characters",
        )),
        secret => Ok(secret),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1407_a_short_secret_is_refused_and_none_is_shown() {
        let read = serde_json::from_str::<Config>;
        assert!(read("{}").unwrap().link_secret.is_none());
        assert!(read(r#"{"link_secret": "short"}"#).is_err());
        let config = read(r#"{"link_secret": "0123456789abcdef0123456789abcdef"}"#).unwrap();
        assert!(!format!("{config:?}").contains("0123"));
    }
}
