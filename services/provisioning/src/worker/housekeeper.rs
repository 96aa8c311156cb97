//! Forgets what nobody asks for any more.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{boot::Worker, idempotency, scope::Scope};

use crate::{app::App, error::Error};

/// How long an idempotency key is remembered.
const KEY_LIFE: TimeDelta = TimeDelta::hours(24);
/// How often to look.
const PAUSE: Duration = Duration::from_mins(10);

/// Forgets idempotency keys that are a day old.
pub(crate) fn housekeeper(app: App) -> Worker {
    Worker::new("housekeeper", async move {
        while app.context.tasks.sleep(PAUSE).await {
            match forget(&app).await {
                Ok(keys) => tracing::debug!(keys, "idempotency keys forgotten"),
                Err(error) => {
                    tracing::warn!(error = kit::fault::chain(&error), "keys not forgotten");
                }
            }
        }
    })
}

async fn forget(app: &App) -> Result<u64, Error> {
    let mut tx = app
        .context
        .db
        .begin(Scope::Whole("keys of all tenants grow old"))
        .await?;
    let keys = idempotency::forget(&mut tx, app.now() - KEY_LIFE).await?;
    tx.commit().await?;
    Ok(keys)
}
