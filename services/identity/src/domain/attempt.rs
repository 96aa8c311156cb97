//! What stops guessing: after some failures in a row an address has to wait, longer each time.
//!
//! A try is counted before it is made and forgotten when it was right, so that many tries at once win
//! nothing. The address is counted as it was typed: one that nobody has is counted like any other.

use chrono::TimeDelta;

/// Seconds to wait after each failure in a row; the last stands for all that follow.
pub(crate) const WAITS: [i32; 11] = [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900];

/// Failures are forgotten when nobody has tried for this long.
pub(crate) const MEMORY: TimeDelta = TimeDelta::hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_are_free_and_waits_double_up_to_a_quarter_of_an_hour() {
        let free = WAITS.iter().take_while(|wait| **wait == 0).count();
        assert_eq!(free + 1, 5, "the wait comes after the fifth");
        for pair in WAITS[free..].windows(2) {
            assert!(pair[1] == (pair[0] * 2).min(900), "{pair:?}");
        }
        assert_eq!(WAITS.last(), Some(&900));
    }
}
