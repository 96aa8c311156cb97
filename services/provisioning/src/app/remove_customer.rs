//! The durable operation that removes the wholesale service: `revoke` → `finish`. There is
//! no way back, so nothing is ever undone.

use kit::{
    BoxError,
    db::Tx,
    operation::{Outcome, Problem, Run, StepError, Workflow},
};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    domain::{self, customer::CustomerId},
    error::Error,
    store::{self, customer_change},
};

/// Removes a customer's service.
#[derive(Debug)]
pub(crate) struct RemoveCustomer(pub(crate) App);

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Every subscriber's packages end.
    Revoke,
    /// Tells partner and other contexts.
    Finish,
}

/// Nothing to remember: the subject says it all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {}

impl Workflow for RemoveCustomer {
    type Step = Step;
    type Memory = Memory;
    const KIND: &'static str = "remove_customer";
    const FIRST: Step = Step::Revoke;
    const ALL: &'static [Step] = &[Step::Revoke, Step::Finish];

    async fn act(&self, run: &Run, step: Step, _: &mut Memory) -> Result<Outcome<Step>, StepError> {
        match step {
            Step::Revoke => {
                let customer_id = CustomerId::from_uuid(run.subject);
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
        _: &Memory,
        outcome: &Outcome<Step>,
    ) -> Result<(), BoxError> {
        if let (Step::Finish, Outcome::Done) = (step, outcome) {
            self.removed(tx, run).await?;
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
        problem: &Problem,
    ) -> Result<(), BoxError> {
        let customer_id = CustomerId::from_uuid(run.subject);
        let problem = domain::customer::Problem {
            reason: problem.reason.clone(),
            description: problem.description.clone(),
        };
        store::customer::set_error(tx, run.partner, customer_id, false, &problem, run.now).await?;
        self.0
            .tell_current(tx, run.partner, customer_id, run.now)
            .await?;
        Ok(())
    }
}

impl RemoveCustomer {
    async fn removed(&self, tx: &mut Tx, run: &Run) -> Result<(), Error> {
        let customer_id = CustomerId::from_uuid(run.subject);
        let Some(customer) = store::customer::lock(tx, run.partner, customer_id).await? else {
            return Ok(());
        };
        customer_change::remove(tx, run.partner, customer_id, run.now).await?;
        self.0.tell(tx, run.partner, customer, true, run.now).await
    }
}
