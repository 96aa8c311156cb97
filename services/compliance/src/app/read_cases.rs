//! Lists and reads cases with their evidence. All of them: a reviewer serves every partner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{db::Tx, fault::Violations, page::Cursor, scope::Scope};

use super::App;
use crate::{
    domain::{
        case::State,
        screen::{Hit, Party},
    },
    error::Error,
    store::{
        review_case::{self, Case},
        screening::{self, CaseId, CustomerId, OfCase},
    },
};

/// Why the whole.
const WHY: &str = "reviewers see every partner's cases";

/// Hits that a list shows of each case; reading the case shows all.
const LISTED_HITS: usize = 10;

/// A case with its evidence.
#[derive(Debug)]
pub(crate) struct Read {
    /// The case.
    pub case: Case,
    /// Who was screened, the last time.
    pub party: Party,
    /// On which lists, the last time.
    pub index_version: String,
    /// The matches of all its screenings, best first.
    pub hits: Vec<Hit>,
}

/// What to list.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this customer.
    pub customer: Option<CustomerId>,
    /// At most this many.
    pub size: i64,
    /// Where the page before ended; empty for the first.
    pub token: String,
}

/// A page of cases.
#[derive(Debug)]
pub(crate) struct Page {
    /// The cases.
    pub cases: Vec<Read>,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// Lists cases, oldest first.
pub(crate) async fn list(app: &App, filter: Filter) -> Result<Page, Error> {
    let cursor = cursor(&filter.token)?;
    let after = cursor.as_ref().map(|(at, cursor)| (*at, cursor));
    let mut tx = app.context.db.begin(Scope::Whole(WHY)).await?;
    let mut cases = review_case::list(
        &mut tx,
        filter.state,
        filter.customer,
        after,
        filter.size + 1,
    )
    .await?;
    let more = cases.len() > usize::try_from(filter.size).unwrap_or(usize::MAX);
    if more {
        cases.pop();
    }
    let next = cases.last().filter(|_| more).map(|case| {
        Cursor {
            key: case.opened_at.to_rfc3339(),
            id: case.id.uuid(),
        }
        .token()
    });
    let mut cases = with_evidence(&mut tx, cases).await?;
    tx.commit().await?;
    for read in &mut cases {
        read.hits.truncate(LISTED_HITS);
    }
    Ok(Page {
        cases,
        next: next.unwrap_or_default(),
    })
}

fn cursor(token: &str) -> Result<Option<(DateTime<Utc>, Cursor)>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let cursor = Cursor::parse(token).and_then(|cursor| {
        let at = DateTime::parse_from_rfc3339(&cursor.key).ok()?;
        Some((at.to_utc(), cursor))
    });
    let mut wrong = Violations::default();
    wrong.check(
        cursor.is_some(),
        "pageToken",
        "INVALID",
        "not a page token of ours",
    );
    Error::check(wrong)?;
    Ok(cursor)
}

/// Reads one case.
pub(crate) async fn get(app: &App, id: CaseId) -> Result<Read, Error> {
    let mut tx = app.context.db.begin(Scope::Whole(WHY)).await?;
    let case = one(&mut tx, id).await?;
    tx.commit().await?;
    Ok(case)
}

/// Reads one case in the caller's transaction.
pub(crate) async fn one(tx: &mut Tx, id: CaseId) -> Result<Read, Error> {
    let case = review_case::find(tx, id)
        .await?
        .ok_or(Error::Missing("case"))?;
    let read = with_evidence(tx, vec![case]).await?;
    read.into_iter().next().ok_or(Error::Missing("case"))
}

async fn with_evidence(tx: &mut Tx, cases: Vec<Case>) -> Result<Vec<Read>, Error> {
    let ids: Vec<_> = cases.iter().map(|case| case.id.uuid()).collect();
    let mut screenings: HashMap<CaseId, Vec<OfCase>> = HashMap::new();
    for screening in screening::of_cases(tx, &ids).await? {
        screenings
            .entry(screening.case)
            .or_default()
            .push(screening);
    }
    cases
        .into_iter()
        .map(|case| {
            let mut of_case = screenings.remove(&case.id).unwrap_or_default();
            let hits = merged(&mut of_case);
            let last = of_case
                .pop()
                .ok_or(Error::Impossible("review_case without screening"))?;
            Ok(Read {
                case,
                party: last.party,
                index_version: last.index_version,
                hits,
            })
        })
        .collect()
}

/// The hits of all screenings: of the same match only the newest evidence, best first.
fn merged(screenings: &mut [OfCase]) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for hit in screenings
        .iter_mut()
        .rev()
        .flat_map(|screening| screening.hits.drain(..))
    {
        let same = |held: &Hit| {
            (&held.list, &held.entry_id, &held.matched_name)
                == (&hit.list, &hit.entry_id, &hit.matched_name)
        };
        if !hits.iter().any(same) {
            hits.push(hit);
        }
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    hits
}
