//! Rows of `signing_key`.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    domain::key::{KeyAlgorithm, Life, PublicKey},
    error::Error,
};

/// A key as it is kept.
pub(crate) struct KeyPair {
    /// Its place and time.
    pub(crate) life: Life,
    /// PKCS #8, sealed unless `sealed_by` is none.
    pub(crate) private_key: Vec<u8>,
    /// The public point.
    pub(crate) public_key: Vec<u8>,
    /// The key that sealed the private half; none on those made before there was one.
    pub(crate) sealed_by: Option<String>,
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyPair").field(&self.life).finish()
    }
}

/// Lets one replica after the other change keys, until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('signing_key'))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Every key that is not retired.
pub(crate) async fn living(tx: &mut Tx) -> Result<Vec<KeyPair>, Error> {
    let rows = sqlx::query!(
        "select key_id, algorithm, generation, private_key, public_key, sealed_by, in_force_at
         from signing_key
         where retired_at is null
         order by generation",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KeyPair {
                life: Life {
                    key_id: row.key_id,
                    algorithm: algorithm(&row.algorithm)?,
                    generation: row.generation,
                    in_force_at: row.in_force_at,
                },
                private_key: row.private_key,
                public_key: row.public_key,
                sealed_by: row.sealed_by,
            })
        })
        .collect()
}

/// Every key that may have signed a token that is still good, and the next ones: those for everybody
/// first, newest first.
pub(crate) async fn public(tx: &mut Tx) -> Result<Vec<PublicKey>, Error> {
    let rows = sqlx::query!(
        "select key_id, algorithm, public_key
         from signing_key
         where retired_at is null
         order by algorithm = 'EdDSA' desc, generation desc",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PublicKey {
                key_id: row.key_id,
                algorithm: algorithm(&row.algorithm)?,
                point: row.public_key,
            })
        })
        .collect()
}

fn algorithm(text: &str) -> Result<KeyAlgorithm, Error> {
    KeyAlgorithm::parse(text).ok_or(Error::Impossible("signing_key.algorithm"))
}

/// The last generation of an algorithm, retired or not; none before the first.
pub(crate) async fn last_generation(
    tx: &mut Tx,
    algorithm: KeyAlgorithm,
) -> Result<Option<i32>, Error> {
    Ok(sqlx::query_scalar!(
        "select max(generation) from signing_key where algorithm = $1",
        algorithm.as_str(),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Adds a key.
pub(crate) async fn insert(tx: &mut Tx, key: &KeyPair, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "insert into signing_key
             (key_id, algorithm, generation, private_key, public_key, sealed_by, created_at,
              in_force_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.life.key_id,
        key.life.algorithm.as_str(),
        key.life.generation,
        key.private_key,
        key.public_key,
        key.sealed_by,
        now,
        key.life.in_force_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes keys out of use; the rows stay.
pub(crate) async fn retire(
    tx: &mut Tx,
    key_ids: &[String],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "update signing_key
         set retired_at = $2
         where key_id = any($1) and retired_at is null",
        key_ids,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps a private half under another seal.
pub(crate) async fn reseal(
    tx: &mut Tx,
    key_id: &str,
    private_key: &[u8],
    sealed_by: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update signing_key
         set private_key = $2, sealed_by = $3
         where key_id = $1",
        key_id,
        private_key,
        sealed_by,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
