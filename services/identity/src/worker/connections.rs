//! Looks after connections to SAML providers.

use std::{sync::Arc, time::Duration};

use kit::boot::Worker;

use crate::app::{State, saml::refresh::refresh};

/// How often to look for those that are due.
const PAUSE: Duration = Duration::from_mins(5);

/// Reads metadata again and lets keys follow each other, for each connection once a day.
pub(crate) fn worker(state: Arc<State>) -> Worker {
    Worker::new("connections", async move {
        loop {
            match refresh(&state).await {
                // there may be more
                Ok(taken) if taken > 0 => continue,
                Ok(_) => {}
                Err(error) => {
                    let error = kit::fault::chain(&error);
                    tracing::warn!(error, "connections not looked after");
                }
            }
            if !state.context.tasks.sleep(PAUSE).await {
                return;
            }
        }
    })
}
