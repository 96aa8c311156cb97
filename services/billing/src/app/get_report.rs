//! Reads a report; a complete one comes with a fresh link (R-1407).

use kit::auth::Caller;
use kit::db::Tx;

use super::App;
use crate::domain::ReportId;
use crate::domain::link::LinkKey;
use crate::domain::report::{Report, State};
use crate::error::Error;
use crate::store;

/// The report and, when complete, path and query of its link.
pub(crate) async fn get_report(
    app: &App,
    caller: &Caller,
    report: &str,
) -> Result<(Report, String), Error> {
    let id: ReportId = report.parse().map_err(|_| Error::Missing("report"))?;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let report = store::report::find(&mut tx, caller.partner, id).await?;
    let report = report.ok_or(Error::Missing("report"))?;
    let mut path = String::new();
    if report.state == State::Completed {
        let key = link_key(app, &mut tx).await?;
        path = key.path(report.partner_id, report.id, app.context.clock.now());
    }
    tx.commit().await?;
    Ok((report, path))
}

/// The key of links: the configured one, or the one in the database, made on first use.
pub(super) async fn link_key(app: &App, tx: &mut Tx) -> Result<LinkKey, Error> {
    if let Some(secret) = &app.config.link_secret {
        return Ok(LinkKey::new(
            app.config.link_key_id.clone(),
            secret.as_bytes(),
        ));
    }
    let secret = match store::link_key::find(tx).await? {
        Some(secret) => secret,
        None => store::link_key::keep(tx, &app.context.random.bytes::<32>()).await?,
    };
    Ok(LinkKey::new(app.config.link_key_id.clone(), &secret))
}
