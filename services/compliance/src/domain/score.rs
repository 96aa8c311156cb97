//! How well a name matches a listed one, and whether that is a hit.

use std::sync::Arc;

use super::{
    country::Country,
    entry::Kind,
    fixed::{FULL, share},
    index::{Index, Listed, Name},
    query::Query,
};

/// Score from which a person's name is a hit.
pub(crate) const PERSON: u32 = 800;
/// Score from which any other name is a hit.
pub(crate) const COMPANY: u32 = 850;
/// What an agreeing country adds, unless the name is exact.
pub(crate) const SAME_COUNTRY: u32 = 30;
/// What a differing country takes away, unless the name is exact: less, for addresses are chosen.
pub(crate) const OTHER_COUNTRY: u32 = 20;
/// What is taken away when only common words agree.
pub(crate) const COMMON: u32 = 100;
/// What the same letters with other spaces score.
const JOINED: u32 = 980;
/// Similarity that counts as equal for a name of one word: one edit in nine letters or more.
const CLOSE: u32 = 880;
/// Longest acronym, in letters.
const ACRONYM: usize = 4;

/// Words alike to a word of the query: dictionary id and similarity, by id.
pub(crate) type Found = Arc<Vec<(u32, u32)>>;

/// A name that is a hit, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Which listed name, in the index.
    pub name: u32,
    /// From 0 to 1000.
    pub score: u32,
    /// What it had to reach.
    pub threshold: u32,
    /// How the names agree.
    pub basis: Basis,
    /// How the countries agree.
    pub country: Agreement,
}

/// How two names agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// All core words are equal.
    Exact,
    /// The letters are equal, the spaces are not.
    Joined,
    /// Words are alike.
    Alike {
        /// The pairs: word of the query, word of the listed name, similarity.
        pairs: Vec<(usize, usize, u32)>,
        /// Share of the query that was found.
        asked: u32,
        /// Share of the listed name that was found.
        listed: u32,
        /// Whether only common words agree.
        common: bool,
    },
}

/// How the countries agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// One of the entry's is the party's.
    Same,
    /// Both are known, and differ.
    Differs,
    /// One side has none.
    Unknown,
}

/// Whether these shares could make a hit at best.
pub(crate) fn could_reach(asked: u32, listed: u32) -> bool {
    mix(asked, listed, MOST) + SAME_COUNTRY >= PERSON
}

/// The better share counts for `better` tenths, the worse for the rest.
fn mix(a: u32, b: u32, better: u32) -> u32 {
    (a.max(b) * better + a.min(b) * (10 - better)) / 10
}

/// Whether the country of a party agrees with those of an entry.
pub(crate) fn agreement(country: Option<Country>, listed: &Listed) -> Agreement {
    match country {
        Some(country) if listed.entry.countries.contains(&country) => Agreement::Same,
        Some(_) if !listed.entry.countries.is_empty() => Agreement::Differs,
        _ => Agreement::Unknown,
    }
}

/// A hit on the same letters.
pub(crate) fn joined(index: &Index, id: u32, country: Option<Country>) -> Match {
    let name = &index.names[super::fixed::wide(id)];
    Match {
        name: id,
        score: JOINED,
        threshold: COMPANY,
        basis: Basis::Joined,
        country: agreement(country, index.listed(name)),
    }
}

