//! The words of all listed names, found again in spite of misspellings.
//!
//! Each word is filed under what remains of its first letters when up to its budget of them is left
//! out (a deletion neighbourhood). Two words within a budget of each other share such a remainder, so
//! a look-up sees all of them and little else; the true distance is then computed.

use std::collections::{HashMap, HashSet};

use super::{
    distance::{budget, similarity},
    fixed::{log2, narrow, wide},
};

/// Letters that are filed; more only makes the index larger.
const FILED: usize = 8;

/// Similarity from which an unknown word is taken for a known one, as far as its weight goes.
const MISSPELT: u32 = 700;

/// What a letter of an unknown word can tell at most, in 1/1024 bit: a few letters are more often a
/// misspelt legal form than a name.
const LETTER: u32 = 2560;

/// A word as letters.
pub(crate) type Letters = Box<[char]>;

/// See the module.
#[derive(Default)]
pub(crate) struct Dictionary {
    words: Vec<Letters>,
    ids: HashMap<Letters, u32>,
    weights: Vec<u32>,
    rare: u32,
    common: u32,
    /// Hash of a remainder in the upper half, id of a word in the lower, sorted.
    remainders: Vec<u64>,
}

impl Dictionary {
    /// The id of a word, new if need be.
    pub(crate) fn intern(&mut self, word: &str) -> u32 {
        let letters: Letters = word.chars().collect();
        if let Some(id) = self.ids.get(&letters) {
            return *id;
        }
        let id = narrow(self.words.len());
        self.words.push(letters.clone());
        self.ids.insert(letters, id);
        id
    }

    /// Weighs the words, given in how many of the `entries` each occurs, and files them.
    pub(crate) fn finish(&mut self, occurrences: &[u32], entries: usize) {
        let entries = u64::from(narrow(entries));
        let weight = |occurrences: u64| {
            let occurrences = occurrences.max(1);
            log2((entries + occurrences) * 1024 / occurrences).saturating_sub(10 * 1024)
        };
        self.weights = occurrences.iter().map(|n| weight(u64::from(*n))).collect();
        self.rare = weight(1);
        self.common = weight(entries.isqrt().max(2));
        let mut remainders = Vec::new();
        for (id, word) in self.words.iter().enumerate() {
            let id = u64::from(narrow(id));
            each_remainder(word, |hash| remainders.push(u64::from(hash) << 32 | id));
        }
        remainders.sort_unstable();
        remainders.dedup();
        self.remainders = remainders;
    }

    /// The id of exactly this word.
    pub(crate) fn id(&self, word: &[char]) -> Option<u32> {
        self.ids.get(word).copied()
    }

    /// The letters of a word.
    pub(crate) fn word(&self, id: u32) -> &[char] {
        self.words.get(wide(id)).map_or(&[], AsRef::as_ref)
    }

    /// How much a word tells: the rarer it is among the entries, the more. In 1/1024 bit.
    pub(crate) fn weight(&self, id: u32) -> u32 {
        self.weights.get(wide(id)).copied().unwrap_or(self.rare)
    }

    /// The same for a word that may be unknown: a misspelt common word is still a common one.
    pub(crate) fn weight_of(&self, word: &[char]) -> u32 {
        if let Some(id) = self.id(word) {
            return self.weight(id);
        }
        let near = self.near(word);
        let near = near.iter().filter(|(_, alike)| *alike >= MISSPELT);
        near.map(|(id, _)| self.weight(*id))
            .min()
            .unwrap_or_else(|| self.rare.min(narrow(word.len()) * LETTER))
    }

    /// Whether a word of this weight is so common that it names nobody.
    pub(crate) fn is_common(&self, weight: u32) -> bool {
        weight <= self.common
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// All words alike, with their similarity, by id.
    pub(crate) fn near(&self, word: &[char]) -> Vec<(u32, u32)> {
        let mut seen = HashSet::new();
        let mut near = Vec::new();
        each_remainder(word, |hash| {
            let start = u64::from(hash) << 32;
            let from = self.remainders.partition_point(|filed| *filed < start);
            for filed in self.remainders.get(from..).unwrap_or_default() {
                if filed >> 32 != u64::from(hash) {
                    break;
                }
                let id = u32::try_from(filed & u64::from(u32::MAX)).unwrap_or_default();
                if seen.insert(id) {
                    let alike = similarity(word, self.word(id));
                    if alike > 0 {
                        near.push((id, alike));
                    }
                }
            }
        });
        near.sort_unstable();
        near
    }
}

/// Hands out the hash of each remainder of a word, some more than once.
fn each_remainder(word: &[char], mut take: impl FnMut(u32)) {
    let filed = &word[..word.len().min(FILED)];
    // Words with digits are only ever found as they are.
    let most = if word.iter().any(|letter| letter.is_numeric()) {
        0
    } else {
        budget(word.len())
    };
    let mut left_out = [usize::MAX; 3];
    leave_out(filed, &mut left_out, 0, 0, most, &mut take);
}

fn leave_out(
    word: &[char],
    left_out: &mut [usize; 3],
    depth: usize,
    from: usize,
    most: usize,
    take: &mut impl FnMut(u32),
) {
    take(hash(word, &left_out[..depth]));
    if depth == most {
        return;
    }
    for at in from..word.len() {
        left_out[depth] = at;
        leave_out(word, left_out, depth + 1, at + 1, most, take);
    }
}

/// FNV-1a over the letters that are left, folded to 32 bits; a collision costs one comparison.
fn hash(word: &[char], left_out: &[usize]) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (at, letter) in word.iter().enumerate() {
        if !left_out.contains(&at) {
            hash = (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0100_0000_01b3);
        }
    }
    u32::try_from((hash ^ hash >> 32) & u64::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_alike_word_is_found(
            words in prop::collection::vec("[abc]{1,4}|[ab]{5,9}|[abx1]{9,13}", 1..60),
            asked in "[abc]{1,4}|[ab]{5,9}|[abx1]{9,13}",
        ) {
            let mut dictionary = Dictionary::default();
            for word in &words {
                dictionary.intern(word);
            }
            dictionary.finish(&vec![1; dictionary.len()], words.len());
            let asked: Vec<char> = asked.chars().collect();
            let expected: Vec<(u32, u32)> = (0..narrow(dictionary.len()))
                .map(|id| (id, similarity(&asked, dictionary.word(id))))
                .filter(|(_, alike)| *alike > 0)
                .collect();
            prop_assert_eq!(dictionary.near(&asked), expected);
        }
    }

    #[test]
    fn rare_words_weigh_more() {
        let mut dictionary = Dictionary::default();
        let (rare, common) = (dictionary.intern("rare"), dictionary.intern("common"));
        dictionary.finish(&[1, 500], 1000);
        assert!(dictionary.weight(rare) > 5 * dictionary.weight(common));
        assert_eq!(dictionary.weight_of(&['x'; 9]), dictionary.weight(rare));
        assert!(dictionary.is_common(dictionary.weight(common)));
        assert!(!dictionary.is_common(dictionary.weight(rare)));
    }
}
