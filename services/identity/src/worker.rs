//! Background work.

pub(crate) mod pruning;
