//! What identity knows, without database, network or clock.

pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod language;
pub(crate) mod linking;
pub(crate) mod member;
pub(crate) mod oidc;
pub(crate) mod one_time_password;
pub(crate) mod organization;
pub(crate) mod password;
pub(crate) mod person;
pub(crate) mod phc;
pub(crate) mod provider;
pub(crate) mod reach;
pub(crate) mod revocation;
pub(crate) mod role;
pub(crate) mod round_trip;
#[expect(dead_code, reason = "no route leads to single logout yet")]
pub(crate) mod saml;
pub(crate) mod scim;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod sip_domain;
