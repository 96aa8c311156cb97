//! Keys that sign tokens change by themselves.

use std::{sync::Arc, time::Duration};

use kit::boot::Worker;

use crate::app::{
    State,
    rotate_keys::{rotate_keys, seal_keys},
};

/// Between two rounds.
const INTERVAL: Duration = Duration::from_mins(1);

/// The worker.
pub(crate) fn worker(state: Arc<State>) -> Worker {
    Worker::new("signing-keys", async move {
        if let Err(error) = seal_keys(&state).await {
            tracing::warn!(error = kit::fault::chain(&error), "signing keys not sealed");
        }
        loop {
            if let Err(error) = rotate_keys(&state).await {
                tracing::warn!(
                    error = kit::fault::chain(&error),
                    "signing keys not rotated"
                );
            }
            if !state.context.tasks.sleep(INTERVAL).await {
                return;
            }
        }
    })
}
