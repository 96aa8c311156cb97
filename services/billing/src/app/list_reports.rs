//! Lists reports (R-1408).

use kit::auth::Caller;

use super::App;
use crate::domain::report::Report;
use crate::error::Error;
use crate::store;
use crate::store::report::Wanted;

/// A page of reports, each with its sort key, and whether there are more.
pub(crate) async fn list_reports(
    app: &App,
    caller: &Caller,
    mut wanted: Wanted,
) -> Result<(Vec<(String, Report)>, bool), Error> {
    let page = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    wanted.limit += 1;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let mut reports = store::report::list(&mut tx, caller.partner, &wanted).await?;
    tx.commit().await?;
    let more = reports.len() > page;
    reports.truncate(page);
    Ok((reports, more))
}
