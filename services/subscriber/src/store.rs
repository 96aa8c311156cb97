//! SQL. Every function works in the caller's transaction and says how many round trips it makes
//! when that is more than one.

pub(crate) mod assignment;
pub(crate) mod customer;
pub(crate) mod entitlement;
pub(crate) mod list;
pub(crate) mod subscriber;
