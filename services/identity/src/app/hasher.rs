//! Hashing passwords, in bounded memory and time.
//!
//! A hash takes 19 MiB and a core for some ten milliseconds. No more of them run than there are cores,
//! each in memory that is made once and kept; so many may wait as are served in two seconds, and all
//! others are refused at once (A31).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    domain::{
        password::Password,
        phc::{COST, Cost, Phc},
    },
    error::Error,
};

/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many may wait for each that runs: what is served within [`PATIENCE`] at 30 milliseconds each.
const WAITING: usize = 66;

/// Hashes passwords.
#[derive(Clone)]
pub(crate) struct Hasher(Arc<Inner>);

struct Inner {
    /// Those who are let in: they run or wait.
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// Memory that is not in use.
    buffers: Mutex<Vec<Vec<Block>>>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

/// The right to hash, one at a time. It lasts until the work is done, also when nobody waits for it
/// any more.
#[derive(Clone)]
pub(crate) struct Slot {
    hasher: Arc<Inner>,
    _permits: Arc<[OwnedSemaphorePermit; 2]>,
}

impl Hasher {
    /// Runs on as many threads at once.
    pub(crate) fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        Self(Arc::new(Inner {
            admitted: Arc::new(Semaphore::new(threads * (1 + WAITING))),
            running: Arc::new(Semaphore::new(threads)),
            buffers: Mutex::default(),
        }))
    }

    /// Waits for a turn; refused when too many wait.
    pub(crate) async fn slot(&self) -> Result<Slot, Error> {
        let inner = &self.0;
        let admitted = Arc::clone(&inner.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| Error::Busy)?;
        let running = Arc::clone(&inner.running).acquire_owned();
        let running = tokio::time::timeout(PATIENCE, running).await;
        let running = running.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
        Ok(Slot {
            hasher: Arc::clone(inner),
            _permits: Arc::new([admitted, running]),
        })
    }
}

impl Slot {
    /// Hashes a password at today's cost.
    pub(crate) async fn hash(&self, password: &Password, salt: [u8; 16]) -> Result<Phc, Error> {
        let hash = self.run(password, COST, salt).await?;
        Ok(Phc {
            cost: COST,
            salt,
            hash,
        })
    }

    /// Whether this is the password.
    pub(crate) async fn verify(&self, password: &Password, phc: &Phc) -> Result<bool, Error> {
        let hash = self.run(password, phc.cost, phc.salt).await?;
        Ok(constant_time::verify_slices_are_equal(&hash, &phc.hash).is_ok())
    }

    async fn run(
        &self,
        password: &Password,
        cost: Cost,
        salt: [u8; 16],
    ) -> Result<[u8; 32], Error> {
        tracing::debug!(target: "entrepot::hasher", memory = cost.memory, "hashing");
        let (slot, password) = (self.clone(), password.clone());
        let work = tokio::task::spawn_blocking(move || {
            let mut buffer = slot.hasher.take();
            let hash = argon2id(&mut buffer, &password, cost, &salt);
            slot.hasher.put(buffer);
            hash
        });
        work.await
            .map_err(|error| Error::Hashing(error.into()))?
            .map_err(|error| Error::Hashing(error.to_string().into()))
    }
}

impl Inner {
    fn take(&self) -> Vec<Block> {
        self.buffers().pop().unwrap_or_default()
    }

    fn put(&self, buffer: Vec<Block>) {
        self.buffers().push(buffer);
    }

    fn buffers(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn argon2id(
    buffer: &mut Vec<Block>,
    password: &Password,
    cost: Cost,
    salt: &[u8],
) -> Result<[u8; 32], argon2::Error> {
    let mut hash = [0; 32];
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(hash.len()))?;
    buffer.resize(params.block_count(), Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        &mut hash,
        buffer,
    )?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    fn password(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_matches() {
        let slot = Hasher::new(1).slot().await.unwrap();
        let phc = slot
            .hash(&password("correct horse"), [7; 16])
            .await
            .unwrap();
        let read = Phc::parse(&phc.to_string()).unwrap();
        assert!(
            slot.verify(&password("correct horse"), &read)
                .await
                .unwrap()
        );
        assert!(!slot.verify(&password("correct hors"), &read).await.unwrap());
        let typed = password("correct horse");
        assert!(!slot.verify(&typed, &Phc::NOBODY).await.unwrap());
    }

    /// Computed with the reference implementation in C.
    #[tokio::test]
    async fn hashes_are_those_of_everybody() {
        let slot = Hasher::new(1).slot().await.unwrap();
        let cost = Cost {
            memory: 256,
            passes: 2,
            lanes: 1,
        };
        let salt = *b"somesaltsomesalt";
        let made = slot.run(&password("password"), cost, salt).await.unwrap();
        assert_eq!(hex::encode(made), REFERENCE);
    }

    const REFERENCE: &str = "cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec";

    #[tokio::test(flavor = "multi_thread")]
    async fn a31_a_flood_is_refused_and_memory_stays_bounded() {
        let hasher = Hasher::new(2);
        let tries = (0..2 * (1 + WAITING) + 200).map(|_| {
            let hasher = hasher.clone();
            async move {
                let slot = hasher.slot().await?;
                slot.verify(&password("guess"), &Phc::NOBODY).await
            }
        });
        let answers = join_all(tries).await;
        let refused = answers.iter().filter(|one| matches!(one, Err(Error::Busy)));
        assert!(refused.count() >= 200, "those who found the queue full");
        assert!(answers.iter().any(|one| matches!(one, Ok(false))));
        let buffers = hasher.0.buffers();
        assert!((1..=2).contains(&buffers.len()), "{}", buffers.len());
        assert_eq!(buffers[0].len(), 19 * 1024);
        drop(buffers);
        assert_eq!(hasher.0.running.available_permits(), 2, "all is given back");
        assert_eq!(hasher.0.admitted.available_permits(), 2 * (1 + WAITING));
    }
}
