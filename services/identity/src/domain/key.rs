//! Keys that sign tokens, and when one follows the other.
//!
//! next (published a day ahead) → active (30 days) → retiring (until the last token that it signed has
//! ended) → retired.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a key signs.
const ACTIVE: TimeDelta = TimeDelta::days(30);
/// How long a key is published before it signs.
const AHEAD: TimeDelta = TimeDelta::hours(24);
/// How long a key verifies after its successor began to sign: longer than any token lives.
const RETIRING: TimeDelta = TimeDelta::minutes(16);

/// What a key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAlgorithm {
    /// Ed25519: access tokens.
    EdDsa,
    /// P-256, for those who know no Ed25519.
    Es256,
}

impl KeyAlgorithm {
    /// Every algorithm.
    pub(crate) const ALL: [Self; 2] = [Self::EdDsa, Self::Es256];

    /// As it is stored and published.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// The life of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Life {
    /// The key.
    pub(crate) key_id: String,
    /// What it signs with.
    pub(crate) algorithm: KeyAlgorithm,
    /// Its place among the keys of its algorithm.
    pub(crate) generation: i32,
    /// Since when it may sign.
    pub(crate) in_force_at: DateTime<Utc>,
}

/// The half of a key that everybody may see.
#[derive(Debug)]
pub(crate) struct PublicKey {
    /// Its id, the `kid` of a token.
    pub(crate) key_id: String,
    /// What it signs with.
    pub(crate) algorithm: KeyAlgorithm,
    /// The public point.
    pub(crate) point: Vec<u8>,
}

/// When the key after the newest one is to be in force, if it is time to make it.
pub(crate) fn next(newest: Option<&Life>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let Some(newest) = newest else {
        return Some(now);
    };
    let due = newest.in_force_at + ACTIVE;
    (due - AHEAD <= now).then(|| due.max(now + AHEAD))
}

/// The key that signs: the newest one in force; or the oldest of all, where clocks differ.
pub(crate) fn signing<'a>(
    keys: impl Iterator<Item = &'a Life> + Clone,
    now: DateTime<Utc>,
) -> Option<&'a Life> {
    let in_force = keys.clone().filter(|key| key.in_force_at <= now);
    in_force
        .max_by_key(|key| key.generation)
        .or_else(|| keys.min_by_key(|key| key.generation))
}

/// The keys of one algorithm whose last token has ended.
pub(crate) fn outlived(keys: &[Life], now: DateTime<Utc>) -> Vec<&Life> {
    let followed = |key: &&Life| {
        let over = |other: &Life| other.in_force_at + RETIRING <= now;
        keys.iter()
            .any(|other| other.generation > key.generation && over(other))
    };
    keys.iter().filter(followed).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    const DAY: i64 = 24 * 60;

    fn key(generation: i32, in_force: i64) -> Life {
        Life {
            key_id: generation.to_string(),
            algorithm: KeyAlgorithm::EdDsa,
            generation,
            in_force_at: at(in_force),
        }
    }

    #[test]
    fn a25_a_new_key_is_published_a_day_before_it_signs() {
        assert_eq!(next(None, at(0)), Some(at(0)));
        let first = key(1, 0);
        assert_eq!(next(Some(&first), at(29 * DAY - 1)), None);
        assert_eq!(next(Some(&first), at(29 * DAY)), Some(at(30 * DAY)));
        // nobody was awake for a year
        assert_eq!(next(Some(&first), at(365 * DAY)), Some(at(366 * DAY)));
    }

    #[test]
    fn a25_the_newest_key_in_force_signs() {
        let keys = [key(1, 0), key(2, 30 * DAY)];
        assert_eq!(signing(keys.iter(), at(30 * DAY - 1)), Some(&keys[0]));
        assert_eq!(signing(keys.iter(), at(30 * DAY)), Some(&keys[1]));
        assert_eq!(
            signing(keys.iter(), at(-5)),
            Some(&keys[0]),
            "a clock behind"
        );
        assert_eq!(signing([].iter(), at(0)), None);
    }

    proptest! {
        /// Whenever the worker looks, no key goes whose token could live, and one is always there.
        #[test]
        fn a25_rotation_keeps_what_living_tokens_need(gaps in prop::collection::vec(1..40 * DAY, 1..30)) {
            let (mut keys, mut now) = (Vec::<Life>::new(), 0);
            let mut retired: Vec<i32> = Vec::new();
            for gap in gaps {
                if let Some(in_force_at) = next(keys.last(), at(now)) {
                    let ahead = keys.is_empty() || in_force_at >= at(now + DAY);
                    prop_assert!(ahead, "published a day ahead");
                    let generation = i32::try_from(keys.len() + retired.len()).unwrap() + 1;
                    keys.push(Life { in_force_at, ..key(generation, 0) });
                }
                let signs = signing(keys.iter(), at(now)).cloned();
                prop_assert!(signs.is_some());
                let signed_lately = signing(keys.iter(), at(now - 15)).cloned();
                let gone: Vec<i32> = outlived(&keys, at(now)).iter().map(|k| k.generation).collect();
                for key in signs.into_iter().chain(signed_lately) {
                    prop_assert!(!gone.contains(&key.generation));
                }
                keys.retain(|key| !gone.contains(&key.generation));
                retired.extend(gone);
                prop_assert!(keys.len() <= 3);
                now += gap;
            }
        }
    }
}
