//! The file of a report, for whoever holds a valid link (R-1407).

use std::io::Read as _;

use flate2::read::GzDecoder;
use futures::Stream;
use futures::stream::try_unfold;
use kit::audit;
use kit::id::PartnerId;
use kit::scope::Scope;

use super::get_report::link_key;
use super::{App, tell};
use crate::domain::ReportId;
use crate::domain::report::{Report, State};
use crate::error::Error;
use crate::store;

/// The parts of a link.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    /// First part of the path.
    pub(crate) partner: &'a str,
    /// Last part of the path.
    pub(crate) report: &'a str,
    /// Unix seconds.
    pub(crate) expires: i64,
    /// Signature.
    pub(crate) signature: &'a str,
}

/// The pieces of the file. Whatever is wrong with the link, the answer is the same. The row is
/// looked up each time, so deleting the report kills the link, even in the middle of a download.
pub(crate) async fn download_report(
    app: App,
    link: Link<'_>,
) -> Result<impl Stream<Item = Result<Vec<u8>, Error>> + use<>, Error> {
    let partner: PartnerId = link.partner.parse().map_err(|_| Error::LinkInvalid)?;
    let report: ReportId = link.report.parse().map_err(|_| Error::LinkInvalid)?;
    // The signature is checked before anything of the partner is looked at.
    let mut tx = app.context.db.begin(Scope::Partner(partner)).await?;
    let key = link_key(&app, &mut tx).await?;
    if !key.allows(
        partner,
        report,
        link.expires,
        link.signature,
        app.context.clock.now(),
    ) {
        return Err(Error::LinkInvalid);
    }
    let found = store::report::find(&mut tx, partner, report).await?;
    let found = found
        .filter(|report| report.state == State::Completed)
        .ok_or(Error::LinkInvalid)?;
    // whoever holds the link is nobody that we know
    let act = audit::nobody("report.downloaded").target("report", report);
    tell::act(&app, &mut tx, partner, act).await?;
    tx.commit().await?;
    Ok(try_unfold(0, move |chunk| {
        let (app, report) = (app.clone(), found.clone());
        async move { piece(&app, &report, chunk).await }
    }))
}

async fn piece(app: &App, report: &Report, chunk: i32) -> Result<Option<(Vec<u8>, i32)>, Error> {
    if report.chunks.is_none_or(|chunks| chunk >= chunks) {
        return Ok(None);
    }
    let mut tx = app
        .context
        .db
        .begin(Scope::Partner(report.partner_id))
        .await?;
    let packed = store::report::chunk(&mut tx, report.partner_id, report.id, chunk).await?;
    tx.commit().await?;
    let packed = packed.ok_or(Error::LinkInvalid)?;
    let mut content = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut content)?;
    Ok(Some((content, chunk + 1)))
}
