//! Time as an argument. The only place that reads the system clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use prost_types::Timestamp;

/// Tells the time, in microseconds: what PostgreSQL keeps is what we compare with.
#[derive(Debug, Clone)]
pub struct Clock {
    /// A frozen instant, or none for the system's clock.
    frozen: Option<DateTime<Utc>>,
    /// Microseconds that were added by [`Clock::advance`].
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self {
            frozen: None,
            offset: Arc::default(),
        }
    }

    /// The system's clock, moved by `offset`: the demo onboards customers in the past.
    pub fn shifted(offset: TimeDelta) -> Self {
        let clock = Self::system();
        clock.advance(offset);
        clock
    }

    /// A clock that stands still until it is advanced.
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self {
            frozen: Some(at),
            offset: Arc::default(),
        }
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that may")]
        let base = self.frozen.unwrap_or_else(Utc::now);
        let micros = base.timestamp_micros() + self.offset.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(micros).unwrap_or(base)
    }

    /// Moves the clock, and all its clones.
    pub fn advance(&self, by: TimeDelta) {
        self.offset
            .fetch_add(by.num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }
}

/// As it stands in a message.
pub fn to_proto(at: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

/// From a message; none when it lies outside of what a date can be.
pub fn from_proto(at: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_every_clone() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let clock = Clock::manual(start);
        let other = clock.clone();
        clock.advance(TimeDelta::hours(2));
        assert_eq!(other.now(), start + TimeDelta::hours(2));
    }

    #[test]
    fn timestamps_survive_the_message() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        assert_eq!(from_proto(&to_proto(at)), Some(at));
    }
}
