//! `OpenID` Connect, as a relying party: what is said about a provider, and what is believed of what it
//! says.

pub(crate) mod discovery;
pub(crate) mod settings;
