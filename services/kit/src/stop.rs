//! Stopping without loss: a soft stop (finish what you hold), then a hard one.

use std::{future::Future, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

/// The background work of a process.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
}

/// Whether everything ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All work was finished.
    Drained,
    /// Some had to be cut off.
    Cut,
}

impl Tasks {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// True once the process is to end: take no new work.
    pub fn stopping(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Waits for the soft stop.
    pub async fn stopped(&self) {
        self.soft.cancelled().await;
    }

    /// Waits, or until the soft stop; true when it may go on.
    pub async fn sleep(&self, duration: Duration) -> bool {
        tokio::select! {
            () = self.soft.cancelled() => false,
            () = tokio::time::sleep(duration) => true,
        }
    }

    /// Asks everything to end.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Starts a task that shutdown waits for.
    pub fn spawn<F>(&self, name: &'static str, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let hard = self.hard.clone();
        let soft = self.soft.clone();
        let span = tracing::info_span!("task", name);
        self.tracker.spawn(
            async move {
                let work = std::panic::AssertUnwindSafe(future);
                tokio::select! {
                    () = hard.cancelled() => tracing::warn!(name, "task cut off"),
                    outcome = futures::FutureExt::catch_unwind(work) => if outcome.is_err() {
                        // a worker that is gone must not look like one that is idle
                        tracing::error!(name, "task panicked; stopping the process");
                        soft.cancel();
                    },
                }
            }
            .instrument(span),
        );
    }

    /// Soft stop, then up to `patience` for the work to end, then the hard stop.
    pub async fn drain(&self, patience: Duration) -> Ended {
        self.soft.cancel();
        self.tracker.close();
        if tokio::time::timeout(patience, self.tracker.wait())
            .await
            .is_ok()
        {
            return Ended::Drained;
        }
        self.hard.cancel();
        self.tracker.wait().await;
        Ended::Cut
    }
}
