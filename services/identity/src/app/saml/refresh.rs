//! Connections are looked after every day: a provider's certificates follow its metadata, our keys follow
//! each other, and somebody is told before nobody can sign in any more.
//!
//! Metadata that is read again changes certificates alone. Where people are sent is what was tested, and a
//! provider that calls itself something else is another one.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    audit::{self, Entry},
    db::Tx,
    feed,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    app::{
        State, Work,
        saml::{describe, keys},
    },
    domain::{
        provider::{Provider, Speaks},
        saml::{
            certificate::{Certificate, OwnKey},
            rollover::{self, Step},
            settings::Connection,
        },
    },
    error::Error,
    store::{
        provider::{self, sealed_as},
        saml::{self, Due},
    },
};

/// How long after the last look the next one is.
pub(crate) const EVERY: TimeDelta = TimeDelta::days(1);
/// How long after a look that broke off.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// Most connections at a time.
const MOST: i64 = 20;

/// Looks after connections that are due; how many.
pub(crate) async fn refresh(state: &State) -> Result<usize, Error> {
    let now = state.context.clock.now();
    let mut tx = state
        .context
        .db
        .begin(Scope::Whole("connections of all tenants are looked after"))
        .await?;
    let due = saml::take_due(&mut tx, now, now + AGAIN, MOST).await?;
    tx.commit().await?;
    for one in &due {
        if let Err(error) = look_after(state, one, now).await {
            let error = kit::fault::chain(&error);
            tracing::warn!(connection = %one.id, error, "connection not looked after");
        }
    }
    Ok(due.len())
}

/// What came of reading the metadata again.
enum Told {
    /// There is nothing to read.
    Nothing,
    /// What it signs with now.
    Certificates(Vec<Certificate>),
    /// It cannot be read, or is of another.
    Problem(String),
}

fn look_after<'a>(state: &'a State, due: &'a Due, now: DateTime<Utc>) -> Work<'a, ()> {
    Box::pin(async move {
        let scope = || Scope::Partner(due.partner);
        let mut tx = state.context.db.begin(scope()).await?;
        let Some(found) = provider::find(&mut tx, Some(due.partner), due.id.uuid()).await? else {
            return Ok(());
        };
        let Speaks::Saml(known) = found.settings.speaks else {
            return Ok(());
        };
        let sealed = provider::secrets(&mut tx, due.partner, due.id).await?;
        drop(tx);
        // both take their time, and no connection of the database meanwhile
        let told = read_again(state, &known).await;
        let step = rollover::plan(&keys::open(state, due.id, &sealed)?, now);
        let made = match step {
            Step::Make => Some(keys::make(state).await?),
            Step::Nothing | Step::Promote | Step::Drop => None,
        };

        let mut tx = state.context.db.begin(scope()).await?;
        let Some(mut held) = provider::lock(&mut tx, due.partner, due.id.uuid()).await? else {
            return Ok(());
        };
        // whoever changed it meanwhile knows better
        if held.version == found.version {
            let sealed = provider::secrets(&mut tx, due.partner, due.id).await?;
            let mut own = keys::open(state, due.id, &sealed)?;
            let mut acts = follow_certificates(&mut held, told, due.since, now);
            let changed = rollover::plan(&own, now) == step && turn(&mut own, step, made);
            if changed {
                acts.push(audit::system("identity", "identity_provider.key_changed"));
            }
            let secret = changed.then(|| keys::written(&own)).transpose()?;
            let secret = secret.map(|text| {
                let what = sealed_as(due.id);
                state.sealer.seal(&what, text.expose().as_bytes())
            });
            let secret = secret.transpose();
            let secret = secret.map_err(|broken| Error::Signing(broken.into()))?;
            saml::follow(&mut tx, &held, secret.as_deref()).await?;
            tell(state, &mut tx, &held, acts, now).await?;
        }
        saml::plan(&mut tx, due.partner, due.id, now + EVERY).await?;
        tx.commit().await?;
        Ok(())
    })
}

async fn read_again(state: &State, known: &Connection) -> Told {
    let Some(place) = &known.metadata_url else {
        return Told::Nothing;
    };
    match describe::ask(state, place).await {
        Ok(imported) if imported.entity_id == known.provider.entity_id => {
            Told::Certificates(imported.certificates)
        }
        Ok(_) => Told::Problem("OTHER_ENTITY".to_owned()),
        Err(None) => Told::Problem("UNREACHABLE".to_owned()),
        Err(Some(bad)) => Told::Problem(bad.reason().to_owned()),
    }
}

/// Takes certificates over; what is to be told of it.
fn follow_certificates(
    held: &mut Provider,
    told: Told,
    last_look: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<Entry> {
    let mut acts = Vec::new();
    let Speaks::Saml(connection) = &mut held.settings.speaks else {
        return acts;
    };
    let certificates = &mut connection.provider.certificates;
    match told {
        Told::Nothing => {}
        Told::Certificates(fresh) => {
            let merged = rollover::merge(certificates, fresh, now);
            if merged != *certificates {
                *certificates = merged;
                acts.push(audit::system("identity", "identity_provider.refreshed"));
            }
        }
        Told::Problem(reason) => acts
            .push(audit::system("identity", "identity_provider.refresh_failed").refused(&reason)),
    }
    if let Some(days) = rollover::notice(certificates, last_look - EVERY, now) {
        tracing::warn!(connection = %held.id, days, "the last certificate of a provider ends");
        let act = audit::system("identity", "identity_provider.certificate_ends");
        acts.push(act.detail("days", days.to_string()));
    }
    acts
}

/// Takes a step with our keys; false when there is none to take.
fn turn(keys: &mut Vec<OwnKey>, step: Step, made: Option<OwnKey>) -> bool {
    match (step, made) {
        (Step::Make, Some(made)) => keys.push(made),
        (Step::Promote, _) => keys.reverse(),
        (Step::Drop, _) => keys.truncate(1),
        _ => return false,
    }
    true
}

async fn tell(
    state: &State,
    tx: &mut Tx,
    provider: &Provider,
    acts: Vec<Entry>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for act in acts {
        let act = act
            .organization(provider.partner.uuid())
            .target("identity_provider", provider.id)
            .detail("name", provider.name.as_str());
        let event = Event::from(act);
        feed::append(tx, &state.context.ids, provider.partner, now, &event).await?;
    }
    Ok(())
}
