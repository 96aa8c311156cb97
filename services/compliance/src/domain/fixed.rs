//! Whole-number arithmetic of the scorer: shares in thousandths, logarithms in 1/1024 bit.
//!
//! No floating point, so that a score is the same on every machine and can be recomputed years later.

/// A full score, a full share.
pub(crate) const FULL: u32 = 1000;

/// An index from a stored 32-bit id.
pub(crate) fn wide(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// A stored 32-bit id or count; saturates, and no list comes near.
pub(crate) fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// `part` of `whole` in thousandths, at most [`FULL`]; nothing of nothing is nothing.
pub(crate) fn share(part: u64, whole: u64) -> u32 {
    if whole == 0 {
        return 0;
    }
    let share = part.saturating_mul(u64::from(FULL)) / whole;
    u32::try_from(share).map_or(FULL, |share| share.min(FULL))
}

/// Binary logarithm in 1/1024 bit, linear between powers of two; 0 for 0 and 1.
pub(crate) fn log2(n: u64) -> u32 {
    let Some(whole) = n.checked_ilog2() else {
        return 0;
    };
    let fraction = (u128::from(n) << 10 >> whole) - 1024;
    whole * 1024 + u32::try_from(fraction).unwrap_or(1023)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithm_grows_and_is_exact_at_powers_of_two() {
        assert_eq!(log2(0), 0);
        assert_eq!(log2(1), 0);
        assert_eq!(log2(1024), 10 * 1024);
        assert!((1..5000).all(|n| log2(n) <= log2(n + 1)));
    }

    #[test]
    fn a_share_never_exceeds_the_whole() {
        assert_eq!(share(1, 3), 333);
        assert_eq!(share(5, 3), FULL);
        assert_eq!(share(5, 0), 0);
        assert_eq!(share(u64::MAX, 1), FULL);
    }
}
