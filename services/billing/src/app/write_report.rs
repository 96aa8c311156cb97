//! The operation that writes a report: waits until the feeds are heard of, then writes the file.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use kit::BoxError;
use kit::db::Tx;
use kit::feed;
use kit::id::PartnerId;
use kit::operation::{Outcome, Problem, Run, StepError, Workflow};
use kit::scope::Scope;
use serde::{Deserialize, Serialize};

use super::App;
use super::caught_up::caught_up;
use super::tell;
use crate::domain::ReportId;
use crate::domain::report::{self, Report, State};
use crate::domain::rows::{Pool, Row, Rows, Site, Slice, User};
use crate::domain::sheet::Sheet;
use crate::domain::usage::{Interval, Window};
use crate::error::{Error, REPORT_FAILED};
use crate::store;
use crate::store::usage::Used;

/// Size of a piece of the file before it is packed.
const CHUNK: usize = 256 * 1024;
/// How long to wait for a feed that is behind, or for another worker.
const PAUSE: Duration = Duration::from_secs(1);

/// The operation.
#[derive(Debug, Clone)]
pub(crate) struct WriteReport {
    /// What it needs.
    pub(crate) app: App,
}

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Wait for the feeds.
    CatchUp,
    /// Write the file.
    Write,
}

/// What it remembers between steps: nothing, the report says it all.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Memory {}

impl Workflow for WriteReport {
    type Step = Step;
    type Memory = Memory;

    const KIND: &'static str = "write_report";
    const FIRST: Step = Step::CatchUp;
    const ALL: &'static [Step] = &[Step::CatchUp, Step::Write];

    async fn act(&self, run: &Run, step: Step, _: &mut Memory) -> Result<Outcome<Step>, StepError> {
        let report = ReportId::from_uuid(run.subject);
        let outcome = match step {
            Step::CatchUp => self.catch_up(run.partner, report).await,
            Step::Write => self.write(run.partner, report).await,
        };
        outcome.map_err(|error| match error {
            Error::Impossible(_) | Error::Sheet(_) => {
                StepError::Fail(Problem::new(REPORT_FAILED, kit::fault::chain(&error)))
            }
            error => StepError::Retry(error.into()),
        })
    }

    async fn record(
        &self,
        tx: &mut Tx,
        run: &Run,
        step: Step,
        _: &Memory,
        outcome: &Outcome<Step>,
    ) -> Result<(), BoxError> {
        let report = ReportId::from_uuid(run.subject);
        if step == Step::Write
            && matches!(outcome, Outcome::Done)
            && store::report::complete(tx, run.partner, report).await?
        {
            self.tell(tx, run, report).await?;
        }
        Ok(())
    }

    /// Nothing outside of the report's own rows was touched.
    async fn undo(&self, _: &Run, _: Step, _: &mut Memory) -> Result<(), StepError> {
        Ok(())
    }

    async fn failed(
        &self,
        tx: &mut Tx,
        run: &Run,
        _: &Memory,
        problem: &Problem,
    ) -> Result<(), BoxError> {
        let report = ReportId::from_uuid(run.subject);
        tracing::error!(%report, reason = problem.reason, "report failed");
        // What went wrong inside is for the operator's log, not for the partner.
        let told = report::Problem {
            reason: REPORT_FAILED.to_owned(),
            description: "the report could not be written; please ask for it again".to_owned(),
        };
        if store::report::fail(tx, run.partner, report, &told).await? {
            self.tell(tx, run, report).await?;
        }
        Ok(())
    }
}

impl WriteReport {
    async fn catch_up(&self, partner: PartnerId, id: ReportId) -> Result<Outcome<Step>, Error> {
        let context = &self.app.context;
        let mut tx = context.db.begin(Scope::Partner(partner)).await?;
        let report = store::report::find(&mut tx, partner, id).await?;
        tx.commit().await?;
        let Some(report) = report else {
            return Ok(Outcome::Done);
        };
        if caught_up(context, report.created_at).await? {
            return Ok(Outcome::Next(Step::Write));
        }
        Ok(Outcome::Later(PAUSE))
    }

