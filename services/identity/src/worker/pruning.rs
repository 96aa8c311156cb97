//! Forgets what has ended.

use std::{sync::Arc, time::Duration};

use kit::{boot::Worker, scope::Scope};

use crate::{
    app::State,
    domain::attempt,
    error::Error,
    store::{attempt as attempts, flow, one_time_password, revocation, round_trip, saml, session},
};

/// How often to look.
const PAUSE: Duration = Duration::from_mins(1);
/// Most rows of a kind at a time: transactions stay short.
const MOST: i64 = 10_000;

/// Forgets sign-ins, sessions and passwords that ended, tries that are long ago, and revocations that
/// concern no living token.
pub(crate) fn worker(state: Arc<State>) -> Worker {
    Worker::new("pruning", async move {
        loop {
            match prune(&state).await {
                Ok(rows) => tracing::debug!(rows, "ended rows forgotten"),
                Err(error) => {
                    tracing::warn!(error = kit::fault::chain(&error), "rows not forgotten");
                }
            }
            if !state.context.tasks.sleep(PAUSE).await {
                return;
            }
        }
    })
}

async fn prune(state: &State) -> Result<u64, Error> {
    let now = state.context.clock.now();
    let mut tx = state
        .context
        .db
        .begin(Scope::Whole("rows of all tenants end"))
        .await?;
    let mut rows = flow::prune(&mut tx, now, MOST).await?;
    rows += session::prune(&mut tx, now, MOST).await?;
    rows += one_time_password::prune(&mut tx, now).await?;
    rows += attempts::prune(&mut tx, now - attempt::MEMORY, MOST).await?;
    rows += round_trip::prune(&mut tx, now, MOST).await?;
    rows += saml::prune(&mut tx, now, MOST).await?;
    rows += revocation::prune(&mut tx, now).await?;
    tx.commit().await?;
    Ok(rows)
}
