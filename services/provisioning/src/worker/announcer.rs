//! Tells the other contexts of the catalogue at start.

use std::time::Duration;

use kit::{boot::Worker, scope::Scope};

use crate::{
    app::{App, announce::announce},
    error::Error,
};

/// Waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Announces what is new, once; it only tries again when it failed.
pub(crate) fn announcer(app: App) -> Worker {
    Worker::new("catalogue-announcer", async move {
        while !app.context.tasks.stopping() {
            match once(&app).await {
                Ok(announced) => {
                    tracing::info!(announced, "catalogue announced");
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = kit::fault::chain(&error), "catalogue not announced");
                    app.context.tasks.sleep(PAUSE).await;
                }
            }
        }
    })
}

async fn once(app: &App) -> Result<usize, Error> {
    let mut tx = app
        .context
        .db
        .begin(Scope::Whole("the catalogue belongs to no tenant"))
        .await?;
    let announced = announce(app, &mut tx).await?;
    tx.commit().await?;
    Ok(announced)
}
