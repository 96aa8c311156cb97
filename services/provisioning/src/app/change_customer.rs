//! The durable operation that changes a customer: `screen` (a new address only, R-601) →
//! `entitle` → `finish`. When it fails, the customer keeps the packages and the address it had.

use chrono::{DateTime, Utc};
use kit::{
    BoxError,
    db::Tx,
    operation::{Outcome, Problem, Run, StepError, Workflow},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::{
        App, block_customer,
        screen::{Decision, Screened, refusal, screen},
    },
    domain::{
        self,
        customer::{CustomerId, CustomerStatus, Entitled, Plan},
    },
    error::Error,
    store::{self, customer_change},
};

/// Changes a customer.
#[derive(Debug)]
pub(crate) struct ChangeCustomer(pub(crate) App);

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Restricted-party screening of a new address.
    Screen,
    /// The new set of packages.
    Entitle,
    /// Tells partner and other contexts.
    Finish,
}

/// What the operation remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What the customer shall be.
    pub(crate) plan: Plan,
    /// What it was entitled to before.
    pub(crate) former: Vec<Entitled>,
    /// The address is new.
    pub(crate) screened: bool,
    /// A new time zone of the meeting site.
    pub(crate) meetings_timezone: Option<String>,
    /// The case that screening opened.
    pub(crate) case_id: Option<Uuid>,
    /// When the change was accepted.
    pub(crate) accepted_at: DateTime<Utc>,
}

impl Workflow for ChangeCustomer {
    type Step = Step;
    type Memory = Memory;
    const KIND: &'static str = "update_customer";
    const FIRST: Step = Step::Screen;
    const ALL: &'static [Step] = &[Step::Screen, Step::Entitle, Step::Finish];

    async fn act(
        &self,
        run: &Run,
        step: Step,
        memory: &mut Memory,
    ) -> Result<Outcome<Step>, StepError> {
        let app = &self.0;
        let plan = &memory.plan;
        match step {
            Step::Screen if !memory.screened => Ok(Outcome::Next(Step::Entitle)),
            Step::Screen => {
                match screen(app, run, run.key(step), plan, &mut memory.case_id).await? {
                    Screened::GoOn => Ok(Outcome::Next(Step::Entitle)),
                    Screened::Waiting => Ok(Outcome::Await(app.config.review_poll())),
                    Screened::Refused(problem) => Ok(Outcome::Undo(problem)),
                }
            }
            Step::Entitle => {
                let customer_id = CustomerId::from_uuid(run.subject);
                app.apply_entitlement(run.partner, customer_id, plan, &plan.packages)
                    .await?;
                Ok(Outcome::Next(Step::Finish))
            }
            Step::Finish => match refusal(app, run, memory.case_id).await? {
                Decision::Refused(problem) => Ok(Outcome::Undo(problem)),
                Decision::Open | Decision::Approved => Ok(Outcome::Done),
            },
        }
    }

    async fn record(
        &self,
        tx: &mut Tx,
        run: &Run,
        step: Step,
        memory: &Memory,
        outcome: &Outcome<Step>,
    ) -> Result<(), BoxError> {
        match (step, outcome) {
            (Step::Screen, Outcome::Await(_)) => {
                self.set_status(tx, run, CustomerStatus::PendingReview)
                    .await?;
            }
            (Step::Screen, Outcome::Next(_)) if memory.case_id.is_some() => {
                self.set_status(tx, run, CustomerStatus::Updating).await?;
            }
            (Step::Finish, Outcome::Done) => self.finish(tx, run, memory).await?,
            _ => {}
        }
        Ok(())
    }

    async fn undo(&self, run: &Run, step: Step, memory: &mut Memory) -> Result<(), StepError> {
        match step {
            // also after a refused screening: the subscriber context learns of a new external id
            Step::Screen => {
                let customer_id = CustomerId::from_uuid(run.subject);
                self.0
                    .apply_entitlement(run.partner, customer_id, &memory.plan, &memory.former)
                    .await
                    .map_err(StepError::Retry)
            }
            // covered by the step before, which was reached as well
            Step::Entitle | Step::Finish => Ok(()),
        }
    }

    async fn failed(
        &self,
        tx: &mut Tx,
        run: &Run,
        memory: &Memory,
        problem: &Problem,
    ) -> Result<(), BoxError> {
        let customer_id = CustomerId::from_uuid(run.subject);
        let problem = domain::customer::Problem {
            reason: problem.reason.clone(),
            description: problem.description.clone(),
        };
        customer_change::fail(tx, run.partner, customer_id, &problem, run.now).await?;
        self.0
            .tell_current(tx, run.partner, customer_id, run.now)
            .await?;
        self.block_if_refused(tx, run, memory).await?;
        Ok(())
    }
}

impl ChangeCustomer {
    async fn finish(&self, tx: &mut Tx, run: &Run, memory: &Memory) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        let limits = memory
            .plan
            .packages
            .iter()
            .map(|p| (p.name.clone(), p.limit))
            .collect();
        let done = customer_change::Done {
            address: &memory.plan.address,
            meetings_timezone: memory.meetings_timezone.as_deref(),
            limits,
        };
        customer_change::finish(tx, run.partner, customer_id, done, run.now).await?;
        self.0
            .tell_current(tx, run.partner, customer_id, run.now)
            .await?;
        self.block_if_refused(tx, run, memory).await
    }

    /// A case that this change did not open may have been refused while it ran; the customer was
    /// busy then and is blocked now.
    async fn block_if_refused(&self, tx: &mut Tx, run: &Run, memory: &Memory) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        let since = memory.accepted_at;
        let refused = store::screening_outcome::refused_since(
            tx,
            run.partner,
            customer_id,
            memory.case_id,
            since,
        )
        .await?;
        match refused.and_then(domain::screening::Verdict::refusal) {
            Some(problem) => {
                block_customer::start(&self.0, tx, run.partner, customer_id, problem, run.now).await
            }
            None => Ok(()),
        }
    }

    async fn set_status(
        &self,
        tx: &mut Tx,
        run: &Run,
        status: CustomerStatus,
    ) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        if store::customer::set_status(tx, run.partner, customer_id, status, run.now).await? {
            self.0
                .tell_current(tx, run.partner, customer_id, run.now)
                .await?;
        }
        Ok(())
    }
}
