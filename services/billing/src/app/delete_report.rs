//! Deletes a report; its link dies at once (R-1406).

use kit::audit;
use kit::auth::Caller;

use super::{App, tell};
use crate::domain::ReportId;
use crate::error::Error;
use crate::store;

/// Deletes it with its file. One that is still being written may go too: the operation finds
/// nothing left to write and ends.
pub(crate) async fn delete_report(app: &App, caller: &Caller, report: &str) -> Result<(), Error> {
    let id: ReportId = report.parse().map_err(|_| Error::Missing("report"))?;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    if !store::report::delete(&mut tx, caller.partner, id).await? {
        return Err(Error::Missing("report"));
    }
    let act = audit::by(caller, "report.deleted").target("report", id);
    tell::act(app, &mut tx, caller.partner, act).await?;
    tx.commit().await?;
    Ok(())
}
