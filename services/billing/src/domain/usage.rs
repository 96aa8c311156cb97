//! Intervals of use, in whole seconds of UTC.
//!
//! Instants are truncated to the second, never rounded; intervals are half-open; an interval that
//! is empty after truncation is no usage. A day always has 86,400 seconds, so a sum of seconds loses
//! nothing however a period is cut up.

use chrono::{DateTime, NaiveDate, Utc};

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// How far the clocks of two machines may differ: an end that is earlier than its start by no more
/// than this is an empty interval; by more, it is a lie.
pub(crate) const CLOCK_SKEW: i64 = 60;

/// A sum left the range of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("usage does not fit into 64 bits")]
pub(crate) struct Overflow;

/// An assignment that ended before it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("usage that began at second {started} ended at second {ended}")]
pub(crate) struct EndsBeforeStart {
    /// Beginning.
    pub(crate) started: i64,
    /// End.
    pub(crate) ended: i64,
}

/// An amount of use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seconds(i64);

impl Seconds {
    /// An amount; `None` when negative.
    pub(crate) fn new(seconds: i64) -> Option<Self> {
        (seconds >= 0).then_some(Self(seconds))
    }

    /// The number.
    pub(crate) fn get(self) -> i64 {
        self.0
    }

    /// The sum.
    pub(crate) fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }
}

/// The second in which an instant lies.
pub(crate) fn second(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

/// The first second of a day.
pub(crate) fn midnight(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// A half-open interval of use; without an end it still goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// First second.
    pub(crate) started: i64,
    /// First second after it.
    pub(crate) ended: Option<i64>,
}

impl Interval {
    /// An assignment that ended; `None` when nothing is left of it.
    pub(crate) fn closed(started: i64, ended: i64) -> Result<Option<Self>, EndsBeforeStart> {
        if ended > started {
            return Ok(Some(Self {
                started,
                ended: Some(ended),
            }));
        }
        if started.saturating_sub(ended) > CLOCK_SKEW {
            return Err(EndsBeforeStart { started, ended });
        }
        Ok(None)
    }

    /// What of it lies in the window and not before the customer's first billed day (R-1402).
    pub(crate) fn clip(self, window: Window, billed_from: Option<NaiveDate>) -> Seconds {
        let deferral = billed_from.map_or(i64::MIN, midnight);
        let from = self.started.max(window.from).max(deferral);
        let to = self.ended.unwrap_or(i64::MAX).min(window.to);
        Seconds::new(to.saturating_sub(from)).unwrap_or_default()
    }
}

/// A window of whole days, half-open in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// First second.
    pub(crate) from: i64,
    /// First second after it.
    pub(crate) to: i64,
}

impl Window {
    /// The window of two inclusive dates; `None` when they are in the wrong order.
    pub(crate) fn of_days(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        let (from, to) = (midnight(first), midnight(last).checked_add(DAY)?);
        (from < to).then_some(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(offset: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(offset)
    }

    /// Counts second by second what `clip` computes at once; times are divided by an hour so that
    /// the count is short.
    fn naive(interval: Interval, window: Window, billed_from: Option<NaiveDate>) -> i64 {
        let mut hours = 0;
        let mut at = window.from;
        while at < window.to {
            let runs = at >= interval.started && interval.ended.is_none_or(|ended| at < ended);
            let billed = billed_from.is_none_or(|day| at >= midnight(day));
            hours += i64::from(runs && billed);
            at += 3_600;
        }
        hours * 3_600
    }

    proptest! {
        #[test]
        fn r1402_clip_equals_counting(
            start in -50_i64..150, length in 0_i64..200, open: bool,
            first in 0_u64..4, days in 0_u64..4, deferral in proptest::option::of(0_u64..6),
        ) {
            let base = midnight(day(0));
            let started = base + start * 3_600;
            let interval = Interval { started, ended: (!open).then_some(started + length * 3_600) };
            let window = Window::of_days(day(first), day(first + days)).unwrap();
            let deferral = deferral.map(day);
            prop_assert_eq!(
                interval.clip(window, deferral).get(),
                naive(interval, window, deferral)
            );
        }

        #[test]
        fn r1403_splitting_a_window_loses_nothing(
            start in -200_000_i64..800_000, length in 0_i64..800_000, cut in 0_u64..6,
        ) {
            let started = midnight(day(0)) + start;
            let interval = Interval { started, ended: Some(started + length) };
            let whole = interval.clip(Window::of_days(day(0), day(6)).unwrap(), None);
            let left = interval.clip(Window::of_days(day(0), day(cut)).unwrap(), None);
            let right = interval.clip(Window::of_days(day(cut + 1), day(7)).unwrap(), None);
            let last = interval.clip(Window::of_days(day(7), day(7)).unwrap(), None);
            prop_assert_eq!(
                whole.plus(last).unwrap(),
                left.plus(right).unwrap()
            );
        }
    }

    #[test]
    fn r1402_an_interval_of_no_length_is_no_usage() {
        assert_eq!(Interval::closed(10, 10), Ok(None));
        assert_eq!(Interval::closed(10, 9), Ok(None));
        assert_eq!(
            Interval::closed(1_000, 10),
            Err(EndsBeforeStart {
                started: 1_000,
                ended: 10
            })
        );
    }

    #[test]
    fn r1402_instants_are_cut_to_the_second() {
        let at = DateTime::from_timestamp(1_700_000_000, 999_999_999).unwrap();
        assert_eq!(second(at), 1_700_000_000);
    }
}
