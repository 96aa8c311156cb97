//! SAML 2.0, as a service that providers tell who somebody is. All of it is pure: bytes, settings and a time
//! go in, a person or a named refusal comes out.
//!
//! [`guard`] lets nothing through but documents of the one shape that genuine providers send; [`consumer`]
//! has them verified and decrypted; [`policy`] reads them once more and compares. The library in the middle
//! is young: what it does not check the guard and the policy do, and what it does they do again.

pub(crate) mod certificate;
pub(crate) mod consumer;
pub(crate) mod guard;
pub(crate) mod logout;
pub(crate) mod metadata;
pub(crate) mod policy;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod rollover;
pub(crate) mod settings;
mod xml;

#[cfg(test)]
mod corpus;
