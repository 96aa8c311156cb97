//! SQL.

pub(crate) mod audit;
pub(crate) mod list;
pub(crate) mod review_case;
pub(crate) mod screening;
