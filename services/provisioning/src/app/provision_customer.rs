//! The durable operation that sets a customer up.
//!
//! `screen` → `organization` → `entitle` → `finish`. A customer that comes alone costs five commits:
//! accepting it (1), the screening record in compliance (1), the organization in identity (1), the
//! entitlement in subscriber (1), and here the end, which saves the outcome of all four steps
//! together with the customer's new state and its event (1). The claim of the operation is shared
//! by all operations that are due; and customers of one partner that come together share each of the
//! five (`kit::group`).

use std::collections::HashMap;

use kit::{
    BoxError,
    db::Tx,
    operation::{Done, Outcome, Problem, Run, StepError, Workflow},
    telemetry,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::{
        App,
        screen::{Decision, Screened, refusal, screen},
    },
    domain::{
        self,
        customer::{CustomerId, CustomerStatus, Plan},
    },
    error::Error,
    store,
};

/// Sets a customer up.
#[derive(Debug)]
pub(crate) struct ProvisionCustomer(pub(crate) App);

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Restricted-party screening.
    Screen,
    /// The organization, with its SIP domain.
    Organization,
    /// Packages and the first location.
    Entitle,
    /// Tells partner and other contexts.
    Finish,
}

/// What the operation remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What to set up.
    pub(crate) plan: Plan,
    /// The case that screening opened.
    pub(crate) case_id: Option<Uuid>,
    /// The organization exists: it was made, or service is attached to it.
    pub(crate) organization_ready: bool,
}

impl Workflow for ProvisionCustomer {
    type Step = Step;
    type Memory = Memory;
    const KIND: &'static str = "provision_customer";
    const FIRST: Step = Step::Screen;
    const ALL: &'static [Step] = &[
        Step::Screen,
        Step::Organization,
        Step::Entitle,
        Step::Finish,
    ];

    async fn act(
        &self,
        run: &Run,
        step: Step,
        memory: &mut Memory,
    ) -> Result<Outcome<Step>, StepError> {
        let app = &self.0;
        let customer_id = CustomerId::from_uuid(run.subject);
        let plan = &memory.plan;
        match step {
            Step::Screen => {
                match screen(app, run, run.key(step), plan, &mut memory.case_id).await? {
                    Screened::GoOn => Ok(Outcome::Next(Step::Organization)),
                    Screened::Waiting => Ok(Outcome::Await(app.config.review_poll())),
                    Screened::Refused(problem) => Ok(Outcome::Undo(problem)),
                }
            }
            Step::Organization if memory.organization_ready => {
                app.attach_organization(run.partner, plan).await?;
                Ok(Outcome::Next(Step::Entitle))
            }
            Step::Organization => {
                app.create_organization(run.partner, plan).await?;
                memory.organization_ready = true;
                Ok(Outcome::Next(Step::Entitle))
            }
            Step::Entitle => {
                app.apply_entitlement(run.partner, customer_id, plan, &plan.packages)
                    .await?;
                Ok(Outcome::Next(Step::Finish))
            }
            // beside a review the refusal may have come while the other steps ran
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
                self.set_status(tx, run, CustomerStatus::Provisioning)
                    .await?;
            }
            (Step::Finish, Outcome::Done) => {
                store::customer::provisioned(tx, run.partner, &[run.subject], run.now).await?;
                self.tell(tx, run).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Most end by being finished: those in three statements together.
    async fn record_all(&self, tx: &mut Tx, done: &[Done<'_, Self>]) -> Result<(), BoxError> {
        let finished = |done: &Done<'_, Self>| {
            matches!((done.step, done.outcome), (Step::Finish, Outcome::Done))
        };
        for done in done.iter().filter(|done| !finished(done)) {
            let span = tracing::debug_span!("record");
            let record = self.record(tx, done.run, done.step, done.memory, done.outcome);
            telemetry::within(done.run.trace, span, record).await?;
        }
        let runs: HashMap<Uuid, &Run> = done
            .iter()
            .filter(|done| finished(done))
            .map(|done| (done.run.subject, done.run))
            .collect();
        let Some(run) = runs.values().next() else {
            return Ok(());
        };
        let (partner, now) = (run.partner, run.now);
        let ids: Vec<_> = runs.keys().copied().collect();
        store::customer::provisioned(tx, partner, &ids, now).await?;
        let customers = store::customer::find_all(tx, partner, &ids).await?;
        let traced = customers.into_iter().map(|customer| {
            let run = runs.get(&customer.id.uuid());
            (run.and_then(|run| run.trace), customer, None)
        });
        Ok(self.0.tell_all(tx, partner, traced, now).await?)
    }

    async fn undo(&self, run: &Run, step: Step, _: &mut Memory) -> Result<(), StepError> {
        match step {
            Step::Entitle => {
                let customer_id = CustomerId::from_uuid(run.subject);
                self.0
                    .revoke_entitlement(run.partner, customer_id)
                    .await
                    .map_err(StepError::Retry)
            }
            // screening is a record; the organization stays, as it does after a removal
            Step::Screen | Step::Organization | Step::Finish => Ok(()),
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
        let ready = memory.organization_ready;
        store::customer::set_error(tx, run.partner, customer_id, ready, &problem, run.now).await?;
        self.tell(tx, run).await?;
        Ok(())
    }
}

impl ProvisionCustomer {
    /// A status on the way, if it is not there already: a look at an open case changes nothing.
    async fn set_status(
        &self,
        tx: &mut Tx,
        run: &Run,
        status: CustomerStatus,
    ) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        if store::customer::set_status(tx, run.partner, customer_id, status, run.now).await? {
            self.tell(tx, run).await?;
        }
        Ok(())
    }

    async fn tell(&self, tx: &mut Tx, run: &Run) -> Result<(), Error> {
        self.0
            .tell_current(tx, run.partner, CustomerId::from_uuid(run.subject), run.now)
            .await
    }
}
