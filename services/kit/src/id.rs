//! Ids and randomness. Ids are UUID version 7 (RFC 9562), so that rows lie in order of creation.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

use crate::time::Clock;

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct BadId;

/// Declares a newtype over a UUID: `kit::id! { /// A customer. pub(crate) CustomerId }`.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $vis:vis $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize, ::sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        $vis struct $name(::uuid::Uuid);

        impl $name {
            /// A new id, ordered by time.
            $vis fn new(ids: &$crate::id::Ids) -> Self {
                Self(ids.uuid())
            }

            /// From its UUID.
            $vis const fn from_uuid(uuid: ::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// Its UUID.
            $vis const fn uuid(self) -> ::uuid::Uuid {
                self.0
            }
        }

        // Not every id needs every way in and out.
        const _: () = {
            let _ = $name::new;
            let _ = $name::from_uuid;
            let _ = $name::uuid;
        };

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::id::BadId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                ::uuid::Uuid::try_parse(text).map(Self).map_err(|_| $crate::id::BadId)
            }
        }
    };
}

id! {
    /// The tenant: a partner, named by the id of its organization.
    pub PartnerId
}

/// Where random bytes come from.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// Always the same sequence, for tests and for generated data.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Some bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A secret of 256 bits, base64url.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A number from 0 to 999, for jitter.
    pub fn fraction(&self) -> u32 {
        u32::from_be_bytes(self.bytes::<4>()) % 1000
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// Makes ids, from a clock and randomness.
#[derive(Debug, Clone)]
pub struct Ids {
    clock: Clock,
    random: Random,
}

impl Ids {
    /// From its two sources.
    pub fn new(clock: Clock, random: Random) -> Self {
        Self { clock, random }
    }

    /// A new UUID version 7.
    pub fn uuid(&self) -> Uuid {
        self.uuid_at(self.clock.now())
    }

    /// One that tells this time.
    pub fn uuid_at(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random.bytes::<10>()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lie_in_order_of_time() {
        let clock = Clock::manual(DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let ids = Ids::new(clock.clone(), Random::seeded(1));
        let first = ids.uuid();
        clock.advance(chrono::TimeDelta::milliseconds(1));
        assert!(first < ids.uuid());
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn a_partner_id_reads_what_it_writes() {
        let ids = Ids::new(Clock::system(), Random::seeded(1));
        let id = PartnerId::new(&ids);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("nonsense".parse::<PartnerId>(), Err(BadId));
    }
}
