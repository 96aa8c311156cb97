//! Sessions of people, for administrators.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId, page::Cursor, scope::Scope};
use uuid::Uuid;

use crate::{
    app::{State, revoke::revoke},
    domain::{revocation::RevocationKind, session::Session, sign_in::Account},
    error::Error,
    store::{person, session},
};

/// Whom an administrator reaches.
pub(crate) struct Reach {
    /// What its transactions see.
    pub(crate) scope: Scope,
    /// Its tenant.
    pub(crate) partner: PartnerId,
    /// The one organization, if it is only one.
    pub(crate) organization: Option<Uuid>,
}

/// A person within reach.
pub(super) async fn account(tx: &mut Tx, reach: &Reach, person: Uuid) -> Result<Account, Error> {
    let found = person::find(tx, Some(reach.partner), person).await?;
    let within = |organization: Uuid| reach.organization.is_none_or(|own| own == organization);
    let found = found.filter(|found| within(found.organization_id.uuid()));
    let found = found.ok_or(Error::Missing("person"))?;
    Ok(Account {
        partner: reach.partner,
        organization: found.organization_id,
        person: found.id,
    })
}

/// A page of the live sessions of a person, and where the next one begins.
pub(crate) async fn list(
    state: &State,
    reach: Reach,
    person: Uuid,
    after: Option<&Cursor>,
    size: i64,
) -> Result<(Vec<Session>, Option<Cursor>), Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(reach.scope).await?;
    let whose = account(&mut tx, &reach, person).await?;
    let mut found = session::list(&mut tx, whose, after, now, size + 1).await?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|last| Cursor {
        key: String::new(),
        id: last.id.uuid(),
    });
    Ok((found, next))
}

/// Ends one.
pub(crate) async fn end(state: &State, reach: Reach, id: Uuid) -> Result<(), Error> {
    let mut tx = state.context.db.begin(reach.scope).await?;
    if !session::end(&mut tx, reach.partner, reach.organization, id).await? {
        return Err(Error::Missing("session"));
    }
    let now = state.context.clock.now();
    revoke_one(&mut tx, state, reach.partner, id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all of a person; how many there were.
pub(crate) async fn end_all(state: &State, reach: Reach, person: Uuid) -> Result<u64, Error> {
    let mut tx = state.context.db.begin(reach.scope).await?;
    let whose = account(&mut tx, &reach, person).await?;
    let ended = session::end_all(&mut tx, whose).await?;
    revoke_all(&mut tx, state, whose, state.context.clock.now()).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Tokens of a session that ended are no longer good.
pub(super) async fn revoke_one(
    tx: &mut Tx,
    state: &State,
    partner: PartnerId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let key = id.to_string();
    revoke(tx, state, partner, RevocationKind::Session, &key, now).await
}

/// Tokens of a person are no longer good, whatever session they came from.
pub(super) async fn revoke_all(
    tx: &mut Tx,
    state: &State,
    whose: Account,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let key = whose.person.to_string();
    revoke(tx, state, whose.partner, RevocationKind::Person, &key, now).await
}
