//! A provider is asked for its metadata.

use http::HeaderMap;
use kit::fault::Violations;
use url::Url;

use crate::{
    app::State,
    domain::saml::{
        metadata::{self, BadMetadata, Imported},
        settings::Connection,
    },
    error::Error,
};

const FIELD: &str = "metadataUrl";

/// Reads the metadata of a wanted provider where it is to be found, unless it was given. What is inside of
/// our network, and what is nowhere, get the same answer.
pub(crate) async fn complete(
    state: &State,
    entity_id: &mut String,
    wanted: &mut Connection,
) -> Result<(), Error> {
    let (false, Some(place)) = (wanted.is_described(), &wanted.metadata_url) else {
        return Ok(());
    };
    let mut wrong = Violations::default();
    match ask(state, place).await {
        Ok(imported) => {
            entity_id.clone_from(&imported.entity_id);
            wanted.describe(imported);
        }
        Err(None) => wrong.add(FIELD, "UNREACHABLE", "nothing could be read there"),
        Err(Some(bad)) => wrong.add(FIELD, bad.reason(), bad.to_string()),
    }
    Error::check(wrong)
}

/// The metadata at a place; what is wrong with it, or nothing when there is none.
pub(crate) async fn ask(state: &State, place: &str) -> Result<Imported, Option<BadMetadata>> {
    let url = Url::parse(place).map_err(|_| None)?;
    let fetched = state.fetch.get(&url, HeaderMap::new()).await;
    let document = fetched.and_then(kit::fetch::Fetched::success);
    let document = document.map_err(|error| {
        tracing::info!(
            place,
            error = kit::fault::chain(&error),
            "provider does not describe itself"
        );
        None
    })?;
    let text = std::str::from_utf8(&document).map_err(|_| {
        Some(BadMetadata::Unreadable(
            crate::domain::saml::refusal::Refusal::ENCODING,
        ))
    })?;
    let now = state.context.clock.now();
    metadata::import(text, state.config.allow_private_networks, now).map_err(Some)
}
