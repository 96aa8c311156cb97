//! Decides a case.

use kit::{audit::Entry, scope::Scope};
use proto::compliance::v1::CaseState;

use super::{App, expire_cases, read_cases};
use crate::{
    domain::case::State,
    error::Error,
    store::{review_case, screening::CaseId},
};

/// A reviewer's decision.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The case.
    pub id: CaseId,
    /// Approved, or rejected.
    pub approve: bool,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// The act, for the audit.
    pub act: Entry,
}

/// Decides, if nobody and no deadline did before.
pub(crate) async fn decide_case(app: &App, verdict: Verdict) -> Result<read_cases::Read, Error> {
    let (outcome, state) = if verdict.approve {
        (State::Approved, CaseState::Approved)
    } else {
        (State::Rejected, CaseState::Rejected)
    };
    let Verdict {
        id,
        by,
        reason,
        act,
        ..
    } = verdict;
    let act = act.detail("decision", outcome.name());
    let context = &app.context;
    let mut tx = context
        .db
        .begin(Scope::Whole("reviewers see every partner's cases"))
        .await?;
    let now = context.clock.now();
    let Some(ended) = review_case::decide(&mut tx, id, outcome, &by, &reason, now).await? else {
        let held = review_case::find(&mut tx, id).await?;
        return Err(held.map_or(Error::Missing("case"), |_| Error::CaseClosed));
    };
    expire_cases::tell(&mut tx, &context.ids, &[ended], state, &by, &act, now).await?;
    let case = read_cases::one(&mut tx, id).await?;
    tx.commit().await?;
    Ok(case)
}
