//! Keys change by themselves, and are sealed.

use chrono::{DateTime, Utc};
use kit::{audit, db::Tx, seal::SealBroken};

use crate::{
    app::{State, keyring, tell::tell_operator},
    domain::key::{self, KeyAlgorithm, Life},
    error::Error,
    store::key as rows,
};

/// Makes the keys that are due, and takes those out of use whose last token has ended.
pub(crate) async fn rotate_keys(state: &State) -> Result<(), Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(keyring::SCOPE).await?;
    rows::lock(&mut tx).await?;
    let keys: Vec<_> = rows::living(&mut tx).await?;
    for algorithm in KeyAlgorithm::ALL {
        let of_it = keys.iter().filter(|key| key.life.algorithm == algorithm);
        let lives: Vec<Life> = of_it.map(|key| key.life.clone()).collect();
        rotate(state, &mut tx, algorithm, &lives, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn rotate(
    state: &State,
    tx: &mut Tx,
    algorithm: KeyAlgorithm,
    keys: &[Life],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let newest = keys.iter().max_by_key(|key| key.generation);
    if let Some(in_force_at) = key::next(newest, now) {
        let made = keyring::add(state, tx, algorithm, in_force_at, now).await?;
        let algorithm = algorithm.as_str();
        tracing::info!(key_id = made.key_id, algorithm, %in_force_at, "the next signing key was made");
    }
    let outlived = key::outlived(keys, now);
    if !outlived.is_empty() {
        let ids: Vec<_> = outlived.iter().map(|key| key.key_id.clone()).collect();
        rows::retire(tx, &ids, now).await?;
        for id in &ids {
            let act = audit::system("identity", "signing_key.retired").target("signing_key", id);
            tell_operator(tx, state, act, now).await?;
        }
        tracing::info!(key_ids = ?ids, "signing keys were retired");
    }
    Ok(())
}

/// Seals what lies open, and seals anew what an older key has sealed.
pub(crate) async fn seal_keys(state: &State) -> Result<(), Error> {
    let mut tx = state.context.db.begin(keyring::SCOPE).await?;
    rows::lock(&mut tx).await?;
    let current = state.sealer.key_id();
    for pair in rows::living(&mut tx).await? {
        if pair.sealed_by.as_ref() == Some(&current) {
            continue;
        }
        let key_id = &pair.life.key_id;
        let resealed = keyring::open(state, &pair)
            .and_then(|plain| state.sealer.seal(&keyring::place(key_id), &plain));
        match resealed {
            Ok(sealed) => rows::reseal(&mut tx, key_id, &sealed, &current).await?,
            Err(SealBroken) => {
                tracing::error!(
                    key_id,
                    "a signing key was sealed with a key that is not given"
                );
            }
        }
    }
    tx.commit().await?;
    Ok(())
}
