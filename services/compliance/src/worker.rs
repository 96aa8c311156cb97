//! Background work.

mod audit;

use std::sync::Arc;

use kit::{boot::Worker, fault::chain, feed};

use crate::{
    app::{App, expire_cases, refresh_index},
    config::Config,
};

/// All workers of the context.
pub(crate) fn all(app: &App, config: &Arc<Config>) -> Vec<Worker> {
    let context = &app.context;
    let mut workers = vec![
        index(app.clone(), Arc::clone(config)),
        expiry(app.clone(), Arc::clone(config)),
        feed::stamper(context.db.clone(), context.tasks.clone()),
    ];
    workers.extend(audit::all(context));
    workers
}

/// Imports the first lists, then keeps the index up to date: at once after an import here, within a
/// poll after one elsewhere.
fn index(app: App, config: Arc<Config>) -> Worker {
    Worker::new("screening-index", async move {
        let tasks = &app.context.tasks;
        let mut expected = None;
        while !tasks.stopping() {
            if expected.is_none() {
                match refresh_index::at_start(&app, config.lists_dir.as_deref()).await {
                    Ok(lists) => expected = Some(lists),
                    Err(error) => tracing::error!(error = chain(&error), "lists not imported"),
                }
            }
            // Not before all files were looked at: some lists alone would clear too much.
            if let Some(lists) = &expected
                && let Err(error) = refresh_index::refresh(&app, lists).await
            {
                tracing::error!(error = chain(&error), "screening index not refreshed");
            }
            tokio::select! {
                () = app.engine.imported.notified() => {}
                () = tokio::time::sleep(config.poll()) => {}
                () = tasks.stopped() => {}
            }
        }
    })
}

/// Ends cases whose time is over.
fn expiry(app: App, config: Arc<Config>) -> Worker {
    Worker::new("case-expiry", async move {
        let tasks = &app.context.tasks;
        while !tasks.stopping() {
            match expire_cases::expire_due(&app).await {
                Ok(0) => {}
                Ok(expired) => tracing::info!(expired, "cases expired"),
                Err(error) => tracing::warn!(error = chain(&error), "cases not expired"),
            }
            tasks.sleep(config.expiry()).await;
        }
    })
}
