//! What billing means, without I/O: intervals and windows in whole seconds, quantities that add up,
//! reports and their rows.

pub(crate) mod link;
pub(crate) mod period;
pub(crate) mod public_id;
pub(crate) mod quantity;
pub(crate) mod report;
pub(crate) mod rows;
pub(crate) mod sheet;
pub(crate) mod subscription;
pub(crate) mod usage;

kit::id! {
    /// A customer.
    pub(crate) CustomerId
}
kit::id! {
    /// A subscriber.
    pub(crate) SubscriberId
}
kit::id! {
    /// A report.
    pub(crate) ReportId
}
