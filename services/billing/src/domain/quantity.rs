//! Quantities in days, printed with six decimals that add up (R-1403, R-1409).
//!
//! A second is 1/86,400 of a day, which no decimal fraction says exactly. Rounding each row by
//! itself would let the rows drift from their total, so rows are allocated by a running carry: with
//! `C` the seconds counted so far and `R` rounding half up to a millionth of a day, a row is worth
//! `R(C after it) - R(C before it)`. Rows of any contiguous group then sum to the printed quantity
//! of that group, at every level at once, as long as the order is the same at every level.

use std::fmt;

use super::usage::{DAY, Overflow, Seconds};

/// Millionths in a whole.
const MILLION: i128 = 1_000_000;

/// A printed quantity, in millionths of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

impl fmt::Display for Quantity {
    /// Up to six decimals without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / MILLION, self.0 % MILLION);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{rest:06}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

/// The running carry of one pool: all rows of one package on one subscription.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Carry {
    counted: Seconds,
}

impl Carry {
    /// Allocates the next row of the pool.
    pub(crate) fn take(&mut self, seconds: Seconds) -> Result<Quantity, Overflow> {
        let before = rounded(self.counted);
        self.counted = self.counted.plus(seconds)?;
        // Both are sums of non-negative seconds in order, so the difference is never negative.
        Ok(Quantity(rounded(self.counted) - before))
    }
}

/// Millionths of a day, half up. The product fits: 2^63 times 10^6 is below 2^83.
fn rounded(seconds: Seconds) -> i128 {
    let day = i128::from(DAY);
    (2 * i128::from(seconds.get()) * MILLION + day) / (2 * day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(n: i64) -> Seconds {
        Seconds::new(n).unwrap()
    }

    fn printed(n: i64) -> String {
        Carry::default().take(seconds(n)).unwrap().to_string()
    }

    #[test]
    fn r1403_a_whole_day_is_one_and_half_a_day_a_half() {
        assert_eq!(printed(DAY), "1");
        assert_eq!(printed(DAY / 2), "0.5");
        assert_eq!(printed(31 * DAY), "31");
        assert_eq!(printed(1), "0.000012");
        assert_eq!(printed(0), "0");
        assert_eq!(printed(DAY + DAY / 10), "1.1");
    }

    proptest! {
        #[test]
        fn r1409_rows_sum_to_the_rounded_total_and_are_less_than_a_unit_off(
            rows in proptest::collection::vec(0_i64..40_000_000, 0..200)
        ) {
            let mut carry = Carry::default();
            let mut sum = 0;
            for row in &rows {
                let Quantity(millionths) = carry.take(seconds(*row)).unwrap();
                sum += millionths;
                // |printed - exact| < 1, in 1/86,400 of a millionth.
                let error = millionths * i128::from(DAY) - i128::from(*row) * MILLION;
                prop_assert!(error.abs() < i128::from(DAY));
                prop_assert!(millionths >= 0);
                prop_assert!(*row != 0 || millionths == 0);
            }
            prop_assert_eq!(sum, rounded(seconds(rows.iter().sum())));
        }

        #[test]
        fn r1409_groups_allocated_at_once_equal_the_sum_of_their_rows(
            groups in proptest::collection::vec(proptest::collection::vec(1_i64..40_000_000, 1..6), 1..40)
        ) {
            let (mut rows, mut whole) = (Carry::default(), Carry::default());
            for group in &groups {
                let sum: i128 =
                    group.iter().map(|row| rows.take(seconds(*row)).unwrap().0).sum();
                let Quantity(at_once) = whole.take(seconds(group.iter().sum())).unwrap();
                prop_assert_eq!(sum, at_once);
            }
        }
    }
}
