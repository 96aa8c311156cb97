//! Follows the feed of another context.

use std::{future::Future, time::Duration};

use futures::StreamExt as _;
use tonic::Streaming;

use super::HasHeader;
use crate::{
    BoxError,
    boot::{Context, Worker},
    db::Tx,
    fault::Fault,
    metrics,
    scope::Scope,
    stop::Tasks,
    telemetry::{self, Trace},
};

/// Handles the events of one feed.
pub trait Follower: Send + Sync + 'static {
    /// The event message.
    type Event: HasHeader + Send + 'static;
    /// Name of the context whose feed it is.
    const FEED: &'static str;

    /// Opens the stream after a position.
    fn open(
        &self,
        after: i64,
    ) -> impl Future<Output = Result<Streaming<Self::Event>, Fault>> + Send;

    /// Handles one event in a transaction that sees all tenants; the cursor moves with it.
    fn handle(
        &self,
        tx: &mut Tx,
        event: Self::Event,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Handles the events of one transaction, all of them new; by default one by one, each in its
    /// trace.
    fn handle_all(
        &self,
        tx: &mut Tx,
        events: Vec<Self::Event>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        async move {
            for event in events {
                let header = event.header();
                let trace = header.and_then(|header| Trace::parse(&header.traceparent));
                let position = header.map(|header| header.position);
                let span = tracing::info_span!("event", feed = Self::FEED, position);
                telemetry::within(trace, span, self.handle(tx, event)).await?;
            }
            Ok(())
        }
    }
}

/// Most events a transaction.
const BATCH: usize = 100;
/// Waits before the stream is opened again.
const PAUSE: Duration = Duration::from_millis(300);

/// The worker that runs a follower. It stops at an event that cannot be handled, loudly, and tries
/// again; nothing is skipped.
pub fn follow<F: Follower>(context: &Context, follower: F) -> Worker {
    let context = context.clone();
    Worker::new("feed-follower", async move {
        let mut pause = PAUSE;
        while !context.tasks.stopping() {
            match session(&context, &follower, &mut pause).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(
                        feed = F::FEED,
                        error = crate::fault::chain(&*error),
                        "feed interrupted"
                    );
                    context.token.renew().await;
                }
            }
            context.tasks.sleep(pause).await;
            pause = (pause * 2).min(PAUSE * 16);
        }
    })
}

/// Follows until the stream ends or something fails.
async fn session<F: Follower>(
    context: &Context,
    follower: &F,
    pause: &mut Duration,
) -> Result<(), BoxError> {
    let after = cursor(context, F::FEED).await?;
    let stream = match follower.open(after).await {
        Ok(stream) => stream,
        // the other context has not started yet
        Err(fault) if fault.is_transient() => return Ok(()),
        Err(fault) => return Err(fault.into()),
    };
    let mut chunks = std::pin::pin!(stream.ready_chunks(BATCH));
    while let Some(chunk) = next(&mut chunks, &context.tasks).await {
        let mut events = Vec::with_capacity(chunk.len());
        let mut broken = None;
        for item in chunk {
            match item {
                Ok(event) => events.push(event),
                Err(status) => broken = Some(status),
            }
        }
        handle(context, follower, events).await?;
        *pause = PAUSE;
        if let Some(status) = broken {
            tracing::debug!(feed = F::FEED, %status, "feed ended");
            return Ok(());
        }
    }
    Ok(())
}

async fn next<S>(stream: &mut S, tasks: &Tasks) -> Option<S::Item>
where
    S: futures::Stream + Unpin,
{
    tokio::select! {
        item = stream.next() => item,
        () = tasks.stopped() => None,
    }
}

async fn cursor(context: &Context, feed: &str) -> Result<i64, sqlx::Error> {
    let mut tx = context.db.begin(Scope::Whole("feed cursor")).await?;
    let position = sqlx::query_scalar!("select position from feed_cursor where feed = $1", feed)
        .fetch_optional(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(position.unwrap_or(0))
}

/// Handles a batch and moves the cursor, in one transaction.
async fn handle<F: Follower>(
    context: &Context,
    follower: &F,
    events: Vec<F::Event>,
) -> Result<(), BoxError> {
    let Some(last) = events
        .iter()
        .filter_map(|event| event.header())
        .map(|h| h.position)
        .max()
    else {
        return Ok(());
    };
    let mut tx = context
        .db
        .begin(Scope::Whole("events come from all tenants"))
        .await?;
    // creates the row or takes its lock: replicas take turns
    let done = sqlx::query_scalar!(
        "insert into feed_cursor as kept (feed, position) values ($1, 0)
         on conflict (feed) do update set position = kept.position
         returning position",
        F::FEED,
    )
    .fetch_one(tx.conn())
    .await?;
    let mut events = events;
    events.retain(|event| event.header().is_some_and(|header| header.position > done));
    if !events.is_empty() {
        follower.handle_all(&mut tx, events).await?;
    }
    sqlx::query!(
        "update feed_cursor set position = greatest(position, $2) where feed = $1",
        F::FEED,
        last
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    let position = i32::try_from(last).map_or(f64::MAX, f64::from);
    ::metrics::gauge!(metrics::FEED_POSITION, "context" => context.db.context(), "feed" => F::FEED)
        .set(position);
    Ok(())
}
