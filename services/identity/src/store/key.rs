//! Rows of `signing_key`.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::error::Error;

/// A key as it is kept.
pub(crate) struct KeyPair {
    /// Its id, the `kid` of a token.
    pub(crate) key_id: String,
    /// PKCS #8.
    pub(crate) private_key: Vec<u8>,
    /// The public point.
    pub(crate) public_key: Vec<u8>,
}

/// The half of a key that everybody may see.
#[derive(Debug)]
pub(crate) struct PublicKey {
    /// Its id, the `kid` of a token.
    pub(crate) key_id: String,
    /// The public point.
    pub(crate) public_key: Vec<u8>,
}

/// The newest key in force. The first key always is: replicas' clocks differ, and may be set back.
pub(crate) async fn current(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<KeyPair>, Error> {
    Ok(sqlx::query_as!(
        KeyPair,
        "select key_id, private_key, public_key
         from signing_key
         where in_force_at <= $1 or generation = 1
         order by generation desc
         limit 1",
        now,
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Every key that may have signed a token that is still good, and the next one; newest first.
pub(crate) async fn public(tx: &mut Tx) -> Result<Vec<PublicKey>, Error> {
    Ok(sqlx::query_as!(
        PublicKey,
        "select key_id, public_key
         from signing_key
         order by generation desc",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Adds the first key, unless another replica was faster.
pub(crate) async fn insert_first(
    tx: &mut Tx,
    key: &KeyPair,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into signing_key
             (key_id, generation, private_key, public_key, created_at, in_force_at)
         values ($1, 1, $2, $3, $4, $4)
         on conflict (generation) do nothing",
        key.key_id,
        key.private_key,
        key.public_key,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