/// Scores a listed name; `None` when it is no hit.
pub(crate) fn judge(
    index: &Index,
    query: &Query,
    near: &[Found],
    id: u32,
    country: Option<Country>,
) -> Option<Match> {
    let name = &index.names[super::fixed::wide(id)];
    let listed = index.listed(name);
    let pairs = pairs(index, query, near, name);
    let weighted = |weight: u32, alike: u32| u64::from(weight) * u64::from(alike);
    let (mut asked_part, mut listed_part, mut best) = (0, 0, 0);
    for &(i, j, alike) in &pairs {
        let weight = index.dictionary.weight(name.words[j].id);
        asked_part += weighted(query.words[i].weight(), alike);
        listed_part += weighted(weight, alike);
        best = best.max(weight);
    }
    let whole = |total: u32| u64::from(total) * u64::from(FULL);
    let asked_share = share(asked_part, whole(query.total));
    let listed_share = share(listed_part, whole(name.total));
    let country = agreement(country, listed);
    let threshold = threshold(query, name, listed.entry.kind);
    if asked_share == FULL && listed_share == FULL {
        let ambiguous = is_acronym(index, query, name) && name.number > 0;
        let hit = !(ambiguous && country == Agreement::Differs);
        return hit.then_some(Match {
            name: id,
            score: FULL,
            threshold,
            basis: Basis::Exact,
            country,
        });
    }
    if !one_word_rule(index, query, name, &pairs, country) {
        return None;
    }
    let better = better(query, name, &pairs, threshold);
    let mut score = mix(asked_share, listed_share, better);
    let common = index.dictionary.is_common(best);
    if common {
        score = score.saturating_sub(COMMON);
    }
    match country {
        Agreement::Same => score = (score + SAME_COUNTRY).min(FULL - 1),
        Agreement::Differs => score = score.saturating_sub(OTHER_COUNTRY),
        Agreement::Unknown => {}
    }
    let basis = Basis::Alike {
        pairs,
        asked: asked_share,
        listed: listed_share,
        common,
    };
    (score >= threshold).then_some(Match {
        name: id,
        score,
        threshold,
        basis,
        country,
    })
}

/// How many tenths the better share counts for. People leave out middle names, so a person's name
/// that is found whole within a longer one counts more; a listed word within a longer name says less.
fn better(query: &Query, name: &Name, pairs: &[(usize, usize, u32)], threshold: u32) -> u32 {
    match (query.core, name.core) {
        (2.., 1) => 4,
        (asked @ 2.., 3..) if threshold == PERSON && pairs.len() >= asked => MOST,
        _ => 6,
    }
}

/// The most that the better share counts for, in tenths.
const MOST: u32 = 7;

/// Pairs each word with at most one of the other side, most valuable first.
fn pairs(index: &Index, query: &Query, near: &[Found], name: &Name) -> Vec<(usize, usize, u32)> {
    let mut all = Vec::new();
    for (i, near) in near.iter().enumerate() {
        for (j, held) in name.words.iter().enumerate().filter(|(_, held)| held.core) {
            if let Ok(at) = near.binary_search_by_key(&held.id, |(id, _)| *id) {
                let alike = near[at].1;
                let weight = query.words[i].weight() + index.dictionary.weight(held.id);
                all.push((
                    std::cmp::Reverse(u64::from(alike) * u64::from(weight)),
                    i,
                    j,
                    alike,
                ));
            }
        }
    }
    all.sort_unstable();
    let mut taken = (
        vec![false; query.words.len()],
        vec![false; name.words.len()],
    );
    let mut pairs = Vec::new();
    for (_, i, j, alike) in all {
        if !taken.0[i] && !taken.1[j] {
            taken.0[i] = true;
            taken.1[j] = true;
            pairs.push((i, j, alike));
        }
    }
    pairs
}

fn threshold(query: &Query, name: &Name, kind: Kind) -> u32 {
    let person = match kind {
        Kind::Person => true,
        Kind::Unknown => !name.legal,
        Kind::Entity | Kind::Vessel | Kind::Aircraft => false,
    };
    if person && !query.legal {
        PERSON
    } else {
        COMPANY
    }
}

/// A name of one word is a hit only if that word is equal (or long and all but equal) or the country
/// agrees; an acronym only if it is equal and the country agrees.
fn one_word_rule(
    index: &Index,
    query: &Query,
    name: &Name,
    pairs: &[(usize, usize, u32)],
    country: Agreement,
) -> bool {
    if query.core > 1 && name.core > 1 {
        return true;
    }
    let closest = pairs
        .iter()
        .map(|(_, _, alike)| *alike)
        .max()
        .unwrap_or_default();
    let same = country == Agreement::Same;
    if is_acronym(index, query, name) {
        closest == FULL && same
    } else {
        closest >= CLOSE || same
    }
}

/// Whether one side is nothing but a few letters.
fn is_acronym(index: &Index, query: &Query, name: &Name) -> bool {
    let asked = query
        .words
        .iter()
        .find(|word| word.core)
        .map(|word| word.letters.len());
    let held = name.words.iter().find(|held| held.core);
    let listed = held.map(|held| index.dictionary.word(held.id).len());
    let few = |length: Option<usize>| length.is_some_and(|length| length <= ACRONYM);
    (query.core == 1 && few(asked)) || (name.core == 1 && few(listed))
}
