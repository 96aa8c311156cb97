//! Accepts a report (R-1405, R-1406).

use kit::audit;
use kit::auth::Caller;
use kit::fault::Violations;
use kit::id::PartnerId;
use kit::operation;

use super::write_report::{Memory, WriteReport};
use super::{App, tell};
use crate::domain::ReportId;
use crate::domain::period::Period;
use crate::domain::report::{Level, Report, State};
use crate::error::Error;
use crate::store;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// First day.
    pub(crate) first: &'a str,
    /// Last day.
    pub(crate) last: &'a str,
    /// Level.
    pub(crate) level: Level,
    /// Only this sub-partner.
    pub(crate) sub_partner: &'a str,
}

/// Keeps the report and starts the operation that writes it, in one transaction.
///
/// Only a completed report stands in the way of another one (R-1406). One that failed does not, and
/// neither does one in progress: each request gets a report of its own, each is written exactly
/// once, and they tell the same. A suspended partner may ask too: a report only reads (R-1106).
pub(crate) async fn create_report(
    app: &App,
    caller: &Caller,
    wanted: Wanted<'_>,
) -> Result<Report, Error> {
    let now = app.context.clock.now();
    let mut problems = Violations::default();
    let period = Period::asked(wanted.first, wanted.last, now.date_naive(), &mut problems);
    let Some(period) = period.filter(|_| problems.is_empty()) else {
        return Err(Error::Invalid(problems.into_vec()));
    };

    let mut tx = app.context.db.begin(caller.scope()).await?;
    let sub_partner_id = match wanted.sub_partner {
        "" => None,
        text => Some(own_sub_partner(&mut tx, caller.partner, text).await?),
    };
    let (partner, level) = (caller.partner, wanted.level);
    if let Some(report) =
        store::report::completed(&mut tx, partner, level, period, sub_partner_id).await?
    {
        return Err(Error::ReportExists(report));
    }
    let report = Report {
        partner_id: partner,
        id: ReportId::new(&app.context.ids),
        level,
        period,
        sub_partner_id,
        state: State::InProgress,
        errors: Vec::new(),
        chunks: None,
        created_by: caller.subject.clone(),
        created_at: now,
    };
    store::report::insert(&mut tx, &report).await?;
    operation::start::<WriteReport>(
        &mut tx,
        &app.context.ids,
        partner,
        report.id.uuid(),
        &Memory::default(),
        now,
    )
    .await?;
    let act = audit::by(caller, "report.created");
    tell::act(
        app,
        &mut tx,
        report.partner_id,
        act.target("report", report.id),
    )
    .await?;
    tx.commit().await?;
    Ok(report)
}

/// A sub-partner of the caller; anything else does not exist (R-1203).
async fn own_sub_partner(
    tx: &mut kit::db::Tx,
    partner: PartnerId,
    text: &str,
) -> Result<PartnerId, Error> {
    let id: PartnerId = text.parse().map_err(|_| Error::Missing("sub-partner"))?;
    let own = store::projection::sub_partners(tx, partner).await?;
    own.into_iter()
        .find(|own| *own == id)
        .ok_or(Error::Missing("sub-partner"))
}
