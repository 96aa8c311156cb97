//! Whose rows a transaction may see.

use uuid::Uuid;

use crate::id::PartnerId;

/// The reach of a transaction, enforced by row-level security.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One tenant's rows.
    Partner(PartnerId),
    /// One organization's rows of a tenant.
    Organization(PartnerId, Uuid),
    /// All rows, for a stated reason: workers and roll-ups only.
    Whole(&'static str),
}
