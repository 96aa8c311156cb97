//! People are sent to the provider of their organization, and come back.

use chrono::{DateTime, Utc};
use kit::email::Email;

pub(crate) mod arrive;
pub(crate) mod depart;
pub(crate) mod test;

/// Who a provider says it is, verified by the rules of its protocol.
#[derive(Debug, Clone)]
pub(crate) struct Asserted {
    /// What it calls the person, for ever.
    pub(crate) subject: String,
    /// The address, as far as it is verified.
    pub(crate) email: Option<Email>,
    /// How the person proved itself (RFC 8176).
    pub(crate) methods: Vec<String>,
    /// When.
    pub(crate) authenticated_at: DateTime<Utc>,
    /// Its session there ends.
    pub(crate) ends_at: Option<DateTime<Utc>>,
    /// How the session is called there, to end it: JSON.
    pub(crate) upstream: String,
    /// All that was said, for a test.
    pub(crate) findings: Vec<(String, String)>,
}
