//! Lists what was done.

use chrono::{DateTime, Utc};
use kit::{
    auth::Caller,
    fault::{Violations, reason},
    page::Cursor,
};
use uuid::Uuid;

use super::App;
use crate::{
    error::Error,
    store::audit::{self, Filter, Row},
};

/// A page that is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Which acts.
    pub filter: Filter,
    /// Rows to skip.
    pub skip: i64,
    /// At most this many.
    pub size: i64,
    /// Where the page before ended; empty for the first.
    pub token: String,
}

/// A page of acts.
#[derive(Debug)]
pub(crate) struct Page {
    /// The acts, newest first.
    pub rows: Vec<Row>,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

/// A page of the caller's chain.
pub(crate) async fn list(app: &App, caller: &Caller, asked: Asked) -> Result<Page, Error> {
    let Asked {
        mut filter,
        skip,
        size,
        token,
    } = asked;
    if !token.is_empty() {
        filter.after = read(&token);
        let mut wrong = Violations::default();
        let known = filter.after.is_some();
        wrong.check(known, "cursor", reason::INVALID, "not a cursor of ours");
        Error::check(wrong)?;
    }
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let mut rows = audit::list(&mut tx, caller.partner, &filter, skip, size + 1).await?;
    tx.commit().await?;
    let more = rows.len() > usize::try_from(size).unwrap_or(usize::MAX);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|row| {
        let key = row.link.occurred_at.timestamp_micros().to_string();
        let id = row.link.event_id;
        Cursor { key, id }.token()
    });
    Ok(Page {
        rows,
        next: next.unwrap_or_default(),
    })
}

fn read(token: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let cursor = Cursor::parse(token)?;
    let at = DateTime::from_timestamp_micros(cursor.key.parse().ok()?)?;
    Some((at, cursor.id))
}
