//! How alike two words are.

use super::fixed::{FULL, narrow};

/// How many edits a word of this length may differ by.
pub(crate) fn budget(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

/// Similarity of two words in thousandths; 0 when they differ by more than the shorter one's
/// budget. Words with a digit must be equal: `11420` is not `11421`.
pub(crate) fn similarity(a: &[char], b: &[char]) -> u32 {
    if a == b {
        return FULL;
    }
    let budget = budget(a.len().min(b.len()));
    if a.len().abs_diff(b.len()) > budget || a.iter().chain(b).any(|letter| letter.is_numeric()) {
        return 0;
    }
    let Some(edits) = edits(a, b, budget) else {
        return 0;
    };
    FULL - narrow(edits) * FULL / narrow(a.len().max(b.len()))
}

/// Optimal string alignment distance: insert, delete, replace, swap neighbours; `None` when it is
/// more than `most`.
fn edits(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for (i, &x) in a.iter().enumerate() {
        row[0] = i + 1;
        let mut smallest = row[0];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
            smallest = smallest.min(cost);
        }
        if smallest > most {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[b.len()]).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> u32 {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        similarity(&letters(a), &letters(b))
    }

    #[test]
    fn edits_are_counted_within_the_budget_of_the_shorter_word() {
        assert_eq!(alike("viktor", "viktor"), 1000);
        assert_eq!(alike("viktor", "vitkor"), 834);
        assert_eq!(alike("kroger", "kruger"), 834);
        assert_eq!(alike("ali", "alo"), 667);
        assert_eq!(alike("al", "el"), 0);
        assert_eq!(alike("abcde", "abxye"), 0);
        assert_eq!(alike("international", "internatonial"), 847);
    }

    #[test]
    fn digits_must_be_equal() {
        assert_eq!(alike("11420", "11421"), 0);
        assert_eq!(alike("a320", "a321"), 0);
        assert_eq!(alike("11420", "11420"), 1000);
    }
}
