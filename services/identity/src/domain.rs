//! What identity knows, without database, network or clock.

pub(crate) mod client;
pub(crate) mod organization;
pub(crate) mod person;
pub(crate) mod role;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod sip_domain;
