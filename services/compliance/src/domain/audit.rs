//! The chain of hashes over what was done: who changes, takes out, adds or moves a row breaks it.
//!
//! ```text
//! hash(n) = SHA-256( hash(n-1) ‖ n ‖ event id ‖ occurred ‖ recorded ‖ context ‖ tracking id ‖ content )
//! hash(0) = SHA-256( tenant )
//! ```
//!
//! Numbers are eight bytes, times are microseconds, and texts have their length in front. So whoever
//! notes the last hash can tell later that nothing before it was changed, the end not cut off, and the
//! chain not exchanged for a tenant's other one.

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use kit::id::PartnerId;
use uuid::Uuid;

/// A hash.
pub(crate) type Hash = [u8; 32];

/// An act as it stands in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Place in the chain, from 1.
    pub sequence: i64,
    /// Id of the event.
    pub event_id: Uuid,
    /// The context that told it.
    pub context: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was added.
    pub recorded_at: DateTime<Utc>,
    /// Identifies the request that caused it.
    pub tracking_id: String,
    /// The act, encoded.
    pub content: Vec<u8>,
}

/// What stands before the first act of a tenant.
pub(crate) fn beginning(partner: PartnerId) -> Hash {
    finish(&{
        let mut sum = Context::new(&SHA256);
        sum.update(partner.uuid().as_bytes());
        sum
    })
}

impl Link {
    /// The hash of this one after another.
    pub(crate) fn hash(&self, before: &Hash) -> Hash {
        let mut sum = Context::new(&SHA256);
        sum.update(before);
        sum.update(&self.sequence.to_be_bytes());
        sum.update(self.event_id.as_bytes());
        sum.update(&self.occurred_at.timestamp_micros().to_be_bytes());
        sum.update(&self.recorded_at.timestamp_micros().to_be_bytes());
        for text in [
            self.context.as_bytes(),
            self.tracking_id.as_bytes(),
            &self.content,
        ] {
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            sum.update(&length.to_be_bytes());
            sum.update(text);
        }
        finish(&sum)
    }
}

fn finish(sum: &Context) -> Hash {
    let digest = sum.clone().finish();
    let mut hash = Hash::default();
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// The first place of a chain that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The place.
    pub sequence: i64,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Goes along a chain and computes it again.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// Acts seen.
    pub length: i64,
    /// The hash of the last one.
    pub head: Hash,
}

impl Walk {
    /// At the beginning of a tenant's chain.
    pub(crate) fn new(partner: PartnerId) -> Self {
        Self {
            length: 0,
            head: beginning(partner),
        }
    }

    /// One further: it must follow and have this hash.
    pub(crate) fn step(&mut self, link: &Link, stored: &[u8]) -> Result<(), Broken> {
        let next = self.length + 1;
        let broken = |sequence, problem| Err(Broken { sequence, problem });
        if link.sequence != next {
            return broken(next, "it is not there");
        }
        let hash = link.hash(&self.head);
        if hash != stored {
            return broken(next, "it was changed, or what stands before it was");
        }
        self.length = next;
        self.head = hash;
        Ok(())
    }

    /// At the end: it must be the one that was noted.
    pub(crate) fn end(&self, length: i64, head: &[u8]) -> Result<(), Broken> {
        let sequence = self.length.min(length) + 1;
        if self.length < length {
            let problem = "it is not there: the end was cut off";
            return Err(Broken { sequence, problem });
        }
        if self.length > length || self.head != head {
            let problem = "the end is not the one that was noted";
            return Err(Broken { sequence, problem });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(sequence: i64, content: Vec<u8>) -> Link {
        let at = DateTime::from_timestamp_micros(1_800_000_000_000_000 + sequence);
        Link {
            sequence,
            event_id: Uuid::from_u128(sequence.unsigned_abs().into()),
            context: "identity".to_owned(),
            occurred_at: at.unwrap(),
            recorded_at: at.unwrap(),
            tracking_id: String::new(),
            content,
        }
    }

    fn partner() -> PartnerId {
        PartnerId::from_uuid(Uuid::from_u128(7))
    }

    fn chain(contents: &[Vec<u8>]) -> Vec<(Link, Hash)> {
        let mut head = beginning(partner());
        let number = |place: usize| i64::try_from(place).unwrap() + 1;
        let links = contents.iter().enumerate();
        links
            .map(|(place, content)| {
                let link = link(number(place), content.clone());
                head = link.hash(&head);
                (link, head)
            })
            .collect()
    }

    fn walk(chain: &[(Link, Hash)]) -> Result<Walk, Broken> {
        let mut walk = Walk::new(partner());
        for (link, hash) in chain {
            walk.step(link, hash)?;
        }
        Ok(walk)
    }

    #[test]
    fn r606_what_stands_in_one_field_cannot_be_moved_to_the_next() {
        let head = beginning(partner());
        let mut one = link(1, b"b".to_vec());
        one.tracking_id = "a".to_owned();
        let mut other = link(1, b"ab".to_vec());
        other.tracking_id = String::new();
        assert_ne!(one.hash(&head), other.hash(&head));
        assert_ne!(head, beginning(PartnerId::from_uuid(Uuid::nil())));
    }

    proptest! {
        #[test]
        fn r606_any_change_is_found_where_it_was_made(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 1..9),
            place: prop::sample::Index,
            how in 0..7,
        ) {
            let good = chain(&contents);
            let whole = walk(&good).unwrap();
            let (length, head) = (whole.length, whole.head);
            prop_assert!(whole.end(length, &head).is_ok());
            let at = place.index(good.len());
            let mut bad = good;
            match how {
                0 => bad[at].0.content.push(1),
                1 => bad[at].0.event_id = Uuid::nil(),
                2 => bad[at].0.occurred_at += chrono::TimeDelta::microseconds(1),
                3 => bad[at].0.context.push('x'),
                4 => bad[at].1[31] ^= 1,
                5 => bad[at].0.recorded_at += chrono::TimeDelta::microseconds(1),
                _ => drop(bad.remove(at)),
            }
            let found = walk(&bad).and_then(|walk| walk.end(length, &head));
            let expected = i64::try_from(at).unwrap() + 1;
            prop_assert_eq!(found.unwrap_err().sequence, expected);
        }
    }
}
