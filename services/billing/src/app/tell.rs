//! Reports in the words of the contract, for answers and for the feed; and acts, for the audit.

use kit::audit::Entry;
use kit::db::Tx;
use kit::feed;
use kit::id::PartnerId;
use kit::time::to_proto;
use proto::billing::v1::event::Kind;
use proto::billing::v1::{Event, Report, ReportChanged, ReportStatus, ReportType};
use proto::common::v1::Problem;

use super::App;
use crate::domain::report::{self, Level, State};
use crate::error::Error;

/// Tells of an act.
pub(super) async fn act(
    app: &App,
    tx: &mut Tx,
    partner: PartnerId,
    act: Entry,
) -> Result<(), Error> {
    let (context, event) = (&app.context, Event::from(act));
    feed::append(tx, &context.ids, partner, context.clock.now(), &event).await?;
    Ok(())
}

/// A report without its link.
pub(crate) fn report(report: &report::Report) -> Report {
    let day = |day: chrono::NaiveDate| day.format("%Y-%m-%d").to_string();
    let level = match report.level {
        Level::Partner => ReportType::Partner,
        Level::Customer => ReportType::Customer,
        Level::User => ReportType::User,
    };
    let status = match report.state {
        State::InProgress => ReportStatus::InProgress,
        State::Completed => ReportStatus::Completed,
        State::Failed => ReportStatus::Failed,
    };
    Report {
        report_id: report.id.to_string(),
        start_date: day(report.period.first),
        end_date: day(report.period.last),
        report_type: level.into(),
        status: status.into(),
        created_at: Some(to_proto(report.created_at)),
        created_by: report.created_by.clone(),
        download_path: String::new(),
        errors: report
            .errors
            .iter()
            .map(|problem| Problem {
                reason: problem.reason.clone(),
                description: problem.description.clone(),
            })
            .collect(),
    }
}

/// The event that tells of a report's end.
pub(crate) fn changed(changed: &report::Report) -> Event {
    let kind = Kind::ReportChanged(ReportChanged {
        report: Some(report(changed)),
    });
    Event {
        header: None,
        kind: Some(kind),
    }
}
