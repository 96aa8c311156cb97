//! Gives committed entries their positions.

use std::time::Duration;

use crate::{boot::Worker, db::Db, scope::Scope, stop::Tasks};

/// Entries a transaction.
const BATCH: i64 = 500;
/// Between two batches.
const PAUSE: Duration = Duration::from_millis(5);
/// How long an entry of another replica may wait.
const POLL: Duration = Duration::from_millis(500);

/// The stamper of a context; any number of replicas may run one.
pub fn stamper(db: Db, tasks: Tasks) -> Worker {
    Worker::new("feed-stamper", async move {
        while !tasks.stopping() {
            match stamp(&db).await {
                Ok(stamped) => {
                    if stamped > 0 {
                        db.signals.stamped.notify_waiters();
                    }
                    if stamped == u64::try_from(BATCH).unwrap_or(0) {
                        continue;
                    }
                    // what comes at the same time shares the next batch
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "could not stamp");
                    tasks.sleep(POLL).await;
                }
            }
            tokio::select! {
                () = db.signals.appended.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = tasks.stopped() => {}
            }
        }
    })
}

/// Stamps one batch; returns how many.
async fn stamp(db: &Db) -> Result<u64, sqlx::Error> {
    let mut tx = db.begin(Scope::Whole("stamping the feed")).await?;
    // its own statement: the batch must be read after the lock was got
    sqlx::query!("select pg_advisory_xact_lock(hashtext('feed:' || current_schema()))")
        .execute(tx.conn())
        .await?;
    let done = sqlx::query!(
        "update feed_entry as entry
         set position = numbered.position
         from (
             select partner_id, event_id, nextval('feed_position') as position
             from (
                 select partner_id, event_id
                 from feed_entry
                 where position is null
                 order by feed_entry.entry
                 limit $1
             ) as batch
         ) as numbered
         where entry.partner_id = numbered.partner_id and entry.event_id = numbered.event_id",
        BATCH,
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}
