//! Drives operations.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::{StreamExt as _, stream::FuturesUnordered};
use serde_json::Value;

use super::{
    OperationId, Outcome, Problem, Run, StepError, Workflow, step_name,
    store::{self, Claimed, Line, Standing},
};
use crate::{
    BoxError,
    boot::{Context, Worker},
    id::PartnerId,
    metrics,
    scope::Scope,
    telemetry::{self, Trace},
};

/// Operations in flight in one worker.
const IN_FLIGHT: usize = 32;
/// How long a worker may hold an operation; longer than any one run of steps takes.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long due work of another replica may wait.
const POLL: Duration = Duration::from_millis(900);
/// Tries of one step before a person is needed: about half an hour.
const TRIES: i32 = 36;
/// The longest pause between tries.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// The worker that runs a kind of operation; any number of replicas may run one.
pub fn runner<W: Workflow>(context: &Context, workflow: W) -> Worker {
    let context = context.clone();
    let workflow = Arc::new(workflow);
    Worker::new(W::KIND, async move {
        let mut running = FuturesUnordered::new();
        let mut dry = false;
        loop {
            let free = IN_FLIGHT - running.len();
            if !dry && free >= IN_FLIGHT / 4 && !context.tasks.stopping() {
                let most = i64::try_from(free).unwrap_or(1);
                let now = context.clock.now();
                match store::claim(&context.db, W::KIND, now, LEASE, most).await {
                    Ok(claimed) => {
                        dry = claimed.len() < free;
                        for claimed in claimed {
                            running.push(drive(&context, &*workflow, claimed));
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, kind = W::KIND, "could not claim operations");
                        dry = true;
                    }
                }
            }
            if context.tasks.stopping() && running.is_empty() {
                return;
            }
            tokio::select! {
                Some(()) = running.next() => {}
                () = context.db.signals.due.notified() => dry = false,
                () = tokio::time::sleep(jittered(POLL, context.random.fraction())) => dry = false,
                () = context.tasks.stopped(), if running.is_empty() => return,
            }
        }
    })
}

/// Between 90 % and 110 % of a duration.
fn jittered(duration: Duration, thousandths: u32) -> Duration {
    duration * (900 + thousandths / 5) / 1000
}

/// Runs one claimed operation as far as it goes now.
async fn drive<W: Workflow>(context: &Context, workflow: &W, claimed: Claimed) {
    let trace = Trace::parse(&claimed.traceparent);
    let span = tracing::info_span!(
        "operation",
        kind = W::KIND,
        operation_id = %claimed.operation_id,
        trace_id = trace.map(|trace| format!("{:032x}", trace.trace_id)),
    );
    let work = async {
        let driven = match claimed.state.as_str() {
            "undoing" => undo(context, workflow, &claimed).await,
            _ => forward(context, workflow, &claimed).await,
        };
        if let Err(error) = driven {
            // nothing was saved: the lease runs out and the operation is claimed again
            tracing::warn!(error = crate::fault::chain(&*error), "operation not saved");
        }
    };
    telemetry::within(trace, span, work).await;
}

fn run_of(context: &Context, claimed: &Claimed) -> Run {
    Run {
        operation_id: OperationId::from_uuid(claimed.operation_id),
        partner: PartnerId::from_uuid(claimed.partner_id),
        subject: claimed.subject_id,
        attempt: claimed.attempt,
        now: context.clock.now(),
    }
}

/// Steps that were run in this claim, to be saved together.
struct Walk<W: Workflow> {
    done: Vec<(W::Step, W::Memory, Outcome<W::Step>)>,
    story: Vec<Line>,
    reached: Vec<String>,
}

/// How a walk ended.
enum End<S> {
    /// With an outcome that is no `Next`.
    Outcome(S, Outcome<S>),
    /// With an error at a step.
    Error(S, StepError),
}

