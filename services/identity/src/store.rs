//! The rows.

pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod management;
pub(crate) mod organization;
pub(crate) mod person;
pub(crate) mod role;
