//! SCIM 2.0 (RFC 7643, RFC 7644): documents of users and groups, without database or clock.

use kit::scim::reason;

pub(crate) mod bulk;
pub(crate) mod discovery;
pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod group;
pub(crate) mod patch;
pub(crate) mod path;
pub(crate) mod schema;
pub(crate) mod user;

/// A document: JSON as the standard has it.
pub(crate) type Document = serde_json::Map<String, serde_json::Value>;

/// Why a document, a filter or a path is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Wrong {
    /// One of [`kit::scim::reason`].
    pub(crate) reason: &'static str,
    /// For people.
    pub(crate) detail: String,
}

impl Wrong {
    pub(crate) fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { reason, detail }
    }

    /// Not of the form that is wanted.
    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(reason::SYNTAX, detail)
    }

    /// A value that an attribute cannot have.
    pub(crate) fn value(name: &str, detail: &str) -> Self {
        Self::new(reason::VALUE, format!("{name}: {detail}"))
    }

    /// Nobody but us changes it.
    pub(crate) fn mutability(name: &str) -> Self {
        Self::new(reason::MUTABILITY, format!("{name} cannot be changed"))
    }
}