async fn forward<W: Workflow>(
    context: &Context,
    workflow: &W,
    claimed: &Claimed,
) -> Result<(), BoxError> {
    let mut run = run_of(context, claimed);
    let mut step: W::Step = serde_json::from_value(Value::String(claimed.step.clone()))?;
    let mut memory: W::Memory = serde_json::from_value(claimed.memory.clone())?;
    let mut walk = Walk::<W> {
        done: Vec::new(),
        story: Vec::new(),
        reached: claimed.reached.clone(),
    };
    let end = loop {
        let name = step_name(&step);
        if !walk.reached.contains(&name) {
            walk.reached.push(name.clone());
        }
        let before = memory.clone();
        match workflow.act(&run, step, &mut memory).await {
            Ok(outcome) => {
                walk.story.push(line(W::KIND, &name, &outcome));
                walk.done.push((step, memory.clone(), outcome.clone()));
                match outcome {
                    Outcome::Next(next) => {
                        step = next;
                        run.attempt = 1;
                    }
                    other => break End::Outcome(step, other),
                }
            }
            Err(error) => {
                memory = before;
                walk.story.push(failure(W::KIND, &name, &error));
                break End::Error(step, error);
            }
        }
    };
    let first = walk.done.is_empty();
    let tries = if first { claimed.attempt } else { 1 };
    let now = context.clock.now();
    let standing = |state, step: W::Step, problem: Option<&Problem>| Standing {
        state,
        step: step_name(&step),
        reached: &walk.reached,
        memory: serde_json::to_value(&memory).unwrap_or(Value::Null),
        problem: problem.and_then(|problem| serde_json::to_value(problem).ok()),
        attempt: 0,
        last_error: None,
        due_at: now,
    };
    let (standing, stuck) = match end {
        End::Outcome(step, Outcome::Done) => (standing("done", step, None), None),
        End::Outcome(step, Outcome::Undo(problem)) | End::Error(step, StepError::Fail(problem)) => {
            (standing("undoing", step, Some(&problem)), None)
        }
        End::Outcome(step, Outcome::Later(wait) | Outcome::Await(wait)) => {
            let due_at = now + TimeDelta::from_std(wait)?;
            (
                Standing {
                    due_at,
                    ..standing("running", step, None)
                },
                None,
            )
        }
        // the walk goes on after a `Next`, so it never ends with one
        End::Outcome(step, Outcome::Next(_)) => (standing("running", step, None), None),
        End::Error(step, StepError::Retry(fault)) if tries >= TRIES => {
            let problem = Problem::new("OPERATION_STUCK", fault.to_string());
            let standing = Standing {
                last_error: Some(fault.to_string()),
                ..standing("stuck", step, Some(&problem))
            };
            (standing, Some(problem))
        }
        End::Error(step, StepError::Retry(fault)) => {
            let due_at = now + pause(tries, context.random.fraction());
            let last_error = Some(fault.to_string());
            (
                Standing {
                    due_at,
                    attempt: tries,
                    last_error,
                    ..standing("running", step, None)
                },
                None,
            )
        }
    };
    let more = standing.state == "undoing";

    let mut tx = context.db.begin(Scope::Partner(run.partner)).await?;
    if !store::save(&mut tx, claimed, standing, &walk.story, now).await? {
        tracing::debug!("lease lost");
        return Ok(());
    }
    for (step, memory, outcome) in &walk.done {
        workflow
            .record(&mut tx, &run, *step, memory, outcome)
            .await?;
    }
    if let Some(problem) = &stuck {
        workflow.failed(&mut tx, &run, &memory, problem).await?;
        ::metrics::counter!(metrics::OPERATIONS_STUCK, "kind" => W::KIND).increment(1);
        tracing::error!(operation_id = %run.operation_id, ?problem, "operation stuck");
    }
    tx.due = more;
    tx.commit().await?;
    Ok(())
}

