//! The durable operation that takes the service from a provisioned customer that reviewers refused
//! afterwards: under the concurrent policy, or when a list changed.

use chrono::{DateTime, Utc};
use kit::{
    BoxError,
    db::Tx,
    id::PartnerId,
    operation::{self, Outcome, Run, StepError, Workflow},
};
use serde::{Deserialize, Serialize};

use crate::{
    app::{App, create_customer::not_started},
    domain::customer::{CustomerId, Problem},
    error::Error,
    store,
};

/// Blocks a customer.
#[derive(Debug)]
pub(crate) struct BlockCustomer(pub(crate) App);

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Every subscriber's packages end.
    Revoke,
    /// Tells partner and other contexts.
    Finish,
}

/// What the operation remembers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Why.
    problem: Option<Problem>,
}

/// Starts it, in the transaction that learned of the refusal.
pub(crate) async fn start(
    app: &App,
    tx: &mut Tx,
    partner: PartnerId,
    customer_id: CustomerId,
    problem: Problem,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let memory = Memory {
        problem: Some(problem),
    };
    let ids = &app.context.ids;
    operation::start::<BlockCustomer>(tx, ids, partner, customer_id.uuid(), &memory, now)
        .await
        .map_err(not_started)?;
    Ok(())
}

impl Workflow for BlockCustomer {
    type Step = Step;
    type Memory = Memory;
    const KIND: &'static str = "block_customer";
    const FIRST: Step = Step::Revoke;
    const ALL: &'static [Step] = &[Step::Revoke, Step::Finish];

    async fn act(&self, run: &Run, step: Step, _: &mut Memory) -> Result<Outcome<Step>, StepError> {
        match step {
            Step::Revoke => {
                let customer_id = CustomerId::from_uuid(run.subject);
                // nothing is to be undone: whatever the answer, the customer must lose its service
                self.0
                    .revoke_entitlement(run.partner, customer_id)
                    .await
                    .map_err(StepError::Retry)?;
                Ok(Outcome::Next(Step::Finish))
            }
            Step::Finish => Ok(Outcome::Done),
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
        if let (Step::Finish, Outcome::Done, Some(problem)) = (step, outcome, &memory.problem) {
            self.blocked(tx, run, problem).await?;
        }
        Ok(())
    }

    async fn undo(&self, _: &Run, _: Step, _: &mut Memory) -> Result<(), StepError> {
        Ok(())
    }

    async fn failed(
        &self,
        tx: &mut Tx,
        run: &Run,
        _: &Memory,
        problem: &operation::Problem,
    ) -> Result<(), BoxError> {
        let problem = Problem {
            reason: problem.reason.clone(),
            description: problem.description.clone(),
        };
        self.blocked(tx, run, &problem).await?;
        Ok(())
    }
}

impl BlockCustomer {
    async fn blocked(&self, tx: &mut Tx, run: &Run, problem: &Problem) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        store::customer::set_error(tx, run.partner, customer_id, true, problem, run.now).await?;
        self.0
            .tell_current(tx, run.partner, customer_id, run.now)
            .await
    }
}
