//! The blanket subscription of a partner (R-1401).

use chrono::{DateTime, Utc};
use kit::fault::Violations;
use kit::id::PartnerId;

/// A subscription. Its lines and prices come with invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// Id on orders, reports and invoices.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) partner_id: PartnerId,
    /// ISO 4217.
    pub(crate) currency: String,
    /// When it was created.
    pub(crate) created_at: DateTime<Utc>,
}

impl Subscription {
    /// Longest id.
    pub(crate) const ID_MAX: usize = 64;

    /// Checks the shape of a currency code.
    pub(crate) fn currency(text: &str, problems: &mut Violations) -> String {
        let ok = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
        problems.check(
            ok,
            "currency",
            "INVALID",
            "must be three capital letters (ISO 4217)",
        );
        text.to_owned()
    }
}
