//! The index in use.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{Context, SHA256};
use tokio::sync::Notify;

use crate::{domain::index::Index, error::Error};

/// Holds the index that screenings read, and replaces it in one step.
#[derive(Default)]
pub(crate) struct Engine {
    loaded: ArcSwapOption<Loaded>,
    /// A list was imported in this process.
    pub imported: Notify,
}

/// An index and the lists that it was built of.
pub(crate) struct Loaded {
    /// Hash over the versions of all lists.
    pub version: String,
    /// The index.
    pub index: Index,
}

impl Engine {
    /// The index in use; without one nothing can be screened.
    pub(crate) fn loaded(&self) -> Result<Arc<Loaded>, Error> {
        let loaded = self.loaded.load_full();
        loaded
            .filter(|loaded| !loaded.index.is_empty())
            .ok_or(Error::ListsMissing)
    }

    /// The version in use; empty when there is none.
    pub(crate) fn version(&self) -> String {
        self.loaded
            .load()
            .as_ref()
            .map_or_else(String::new, |loaded| loaded.version.clone())
    }

    /// Puts another index in use. Screenings under way finish on theirs.
    pub(crate) fn replace(&self, loaded: Loaded) {
        self.loaded.store(Some(Arc::new(loaded)));
    }
}

/// SHA-256 over parts, hex.
pub(crate) fn sha256<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    hex::encode(context.finish())
}
