//! A provider is asked who it is.

use http::HeaderMap;
use kit::fault::{Violations, reason};

use crate::{
    app::{State, saml::describe},
    domain::{
        oidc::{
            discovery::{Metadata, Unfit},
            settings::{OidcSettings, Place},
        },
        provider::{Speaks, Wanted},
    },
    error::Error,
};

const FIELD: &str = "discoveryEndpoint";

/// Finds out whom a wanted provider is, where it describes itself. What is inside of our network, and
/// what is nowhere, get the same answer.
pub(super) async fn complete(state: &State, wanted: &mut Wanted) -> Result<(), Error> {
    let settings = match &mut wanted.settings.speaks {
        Speaks::Oidc(settings) => settings,
        Speaks::Saml(saml) => {
            return describe::complete(state, &mut wanted.entity_id, saml).await;
        }
    };
    let Place::Discovery(_) = &settings.place else {
        return Ok(());
    };
    let problem = match ask(state, settings, &wanted.entity_id).await {
        Ok(found) => {
            wanted.entity_id = found.issuer;
            return Ok(());
        }
        Err(problem) => problem,
    };
    let mut wrong = Violations::default();
    match problem {
        None => wrong.add(FIELD, "UNREACHABLE", "nothing could be read there"),
        Some(unfit @ Unfit::OtherIssuer) => wrong.add(FIELD, "OTHER_ISSUER", unfit.to_string()),
        Some(unfit) => wrong.add(FIELD, reason::INVALID, unfit.to_string()),
    }
    Error::check(wrong)
}

/// How a provider is to be dealt with, from what was told or from itself; what is wrong with what it
/// says, or nothing when it says nothing.
pub(crate) async fn ask(
    state: &State,
    settings: &OidcSettings,
    issuer: &str,
) -> Result<Metadata, Option<Unfit>> {
    let place = match &settings.place {
        Place::Told(endpoints) => return Ok(Metadata::told(issuer, endpoints)),
        Place::Discovery(place) => place.url(),
    };
    let fetched = state.fetch.get(place, HeaderMap::new()).await;
    let document = fetched.and_then(kit::fetch::Fetched::success);
    let document = document.map_err(|error| {
        tracing::info!(%place, error = kit::fault::chain(&error), "provider does not describe itself");
        None
    })?;
    let plain_http = state.config.allow_private_networks;
    Metadata::read(&document, place, issuer, plain_http).map_err(Some)
}
