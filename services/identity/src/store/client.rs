//! Rows of `client`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};

use crate::{
    domain::{
        client::{Client, ClientKind},
        secret::SecretHash,
    },
    error::Error,
};

/// A client that signs in, with the state of the partner it speaks for.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// The client.
    pub(crate) client: Client,
    /// The hash of its secret.
    pub(crate) secret_hash: Vec<u8>,
    /// Whether its partner is suspended (R-1106).
    pub(crate) suspended: bool,
    /// Whether its partner is a sub-partner.
    pub(crate) sub_partner: bool,
}

/// Finds a client by its id alone: all that a sign-in needs, in one read.
pub(crate) async fn sign_in(tx: &mut Tx, client_id: &str) -> Result<Option<SignIn>, Error> {
    let row = sqlx::query!(
        r#"select c.partner_id as "partner_id: PartnerId",
                  c.kind, c.display_name, c.scopes, c.secret_hash, o.suspended,
                  o.parent_partner_id is not null as "sub_partner!"
           from client c
           join organization o on o.tenant_id = c.partner_id
           where c.client_id = $1"#,
        client_id,
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SignIn {
        client: Client {
            partner_id: row.partner_id,
            id: client_id.to_owned(),
            kind: ClientKind::parse(&row.kind).ok_or(Error::Impossible("client.kind"))?,
            display_name: row.display_name,
            scopes: row.scopes,
        },
        secret_hash: row.secret_hash,
        suspended: row.suspended,
        sub_partner: row.sub_partner,
    }))
}

/// Adds a client; false when the id is taken.
pub(crate) async fn insert(
    tx: &mut Tx,
    new: &Client,
    secret: SecretHash,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into client
             (partner_id, client_id, kind, display_name, secret_hash, scopes, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (client_id) do nothing",
        new.partner_id.uuid(),
        new.id,
        new.kind.as_str(),
        new.display_name,
        secret.as_bytes(),
        &new.scopes,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a client another secret.
pub(crate) async fn set_secret(
    tx: &mut Tx,
    client: &Client,
    secret: SecretHash,
) -> Result<(), Error> {
    sqlx::query!(
        "update client
         set secret_hash = $3
         where partner_id = $1 and client_id = $2 and secret_hash <> $3",
        client.partner_id.uuid(),
        client.id,
        secret.as_bytes(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives a client other scopes.
pub(crate) async fn set_scopes(tx: &mut Tx, client: &Client) -> Result<(), Error> {
    sqlx::query!(
        "update client
         set scopes = $3
         where partner_id = $1 and client_id = $2 and scopes <> $3",
        client.partner_id.uuid(),
        client.id,
        &client.scopes,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
