//! Configuration of this context.

use serde::Deserialize;

/// Nothing to set: the context has no behaviour that an installation would want otherwise. The
/// section exists so that a misspelt one is refused.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}
