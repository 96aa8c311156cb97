//! The rows.

pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod directory;
pub(crate) mod flow;
pub(crate) mod key;
pub(crate) mod management;
pub(crate) mod member;
pub(crate) mod name;
pub(crate) mod one_time_password;
pub(crate) mod organization;
pub(crate) mod password;
pub(crate) mod person;
pub(crate) mod revocation;
pub(crate) mod role;
pub(crate) mod session;
