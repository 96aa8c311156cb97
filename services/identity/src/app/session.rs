//! Sessions of people, for administrators.

use chrono::{DateTime, Utc};
use kit::{
    access::Permission, audit, auth::Caller, db::Tx, id::PartnerId, page::Cursor, scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::{
        State,
        enter::{self, Entered},
        revoke::revoke,
        tell::tell,
    },
    domain::{
        revocation::RevocationKind,
        session::{Session, SessionId},
        sign_in::Account,
    },
    error::Error,
    store::session,
};

/// A person whose credentials the caller deals with.
pub(super) async fn of_person(
    state: &State,
    caller: &Caller,
    person: Uuid,
) -> Result<(Entered, Account), Error> {
    let (entered, person) = enter::organization_of_person(state, caller, person).await?;
    entered.require(Permission::PeopleCredentials)?;
    let place = entered.place();
    let whose = Account {
        partner: place.partner,
        organization: place.organization,
        person,
    };
    Ok((entered, whose))
}

/// A page of the live sessions of a person, and where the next one begins.
pub(crate) async fn list(
    state: &State,
    caller: &Caller,
    person: Uuid,
    after: Option<&Cursor>,
    size: i64,
) -> Result<(Vec<Session>, Option<Cursor>), Error> {
    let (entered, whose) = of_person(state, caller, person).await?;
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(entered.scope()).await?;
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
pub(crate) async fn end(state: &State, caller: &Caller, id: SessionId) -> Result<(), Error> {
    let reach = Scope::Whole("whose a session is decides who may end it");
    let mut tx = state.context.db.begin(reach).await?;
    let person = session::person_of(&mut tx, id).await?;
    drop(tx);
    let missing = || Error::Missing("session");
    let found = of_person(state, caller, person.ok_or_else(missing)?.uuid()).await;
    let (entered, whose) = found.map_err(|error| match error {
        Error::Missing(_) => missing(),
        other => other,
    })?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    if !session::end_own(&mut tx, whose, id).await? {
        return Err(missing());
    }
    let now = state.context.clock.now();
    revoke_one(&mut tx, state, whose.partner, id.uuid(), now).await?;
    let act = audit::by(caller, "session.ended")
        .organization(whose.organization.uuid())
        .target("session", id);
    tell(&mut tx, state, whose.partner, act, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all of a person; how many there were.
pub(crate) async fn end_all(state: &State, caller: &Caller, person: Uuid) -> Result<u64, Error> {
    let (entered, whose) = of_person(state, caller, person).await?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let ended = session::end_all(&mut tx, whose).await?;
    let now = state.context.clock.now();
    revoke_all(&mut tx, state, whose, now).await?;
    let act = audit::by(caller, "session.ended")
        .organization(whose.organization.uuid())
        .target("person", whose.person);
    tell(&mut tx, state, whose.partner, act, now).await?;
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
