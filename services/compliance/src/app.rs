//! Use cases: one function each, one transaction each.

use std::sync::Arc;

use kit::boot::Context;

use crate::engine::Engine;

pub(crate) mod chain_events;
pub(crate) mod decide_case;
pub(crate) mod expire_cases;
pub(crate) mod import_list;
pub(crate) mod list_audit;
pub(crate) mod read_cases;
pub(crate) mod refresh_index;
pub(crate) mod screen_customer;
pub(crate) mod verify_audit;

/// What use cases need.
#[derive(Clone)]
pub(crate) struct App {
    /// Database, clock, ids.
    pub context: Context,
    /// The index in use.
    pub engine: Arc<Engine>,
}
