//! The emergency brake: a key that somebody else may have is good for nothing any more.

use kit::{audit, auth::Caller, feed};
use proto::identity::v1::{Event, KeysChanged, event};

use crate::{
    app::{State, keyring},
    error::Error,
    store::key as rows,
};

/// Takes a key out of use at once, with every token that it signed, and makes a successor that signs from
/// now on. The id of the successor.
pub(crate) async fn retire_key(
    state: &State,
    caller: &Caller,
    key_id: &str,
) -> Result<String, Error> {
    let context = &state.context;
    let mut tx = context.db.begin(keyring::SCOPE).await?;
    rows::lock(&mut tx).await?;
    let now = context.clock.now();
    let keys = rows::living(&mut tx).await?;
    let found = keys.iter().find(|key| key.life.key_id == key_id);
    let found = found.ok_or(Error::Missing("signing key"))?;
    let successor = keyring::add(state, &mut tx, found.life.algorithm, now, now).await?;
    rows::retire(&mut tx, &[key_id.to_owned()], now).await?;
    let changed = Event {
        header: None,
        kind: Some(event::Kind::KeysChanged(KeysChanged {})),
    };
    let act = audit::by(caller, "signing_key.retired").target("signing_key", key_id);
    let events = [changed, act.into()];
    feed::append_all(&mut tx, &context.ids, caller.partner, now, &events).await?;
    tx.commit().await?;
    state.keyring.forget();
    tracing::warn!(
        key_id,
        by = caller.subject,
        "a signing key was taken out of use"
    );
    Ok(successor.key_id)
}
