//! Saves what operations came to.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Done, Problem, Run, Workflow,
    run::{Verdict, Walk},
    step_name,
    store::{self, Standing},
};
use crate::{BoxError, boot::Context, group::Grouped, id::PartnerId, metrics, scope::Scope};

/// An operation that ran as far as it goes now.
pub(super) struct Ended<W: Workflow> {
    pub(super) lease: i64,
    pub(super) run: Run,
    pub(super) walk: Walk<W>,
    pub(super) verdict: Verdict,
}

impl<W: Workflow> Ended<W> {
    fn standing(&self, now: DateTime<Utc>) -> Result<Standing<'_>, BoxError> {
        let (walk, verdict) = (&self.walk, &self.verdict);
        let problem = verdict.problem.as_ref();
        Ok(Standing {
            operation_id: self.run.operation_id.uuid(),
            lease: self.lease,
            state: verdict.state,
            step: step_name(&walk.step),
            reached: &walk.reached,
            // what is done needs it no more, and keeps it as it was
            memory: match verdict.state {
                "done" => Value::Null,
                _ => serde_json::to_value(&walk.memory)?,
            },
            problem: problem.map(serde_json::to_value).transpose()?,
            attempt: verdict.attempt,
            last_error: verdict.last_error.clone(),
            due_at: now + verdict.wait,
            story: &walk.story,
        })
    }

    fn done(&self) -> impl Iterator<Item = Done<'_, W>> {
        self.walk.done.iter().map(|walked| Done {
            run: &self.run,
            step: walked.step,
            memory: &walked.memory,
            outcome: &walked.outcome,
        })
    }
}

/// Saves what operations came to, with what they changed; operations of one tenant that end at the
/// same time share the transaction.
pub(super) struct Saver<W> {
    pub(super) context: Context,
    pub(super) workflow: Arc<W>,
}

impl<W: Workflow> Grouped for Saver<W> {
    type Item = Arc<Ended<W>>;
    /// Whether it was saved: its lease was still ours.
    type Done = bool;
    type Error = BoxError;

    async fn serve(
        &self,
        partner: PartnerId,
        items: &[Arc<Ended<W>>],
    ) -> Result<Vec<bool>, BoxError> {
        let now = self.context.clock.now();
        let standings: Result<Vec<_>, _> = items.iter().map(|item| item.standing(now)).collect();
        let mut tx = self.context.db.begin_many(Scope::Partner(partner)).await?;
        let saved = store::save(&mut tx, partner, &standings?, now).await?;
        let ours = |item: &Ended<W>| saved.contains(&(item.run.operation_id.uuid(), item.lease));
        let done: Vec<_> = items
            .iter()
            .filter(|item| ours(item))
            .flat_map(|item| item.done())
            .collect();
        self.workflow.record_all(&mut tx, &done).await?;
        for item in items.iter().filter(|item| ours(item)) {
            let Ended {
                run, walk, verdict, ..
            } = &**item;
            if verdict.state == "undoing" {
                tx.due.insert(W::KIND.to_owned());
            }
            if let ("stuck", Some(problem)) = (verdict.state, &verdict.problem) {
                let failed = self.workflow.failed(&mut tx, run, &walk.memory, problem);
                failed.await?;
                stuck(W::KIND, run, problem);
            }
        }
        tx.commit().await?;
        Ok(items.iter().map(|item| ours(item)).collect())
    }
}

/// Says that an operation needs a person.
pub(super) fn stuck(kind: &'static str, run: &Run, problem: &Problem) {
    ::metrics::counter!(metrics::OPERATIONS_STUCK, "kind" => kind).increment(1);
    tracing::error!(operation_id = %run.operation_id, ?problem, "operation stuck");
}
