//! Ends cases that nobody decided in time.

use chrono::{DateTime, Utc};
use kit::{
    audit::{self, Entry},
    db::Tx,
    feed,
    id::{Ids, PartnerId},
    scope::Scope,
};
use proto::compliance::v1::{CaseClosed, CaseState, Event, event};

use super::App;
use crate::{
    error::Error,
    store::{
        review_case::{self, Ended},
        screening::CustomerId,
    },
};

/// Cases a transaction.
const BATCH: i64 = 100;

/// Ends all that are due, batch by batch; returns how many.
pub(crate) async fn expire_due(app: &App) -> Result<usize, Error> {
    let mut expired = 0;
    loop {
        let context = &app.context;
        let mut tx = context
            .db
            .begin(Scope::Whole("cases of all partners expire"))
            .await?;
        let batch = expire(&mut tx, &context.ids, None, context.clock.now(), BATCH).await?;
        tx.commit().await?;
        expired += batch;
        if i64::try_from(batch).unwrap_or(0) < BATCH || context.tasks.stopping() {
            return Ok(expired);
        }
    }
}

/// Ends what is due and tells it, in the caller's transaction.
pub(crate) async fn expire(
    tx: &mut Tx,
    ids: &Ids,
    customer: Option<CustomerId>,
    now: DateTime<Utc>,
    most: i64,
) -> Result<usize, Error> {
    let ended = review_case::expire(tx, customer, now, most).await?;
    // Ordered by partner: one statement for each.
    for cases in ended.chunk_by(|a, b| a.partner == b.partner) {
        let act = audit::system("compliance", "case.expired");
        tell(tx, ids, cases, CaseState::Expired, "", &act, now).await?;
    }
    Ok(ended.len())
}

/// Appends the events of cases of one partner that ended by an act.
pub(crate) async fn tell(
    tx: &mut Tx,
    ids: &Ids,
    ended: &[Ended],
    state: CaseState,
    by: &str,
    act: &Entry,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let Some(partner): Option<PartnerId> = ended.first().map(|case| case.partner) else {
        return Ok(());
    };
    let events: Vec<Event> = ended
        .iter()
        .flat_map(|case| {
            let closed = Event {
                header: None,
                kind: Some(event::Kind::CaseClosed(CaseClosed {
                    case_id: case.id.to_string(),
                    customer_id: case.customer.to_string(),
                    state: state.into(),
                    decided_by: by.to_owned(),
                })),
            };
            let act = act.clone().target("screening_case", case.id);
            let act = act.detail("customer", case.customer.to_string());
            [closed, act.into()]
        })
        .collect();
    feed::append_all(tx, ids, partner, now, &events).await
}
