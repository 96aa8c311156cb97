//! Telling what was done, in the transaction in which it is done.

use chrono::{DateTime, Utc};
use kit::{audit::Entry, db::Tx, feed, id::PartnerId};
use proto::identity::v1::Event;

use crate::{app::State, error::Error, store::organization};

/// Tells an act.
pub(crate) async fn tell(
    tx: &mut Tx,
    state: &State,
    partner: PartnerId,
    act: Entry,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    tell_all(tx, state, partner, [act], now).await
}

/// Tells acts in one statement.
pub(crate) async fn tell_all(
    tx: &mut Tx,
    state: &State,
    partner: PartnerId,
    acts: impl IntoIterator<Item = Entry>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let events: Vec<Event> = acts.into_iter().map(Event::from).collect();
    if !events.is_empty() {
        feed::append_all(tx, &state.context.ids, partner, now, &events).await?;
    }
    Ok(())
}

/// Tells an act that belongs to no tenant: the operator is told. Before there is an operator, nobody is.
pub(crate) async fn tell_operator(
    tx: &mut Tx,
    state: &State,
    act: Entry,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    match organization::operator(tx).await? {
        Some(operator) => tell(tx, state, operator, act, now).await,
        None => Ok(()),
    }
}
