//! SQL. Every function takes the transaction of its use case.

pub(crate) mod link_key;
pub(crate) mod projection;
pub(crate) mod report;
pub(crate) mod subscription;
pub(crate) mod usage;