    /// Writes the file in one transaction, under the lock of the report's row, so it is written
    /// once: a large one may outlast the lease of the operation, and whoever then claims it waits
    /// and finds the file there.
    async fn write(&self, partner: PartnerId, id: ReportId) -> Result<Outcome<Step>, Error> {
        let why = Scope::Whole("usage of the partner of a report and its sub-partners");
        let mut tx = self.app.context.db.begin(why).await?;
        let locked = store::report::lock(&mut tx, partner, id).await?;
        let Some(report) = store::report::find(&mut tx, partner, id).await? else {
            return Ok(Outcome::Done);
        };
        if report.chunks.is_some() || report.state != State::InProgress {
            return Ok(Outcome::Done);
        }
        if !locked {
            return Ok(Outcome::Later(PAUSE));
        }
        let chunks = write_file(&mut tx, &report).await?;
        store::report::written(&mut tx, partner, id, chunks).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }

    /// Appends the report's new state to the feed.
    async fn tell(&self, tx: &mut Tx, run: &Run, id: ReportId) -> Result<(), BoxError> {
        if let Some(report) = store::report::find(tx, run.partner, id).await? {
            let event = tell::changed(&report);
            feed::append(tx, &self.app.context.ids, run.partner, run.now, &event).await?;
        }
        Ok(())
    }
}

/// From the cursor through the rows into packed pieces; answers with their number. Memory does not
/// grow with the number of rows.
async fn write_file(tx: &mut Tx, report: &Report) -> Result<i32, Error> {
    let about = report.about();
    // A sub-partner has no sub-partners of its own (R-1101), and asks for itself alone.
    let mut owners = store::projection::sub_partners(tx, about).await?;
    owners.push(about);
    let owners: Vec<_> = owners.into_iter().map(PartnerId::uuid).collect();
    let window = report
        .period
        .window()
        .ok_or(Error::Impossible("report.last_day"))?;
    let mut sheet = sheet(tx, report).await?;
    let mut rows = Rows::new(sheet.level());
    let mut chunks = 0;

    store::usage::open_cursor(tx, &owners, window).await?;
    loop {
        let batch = store::usage::fetch(tx).await?;
        let last = batch.is_empty();
        let mut emit = |row: Row| sheet.add(&row);
        for used in batch {
            rows.push(slice(used, window)?, &mut emit)?;
        }
        if last {
            rows.finish(&mut emit)?;
        }
        while let Some(content) = sheet.take(if last { 1 } else { CHUNK })? {
            let packed = packed(&content)?;
            store::report::put_chunk(tx, report.partner_id, report.id, chunks, &packed).await?;
            chunks += 1;
        }
        if last {
            return Ok(chunks);
        }
    }
}

async fn sheet(tx: &mut Tx, report: &Report) -> Result<Sheet, Error> {
    let about = report.about();
    let partner = store::projection::partner(tx, about).await?;
    let (name, _) = partner.ok_or_else(|| Error::NotCaughtUp {
        what: "partner",
        id: about.to_string(),
    })?;
    let articles = store::projection::articles(tx).await?;
    Ok(Sheet::new(
        report.level,
        &name,
        about,
        report.period,
        articles,
    )?)
}

fn slice(used: Used, window: Window) -> Result<Slice, Error> {
    let unknown = || Error::NotCaughtUp {
        what: "customer",
        id: used.customer_id.to_string(),
    };
    let interval = Interval {
        started: used.started,
        ended: used.ended,
    };
    Ok(Slice {
        seconds: interval.clip(window, used.billing_start),
        site: Site {
            customer: used.customer_id,
            organization: used.organization_id,
            external_id: used.external_id.ok_or_else(unknown)?,
            location: used.location_id,
        },
        user: User {
            subscriber: used.subscriber_id,
            person: used.person_id,
            workspace: used.workspace_id,
        },
        pool: Pool {
            subscription_id: used.subscription_id.unwrap_or_default(),
            package: used.package,
        },
    })
}

fn packed(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(content)?;
    packer.finish()
}
