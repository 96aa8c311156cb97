//! A limit on everything: a token bucket for each client, and a bound on requests in work.
//!
//! A client is known by its access token, unverified: a stolen name would let one client spend
//! another's budget, a made-up one only buys a bucket of its own. So that made-up tokens are no way
//! round the limit, each answer 401 is charged to the peer's address as well, and a peer that has used
//! its budget up is refused whatever token it brings.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::Method;

/// One bucket holds at most this many clients, and there are as many locks as shards.
const SHARDS: usize = 16;
const MOST_PER_SHARD: usize = 4096;

/// Micro-tokens: integers without rounding.
const ONE: i64 = 1_000_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    at: DateTime<Utc>,
}

/// What one request takes from the budget: more where passwords and secrets can be tried.
pub(crate) fn cost(method: &Method, path: &str) -> u16 {
    let tries = *method == Method::POST && ["/sign-in", "/v1/access_token"].contains(&path);
    if tries { 10 } else { 1 }
}

/// The buckets of all clients.
#[derive(Debug)]
pub(crate) struct Limiter {
    hasher: RandomState,
    rate: i64,
    full: i64,
    shards: Vec<Mutex<HashMap<u64, Bucket>>>,
}

impl Limiter {
    /// `rate` a second in the long run, `burst` at once.
    pub(crate) fn new(rate: u32, burst: u32) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self {
            hasher: RandomState::new(),
            rate: i64::from(rate.max(1)),
            full: i64::from(burst.max(1)) * ONE,
            shards,
        }
    }

    /// The key of a client that is known by its token.
    pub(crate) fn by_token(&self, token: &str) -> u64 {
        self.hasher.hash_one(("token", token))
    }

    /// The key of a peer; all share one when the address is not known.
    pub(crate) fn by_peer(&self, peer: Option<IpAddr>) -> u64 {
        self.hasher.hash_one(("peer", peer))
    }

    /// Takes one from the budget, or tells how long to wait for it.
    pub(crate) fn take(&self, key: u64, now: DateTime<Utc>) -> Result<(), Duration> {
        self.spend(key, now, ONE)
    }

    /// Takes several, of which the last may be lent; or tells how long to wait for the first. Never
    /// takes a full budget whole: one sign-in does not shut out the client that signed in.
    pub(crate) fn take_more(
        &self,
        key: u64,
        now: DateTime<Utc>,
        cost: u16,
    ) -> Result<(), Duration> {
        let most = (self.full - ONE).max(ONE);
        self.spend(key, now, (i64::from(cost) * ONE).min(most))
    }

    /// Tells whether there is one left, and takes nothing.
    pub(crate) fn look(&self, key: u64, now: DateTime<Utc>) -> Result<(), Duration> {
        self.spend(key, now, 0)
    }

    fn spend(&self, key: u64, now: DateTime<Utc>, cost: i64) -> Result<(), Duration> {
        let index = usize::try_from(key % 16).unwrap_or(0) % SHARDS;
        let Some(shard) = self.shards.get(index) else {
            return Ok(());
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if !shard.contains_key(&key) {
            if cost == 0 {
                return Ok(());
            }
            if shard.len() >= MOST_PER_SHARD {
                self.forget(&mut shard, now);
            }
        }
        let bucket = shard.entry(key).or_insert(Bucket {
            level: self.full,
            at: now,
        });
        bucket.level = self.level(bucket, now);
        bucket.at = now;
        if bucket.level < ONE {
            let micros = u64::try_from((ONE - bucket.level) / self.rate).unwrap_or(0);
            return Err(Duration::from_micros(micros.max(1)));
        }
        bucket.level -= cost;
        Ok(())
    }

    /// Full buckets say nothing; when there are none, the client limit is not what is under attack.
    fn forget(&self, shard: &mut HashMap<u64, Bucket>, now: DateTime<Utc>) {
        shard.retain(|_, bucket| self.level(bucket, now) < self.full);
        if shard.len() >= MOST_PER_SHARD {
            shard.clear();
        }
    }

    fn level(&self, bucket: &Bucket, now: DateTime<Utc>) -> i64 {
        let micros = (now - bucket.at)
            .num_microseconds()
            .unwrap_or(i64::MAX)
            .max(0);
        bucket
            .level
            .saturating_add(micros.saturating_mul(self.rate))
            .min(self.full)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn a_sign_in_leaves_something_for_its_client() {
        let limiter = Limiter::new(1, 5);
        assert!(limiter.take_more(1, start(), 10).is_ok());
        assert!(limiter.look(1, start()).is_ok());
        assert!(limiter.take_more(1, start(), 10).is_ok());
        assert!(limiter.look(1, start()).is_err());
    }

    #[test]
    fn a_burst_is_served_then_the_rate_holds() {
        let limiter = Limiter::new(2, 3);
        let key = limiter.by_token("a");
        for _ in 0..3 {
            assert_eq!(limiter.take(key, start()), Ok(()));
        }
        assert_eq!(limiter.look(key, start()), Err(Duration::from_millis(500)));
        assert_eq!(limiter.take(key, start()), Err(Duration::from_millis(500)));
        assert_eq!(limiter.take(limiter.by_token("b"), start()), Ok(()));
        let later = start() + TimeDelta::milliseconds(500);
        assert_eq!(limiter.look(key, later), Ok(()));
        assert_eq!(limiter.take(key, later), Ok(()));
        assert!(limiter.take(key, later).is_err());
    }

    #[test]
    fn made_up_clients_do_not_grow_the_memory() {
        let limiter = Limiter::new(1, 2);
        for client in 0..200_000_u32 {
            let _ = limiter.take(limiter.by_token(&client.to_string()), start());
        }
        let kept: usize = limiter
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(kept <= SHARDS * MOST_PER_SHARD);
    }

    proptest! {
        #[test]
        fn never_more_than_burst_plus_rate(steps in proptest::collection::vec(0i64..400, 1..200)) {
            let limiter = Limiter::new(10, 5);
            let key = limiter.by_token("a");
            let (mut now, mut served) = (start(), 0_i64);
            for step in steps {
                now += TimeDelta::milliseconds(step);
                served += i64::from(limiter.take(key, now).is_ok());
            }
            prop_assert!(served <= 5 + (now - start()).num_milliseconds() / 100 + 1);
        }
    }
}
