//! The operation that writes a report: waits until the feeds are heard of, then writes the file.

use std::time::Duration;

use chrono::TimeDelta;
use kit::BoxError;
use kit::db::Tx;
use kit::feed;
use kit::id::PartnerId;
use kit::operation::{Outcome, Problem, Run, StepError, Workflow};
use kit::scope::Scope;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::App;
use super::caught_up::caught_up;
use super::{report_file, tell};
use crate::domain::ReportId;
use crate::domain::report::{self, State};
use crate::error::{Error, REPORT_FAILED};
use crate::store;

/// How long to wait for another writer.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for a feed that is behind.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How long to wait for a feed that is behind: a quarter of what was waited already.
fn pause(waited: TimeDelta) -> Duration {
    waited
        .to_std()
        .map_or(PAUSE, |waited| (waited / 4).clamp(PAUSE, LONGEST_PAUSE))
}

/// Files written at a time: each holds a connection of the pool, which requests need too.
const WRITERS: usize = 2;

/// The operation.
#[derive(Debug)]
pub(crate) struct WriteReport {
    app: App,
    writers: Semaphore,
}

impl WriteReport {
    /// With its own limit of writers.
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            writers: Semaphore::new(WRITERS),
        }
    }
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
        Ok(Outcome::Later(pause(
            context.clock.now() - report.created_at,
        )))
    }

    /// Writes the file in one transaction, under the lock of the report's row, so it is written
    /// once: a large one may outlast the lease of the operation, and whoever then claims it waits
    /// and finds the file there.
    async fn write(&self, partner: PartnerId, id: ReportId) -> Result<Outcome<Step>, Error> {
        let Ok(_permit) = self.writers.try_acquire() else {
            return Ok(Outcome::Later(PAUSE));
        };
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
        let chunks = report_file::write(&mut tx, &report).await?;
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
