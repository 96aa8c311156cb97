//! Closed loops: every client sends its next request when it has the answer to the last one.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use kit::BoxError;
use tokio::task::JoinSet;

/// Longest time that is told apart, in microseconds.
const LONGEST: u64 = 120_000_000;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Amount {
    /// So many.
    Count(u64),
    /// As many as fit into this time.
    Time(Duration),
}

/// What a loop came to.
#[derive(Debug)]
pub(super) struct Sample {
    histogram: Histogram<u64>,
    took: Duration,
}

impl Sample {
    /// How many.
    pub(super) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// How many a second.
    pub(super) fn per_second(&self) -> u64 {
        per_second(self.count(), self.took)
    }

    /// The median, in microseconds.
    pub(super) fn p50(&self) -> u64 {
        self.histogram.value_at_quantile(0.5)
    }

    /// What one in a hundred exceeds, in microseconds.
    pub(super) fn p99(&self) -> u64 {
        self.histogram.value_at_quantile(0.99)
    }
}

/// A rate.
pub(super) fn per_second(count: u64, took: Duration) -> u64 {
    count.saturating_mul(1_000_000) / micros(took).max(1)
}

/// A duration in microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Runs `work(client, n)` over and over from a number of clients; `n` counts over all of them. The
/// first failure ends it: a benchmark of errors is none.
pub(super) async fn closed_loop<W, F>(
    clients: usize,
    amount: Amount,
    work: W,
) -> Result<Sample, BoxError>
where
    W: Fn(usize, u64) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), BoxError>> + Send,
{
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut loops = JoinSet::new();
    for client in 0..clients {
        let (work, next) = (work.clone(), Arc::clone(&next));
        loops.spawn(async move {
            let mut histogram = Histogram::new_with_bounds(1, LONGEST, 3)?;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let over = match amount {
                    Amount::Count(count) => n >= count,
                    Amount::Time(time) => began.elapsed() >= time,
                };
                if over {
                    return Ok::<_, BoxError>(histogram);
                }
                let from = Instant::now();
                work(client, n).await?;
                histogram.saturating_record(micros(from.elapsed()));
            }
        });
    }
    let mut histogram = Histogram::new_with_bounds(1, LONGEST, 3)?;
    while let Some(ended) = loops.join_next().await {
        histogram.add(ended??)?;
    }
    Ok(Sample {
        histogram,
        took: began.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_count_is_met_exactly_by_any_number_of_clients() {
        for clients in [1, 3, 16] {
            let sample = closed_loop(clients, Amount::Count(100), |_, _| async { Ok(()) })
                .await
                .unwrap();
            assert_eq!(sample.count(), 100);
        }
    }

    #[tokio::test]
    async fn a_failure_ends_the_loop() {
        let work = |_, n| async move { if n < 5 { Ok(()) } else { Err("no more".into()) } };
        let outcome = closed_loop(2, Amount::Time(Duration::from_mins(1)), work).await;
        assert_eq!(outcome.unwrap_err().to_string(), "no more");
    }

    #[test]
    fn rates_are_whole_numbers() {
        assert_eq!(per_second(10, Duration::from_secs(4)), 2);
        assert_eq!(per_second(10, Duration::ZERO), 10_000_000);
    }
}
