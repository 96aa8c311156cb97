//! Streams the feed to a follower.

use std::time::Duration;

use proto::feed::v1::{EventHeader, FollowRequest};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};

use super::HasHeader;
use crate::{db::Db, scope::Scope, stop::Tasks, time::to_proto};

/// What a `Follow` call answers with.
pub type Stream<E> = ReceiverStream<Result<E, Status>>;

/// Entries a read.
const BATCH: i64 = 500;
/// How long an event of another replica may wait.
const POLL: Duration = Duration::from_millis(500);

/// Streams events after a position, in order, without end.
pub async fn serve<E>(
    db: Db,
    tasks: Tasks,
    request: FollowRequest,
) -> Result<Response<Stream<E>>, Status>
where
    E: prost::Message + Default + HasHeader + 'static,
{
    let (sender, receiver) = mpsc::channel(64);
    let stop = tasks.clone();
    tasks.spawn("feed-stream", async move {
        let mut after = request.after_position;
        while !stop.stopping() && !sender.is_closed() {
            // registered before the read, so that no stamp between the two is missed
            let stamped = db.signals.stamped.notified();
            tokio::pin!(stamped);
            stamped.as_mut().enable();
            match read::<E>(&db, after).await {
                Ok(events) => {
                    let full = events.len() == usize::try_from(BATCH).unwrap_or(0);
                    for (position, event) in events {
                        if sender.send(Ok(event)).await.is_err() {
                            return;
                        }
                        after = position;
                    }
                    if full {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, consumer = request.consumer, "feed not read");
                    let _ = sender
                        .send(Err(Status::unavailable("the feed could not be read")))
                        .await;
                    return;
                }
            }
            tokio::select! {
                () = stamped => {}
                () = tokio::time::sleep(POLL) => {}
                () = sender.closed() => {}
                () = stop.stopped() => {}
            }
        }
    });
    Ok(Response::new(ReceiverStream::new(receiver)))
}

async fn read<E>(db: &Db, after: i64) -> Result<Vec<(i64, E)>, sqlx::Error>
where
    E: prost::Message + Default + HasHeader,
{
    let mut tx = db.begin(Scope::Whole("followers see all tenants")).await?;
    let rows = sqlx::query!(
        "select partner_id, event_id, position as \"position!\", payload, traceparent, occurred_at
         from feed_entry
         where position > $1
         order by position
         limit $2",
        after,
        BATCH,
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    rows.into_iter()
        .map(|row| {
            let mut event = E::decode(row.payload.as_slice())
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            event.set_header(EventHeader {
                event_id: row.event_id.to_string(),
                position: row.position,
                partner_id: row.partner_id.to_string(),
                occurred_at: Some(to_proto(row.occurred_at)),
                traceparent: row.traceparent,
            });
            Ok((row.position, event))
        })
        .collect()
}
