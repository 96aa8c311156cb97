//! The secret of download links.

use kit::db::Tx;

/// The secret, if there is one.
pub(crate) async fn find(tx: &mut Tx) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("select secret from link_key")
        .fetch_optional(tx.conn())
        .await
}

/// Keeps a secret unless there is one by now; answers with the one that counts.
pub(crate) async fn keep(tx: &mut Tx, secret: &[u8]) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into link_key (key_id, secret)
         values ('default', $1)
         on conflict (key_id) do update set secret = link_key.secret
         returning secret",
        secret,
    )
    .fetch_one(tx.conn())
    .await
}
