//! A browser that was sent to a provider and is to come back.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::language::Language;

/// It has so long.
pub(crate) const LIFE: TimeDelta = TimeDelta::minutes(10);

/// What is remembered of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// What the provider was asked.
    pub(crate) question: Question,
    /// Language of the page that comes behind it.
    pub(crate) language: Language,
}

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Somebody signs in: hash of the cookie of the sign-in, hexadecimal.
    SignIn(String),
    /// A partner tries its provider: nobody is let in.
    Test,
    /// Somebody signs out.
    SignOut,
}

/// What the provider was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    /// A SAML request.
    Saml {
        /// Its id, which the answer names.
        request_id: String,
        /// The person must have proved itself after this moment.
        fresh_since: Option<DateTime<Utc>>,
    },
}

/// Whether a text may be the state of a round trip: what others send is not looked up.
pub(crate) fn is_state(text: &str) -> bool {
    (40..=80).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
