//! Signing in through a SAML 2.0 provider.

use crate::{
    app::State,
    domain::{provider::ConnectionId, saml::settings::Ours},
};

pub(crate) mod assertion;
pub(crate) mod describe;
pub(crate) mod keys;
pub(crate) mod refresh;
pub(crate) mod service_provider;

/// What we are to one provider.
pub(crate) fn ours(state: &State, id: ConnectionId) -> Ours {
    Ours::new(&state.issuer, id.uuid())
}
