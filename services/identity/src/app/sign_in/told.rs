//! What is told of sign-ins: who came, who went, who was refused.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use kit::audit::{self, Entry};

use crate::{
    app::{
        State,
        sign_in::{Browser, SCOPE},
        tell::{tell, tell_operator},
    },
    domain::{
        secret::SecretHash,
        session::Session,
        sign_in::{Account, Problem},
    },
    error::Error,
};

/// How often the same refusal is told.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Most refusals that are remembered; a flood of others is not told.
const MOST: usize = 10_000;

/// Lets a refusal through once a minute, so that a flood writes nothing.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<HashMap<Refusal, DateTime<Utc>>>);

/// Hash of an address, and the reason.
type Refusal = (Vec<u8>, &'static str);

impl Gate {
    pub(in crate::app) fn lets_through(
        &self,
        subject: SecretHash,
        reason: &'static str,
        now: DateTime<Utc>,
    ) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MOST {
            told.retain(|_, at| now < *at + PAUSE);
        }
        let key = (subject.as_bytes().to_vec(), reason);
        match told.get(&key) {
            Some(at) if now < *at + PAUSE => false,
            None if told.len() >= MOST => false,
            _ => {
                told.insert(key, now);
                true
            }
        }
    }
}

/// An act of a person in its browser.
pub(super) fn of(account: Account, browser: &Browser, act: Entry) -> Entry {
    let organization = account.organization.uuid();
    act.person(account.person, organization)
        .organization(organization)
        .address(&browser.place.address)
}

/// Somebody signed in.
pub(in crate::app) fn started(session: &Session, browser: &Browser) -> Entry {
    of(session.account, browser, audit::nobody("session.started"))
        .target("session", session.id)
        .detail("agent", session.agent.as_str())
}

/// Tells that somebody was refused: the tenant of the person, or the operator where nobody has the
/// address. The work is the same for both (A30).
pub(super) async fn refused(
    state: &State,
    browser: &Browser,
    subject: SecretHash,
    whose: Option<Account>,
    problem: Problem,
) -> Result<(), Error> {
    let now = state.context.clock.now();
    if !state.gate.lets_through(subject, problem.reason(), now) {
        return Ok(());
    }
    let mut act = audit::nobody("sign_in.refused")
        .refused(problem.reason())
        .address(&browser.place.address);
    if let Some(account) = whose {
        let organization = account.organization.uuid();
        act = act
            .target("person", account.person)
            .organization(organization);
    }
    let mut tx = state.context.db.begin(SCOPE).await?;
    match whose {
        Some(account) => tell(&mut tx, state, account.partner, act, now).await?,
        None => tell_operator(&mut tx, state, act, now).await?,
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_once_a_minute_and_a_flood_is_not() {
        let gate = Gate::default();
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ann = SecretHash::of("ann");
        assert!(gate.lets_through(ann, "A", start));
        assert!(!gate.lets_through(ann, "A", start + TimeDelta::seconds(59)));
        assert!(gate.lets_through(ann, "B", start));
        assert!(gate.lets_through(ann, "A", start + PAUSE));
        for n in 0..MOST {
            gate.lets_through(SecretHash::of(&n.to_string()), "A", start + PAUSE);
        }
        let new = SecretHash::of("new");
        assert!(!gate.lets_through(new, "A", start + PAUSE));
        assert!(gate.lets_through(new, "A", start + PAUSE + PAUSE));
    }
}
