//! Taking tokens back.

use chrono::{DateTime, Utc};
use kit::{audit, db::Tx, feed, id::PartnerId, scope::Scope, time::to_proto};
use proto::identity::v1::{Event, RevocationKind as WireKind, Revoked, event};

use crate::{
    app::State,
    domain::revocation::{Revocation, RevocationKind},
    error::Error,
    store::revocation,
};

/// Makes tokens that were issued until `now` no longer good, in the transaction of the change that is
/// the reason. Read `now` after the row is locked that says what tokens may.
pub(crate) async fn revoke(
    tx: &mut Tx,
    state: &State,
    partner: PartnerId,
    kind: RevocationKind,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let act = audit::system("identity", "token.revoked").target(kind.as_str(), key);
    let events = [write(tx, partner, kind, key, now).await?, act.into()];
    feed::append_all(tx, &state.context.ids, partner, now, &events).await?;
    Ok(())
}

async fn write(
    tx: &mut Tx,
    partner: PartnerId,
    kind: RevocationKind,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Event, Error> {
    let revocation = Revocation {
        kind,
        key: key.to_owned(),
        not_before: now,
    };
    revocation::upsert(tx, partner, &revocation).await?;
    Ok(Event {
        header: None,
        kind: Some(event::Kind::Revoked(message(revocation))),
    })
}

/// The same for many of a kind at once.
pub(crate) async fn revoke_many(
    tx: &mut Tx,
    state: &State,
    partner: PartnerId,
    kind: RevocationKind,
    keys: Vec<String>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    revocation::upsert_many(tx, partner, kind, &keys, now).await?;
    let events: Vec<Event> = keys
        .into_iter()
        .map(|key| {
            let revoked = message(Revocation {
                kind,
                key,
                not_before: now,
            });
            Event {
                header: None,
                kind: Some(event::Kind::Revoked(revoked)),
            }
        })
        .collect();
    feed::append_all(tx, &state.context.ids, partner, now, &events).await?;
    Ok(())
}

/// The same once more, after the change was committed: a token that was issued meanwhile still tells
/// how things were before. Tokens are dated before their rights are looked up, so none escapes.
pub(crate) async fn revoke_again(
    state: &State,
    partner: PartnerId,
    kind: RevocationKind,
    key: &str,
) -> Result<(), Error> {
    let now = state.context.clock.now();
    let reach = Scope::Whole("what is revoked may be another tenant's than the caller's");
    let mut tx = state.context.db.begin(reach).await?;
    let event = write(&mut tx, partner, kind, key, now).await?;
    feed::append(&mut tx, &state.context.ids, partner, now, &event).await?;
    tx.commit().await?;
    Ok(())
}

/// As others are told.
pub(crate) fn message(revocation: Revocation) -> Revoked {
    let kind = match revocation.kind {
        RevocationKind::Token => WireKind::Token,
        RevocationKind::Session => WireKind::Session,
        RevocationKind::Person => WireKind::Subject,
        RevocationKind::Client => WireKind::Client,
        RevocationKind::Organization => WireKind::Organization,
        RevocationKind::Partner => WireKind::Partner,
    };
    Revoked {
        kind: kind.into(),
        key: revocation.key,
        issued_before: Some(to_proto(revocation.not_before)),
    }
}
