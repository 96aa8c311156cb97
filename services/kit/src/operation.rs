//! Durable operations: a row is a state machine, claimed in batches, driven step by step.
//!
//! * A claim takes due rows with `skip locked` and moves `due_at` ahead: `due_at` is the lease, so
//!   the row of a dead worker becomes due again by itself.
//! * A step acts outside of any transaction; its outcome is saved together with what it changes, in
//!   one transaction, fenced by the lease: who lost the lease writes nothing.
//! * Steps that follow each other at once are run in one claim and saved together. A crash repeats
//!   them, and they are safe to repeat: whoever is called gets `(operation, step)` as the key.
//! * What cannot be finished is undone, step by step backwards; what cannot be undone is `stuck`,
//!   with a log line, a metric and its own state.

use std::{fmt::Debug, future::Future, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    BoxError,
    db::Tx,
    fault::Fault,
    id::PartnerId,
    telemetry::{self, Trace},
};

mod run;
mod save;
mod store;
mod view;

pub use run::runner;
pub use store::{StartError, Starting, start, start_all, wake};
pub use view::{View, ViewEvent, view};

crate::id! {
    /// A durable operation.
    pub OperationId
}

/// Why an operation could not be finished; kept with it and told to its subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable reason in upper snake case.
    pub reason: String,
    /// Text for people.
    pub description: String,
}

impl Problem {
    /// From its two parts.
    pub fn new(reason: &str, description: impl Into<String>) -> Self {
        Self {
            reason: reason.to_owned(),
            description: description.into(),
        }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<S> {
    /// Go on with this step, at once.
    Next(S),
    /// Run this step again after a while.
    Later(Duration),
    /// Wait for an event ([`wake`]), and look again after a while at the latest.
    Await(Duration),
    /// It cannot be done: undo what was.
    Undo(Problem),
    /// Finished.
    Done,
}

/// Why a step did not come to an outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StepError {
    /// It may work later.
    #[error("{0}")]
    Retry(Fault),
    /// It will never work: undo.
    #[error("{}: {}", .0.reason, .0.description)]
    Fail(Problem),
}

impl From<Fault> for StepError {
    /// What a peer refuses for good is final; everything else is tried again.
    fn from(fault: Fault) -> Self {
        use crate::fault::Kind;
        match fault.kind {
            Kind::Invalid | Kind::Conflict | Kind::Precondition | Kind::Missing => {
                Self::Fail(Problem {
                    reason: fault.reason,
                    description: fault.message,
                })
            }
            _ => Self::Retry(fault),
        }
    }
}

impl From<sqlx::Error> for StepError {
    fn from(error: sqlx::Error) -> Self {
        use crate::fault::{Kind, reason};
        Self::Retry(Fault::new(
            Kind::Unavailable,
            reason::UNAVAILABLE,
            error.to_string(),
        ))
    }
}

/// One run of a step.
#[derive(Debug, Clone)]
pub struct Run {
    /// The operation.
    pub operation_id: OperationId,
    /// Its tenant.
    pub partner: PartnerId,
    /// What it works on.
    pub subject: Uuid,
    /// How often this step was tried, from 1.
    pub attempt: i32,
    /// The time of this run.
    pub now: DateTime<Utc>,
    /// The trace that the operation belongs to.
    pub trace: Option<Trace>,
}

impl Run {
    /// The idempotency key of a step: the same however often it is run.
    pub fn key<S: Serialize>(&self, step: S) -> String {
        format!("{}:{}", self.operation_id, step_name(&step))
    }
}

/// A step that came to an outcome, with the memory of that moment.
#[derive(Debug)]
pub struct Done<'a, W: Workflow> {
    /// The run.
    pub run: &'a Run,
    /// The step.
    pub step: W::Step,
    /// What the operation remembered.
    pub memory: &'a W::Memory,
    /// What it came to.
    pub outcome: &'a Outcome<W::Step>,
}

/// A kind of operation.
pub trait Workflow: Send + Sync + 'static {
    /// The steps: a unit enum with serde names.
    type Step: Copy + Serialize + DeserializeOwned + Debug + PartialEq + Send + Sync;
    /// What the operation remembers between steps.
    type Memory: Serialize + DeserializeOwned + Default + Clone + Send + Sync;
    /// Name of the kind.
    const KIND: &'static str;
    /// The first step.
    const FIRST: Self::Step;
    /// All steps.
    const ALL: &'static [Self::Step];

    /// Does the step's work, outside of any transaction. Safe to repeat.
    fn act(
        &self,
        run: &Run,
        step: Self::Step,
        memory: &mut Self::Memory,
    ) -> impl Future<Output = Result<Outcome<Self::Step>, StepError>> + Send;

    /// Writes what the step changed, in the transaction that saves its outcome.
    fn record(
        &self,
        tx: &mut Tx,
        run: &Run,
        step: Self::Step,
        memory: &Self::Memory,
        outcome: &Outcome<Self::Step>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The same for the steps of several operations of one tenant that are saved together, in their
    /// order. Worth writing where the ordinary case can be one statement for all.
    fn record_all(
        &self,
        tx: &mut Tx,
        done: &[Done<'_, Self>],
    ) -> impl Future<Output = Result<(), BoxError>> + Send
    where
        Self: Sized,
    {
        async move {
            for done in done {
                let span = tracing::debug_span!("record");
                let record = self.record(tx, done.run, done.step, done.memory, done.outcome);
                telemetry::within(done.run.trace, span, record).await?;
            }
            Ok(())
        }
    }

    /// The inverse of a step that was reached, perhaps not finished. Safe to repeat.
    fn undo(
        &self,
        run: &Run,
        step: Self::Step,
        memory: &mut Self::Memory,
    ) -> impl Future<Output = Result<(), StepError>> + Send;

    /// Tells the subject that it failed, in the transaction that ends the operation.
    fn failed(
        &self,
        tx: &mut Tx,
        run: &Run,
        memory: &Self::Memory,
        problem: &Problem,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// The name of a step, as serde has it.
fn step_name<S: Serialize>(step: &S) -> String {
    match serde_json::to_value(step) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