async fn undo<W: Workflow>(
    context: &Context,
    workflow: &W,
    claimed: &Claimed,
) -> Result<(), BoxError> {
    let run = run_of(context, claimed);
    let mut memory: W::Memory = serde_json::from_value(claimed.memory.clone())?;
    let problem: Problem = match claimed.problem.clone() {
        Some(problem) => serde_json::from_value(problem)?,
        None => Problem::new("UNKNOWN", "undone without a reason"),
    };
    let mut reached = claimed.reached.clone();
    let mut story = Vec::new();
    let mut error = None;
    while let Some(name) = reached.last().cloned() {
        let step: W::Step = serde_json::from_value(Value::String(name.clone()))?;
        match workflow.undo(&run, step, &mut memory).await {
            Ok(()) => {
                story.push(Line {
                    step: name,
                    outcome: "undone",
                    detail: String::new(),
                });
                reached.pop();
            }
            Err(failed) => {
                story.push(failure(W::KIND, &name, &failed));
                error = Some(failed.to_string());
                break;
            }
        }
    }
    let now = context.clock.now();
    let (state, due_at) = match &error {
        None => ("undone", now),
        Some(_) if claimed.attempt >= TRIES => ("stuck", now),
        Some(_) => (
            "undoing",
            now + pause(claimed.attempt, context.random.fraction()),
        ),
    };
    let standing = Standing {
        state,
        step: claimed.step.clone(),
        reached: &reached,
        memory: serde_json::to_value(&memory)?,
        problem: Some(serde_json::to_value(&problem)?),
        attempt: if story.iter().any(|line| line.outcome == "undone") {
            0
        } else {
            claimed.attempt
        },
        last_error: error,
        due_at,
    };
    let mut tx = context.db.begin(Scope::Partner(run.partner)).await?;
    if !store::save(&mut tx, claimed, standing, &story, now).await? {
        return Ok(());
    }
    if state != "undoing" {
        workflow.failed(&mut tx, &run, &memory, &problem).await?;
    }
    if state == "stuck" {
        ::metrics::counter!(metrics::OPERATIONS_STUCK, "kind" => W::KIND).increment(1);
        tracing::error!(operation_id = %run.operation_id, ?problem, "operation could not be undone");
    }
    tx.commit().await?;
    Ok(())
}

/// The pause after a number of tries: doubling, bounded, with jitter.
fn pause(tries: i32, thousandths: u32) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(1, 10) - 1).unwrap_or(0);
    let base = (TimeDelta::milliseconds(100) * 2_i32.pow(doublings)).min(LONGEST_PAUSE);
    base + base * i32::try_from(thousandths).unwrap_or(0) / 2000
}

fn line<S: std::fmt::Debug>(kind: &'static str, step: &str, outcome: &Outcome<S>) -> Line {
    let (outcome, detail) = match outcome {
        Outcome::Next(_) => ("next", String::new()),
        Outcome::Later(wait) => ("later", format!("{} s", wait.as_secs())),
        Outcome::Await(wait) => ("await", format!("at most {} s", wait.as_secs())),
        Outcome::Undo(problem) => (
            "undo",
            format!("{}: {}", problem.reason, problem.description),
        ),
        Outcome::Done => ("done", String::new()),
    };
    count(kind, step, outcome);
    Line {
        step: step.to_owned(),
        outcome,
        detail,
    }
}

fn failure(kind: &'static str, step: &str, error: &StepError) -> Line {
    let outcome = match error {
        StepError::Retry(_) => "error",
        StepError::Fail(_) => "failed",
    };
    count(kind, step, outcome);
    Line {
        step: step.to_owned(),
        outcome,
        detail: error.to_string(),
    }
}

fn count(kind: &'static str, step: &str, outcome: &'static str) {
    let labels = [
        ("kind", kind.to_owned()),
        ("step", step.to_owned()),
        ("outcome", outcome.to_owned()),
    ];
    ::metrics::counter!(metrics::OPERATION_STEPS, &labels).increment(1);
}
