//! SQL.

pub(crate) mod list;
pub(crate) mod review_case;
pub(crate) mod screening;
