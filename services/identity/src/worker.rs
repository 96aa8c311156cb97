//! Work that nobody asks for.

use std::sync::Arc;

use kit::boot::Worker;

use crate::app::State;

mod connections;
mod keys;
mod pruning;

/// All of it; any number of replicas may run it.
pub(crate) fn all(state: &Arc<State>) -> Vec<Worker> {
    vec![
        connections::worker(Arc::clone(state)),
        keys::worker(Arc::clone(state)),
        pruning::worker(Arc::clone(state)),
    ]
}
