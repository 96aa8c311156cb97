//! Drives operations.

use std::{pin::pin, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::{StreamExt as _, stream::FuturesUnordered};
use serde_json::Value;

use super::{
    OperationId, Outcome, Problem, Run, StepError, Workflow,
    save::{Ended, Saver, stuck},
    step_name,
    store::{self, Claimed, Line, Standing},
};
use crate::{
    BoxError,
    boot::{Context, Worker},
    group::Group,
    id::PartnerId,
    metrics,
    scope::Scope,
    telemetry::{self, Trace},
};

/// Operations in flight in one worker. They share the transactions that save them, so they take few
/// connections.
const IN_FLIGHT: usize = 64;
/// How long a worker may hold an operation; longer than any one run of steps takes.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How often saving is tried while the database is away; with the pauses well within the lease.
const SAVES: u32 = 8;
/// The pause between two tries of saving.
const SAVE_PAUSE: Duration = Duration::from_millis(1500);
/// Longest that operations give way to requests: they go on, slowly, however many requests come.
const GIVE_WAY: Duration = Duration::from_millis(200);
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
    let saver = Group::new(Saver {
        context: context.clone(),
        workflow: Arc::clone(&workflow),
    });
    Worker::new(W::KIND, async move {
        let mut running = FuturesUnordered::new();
        let mut due = context.db.signals.due(W::KIND);
        let mut dry = false;
        loop {
            let free = IN_FLIGHT - running.len();
            if !dry && free >= IN_FLIGHT / 4 && !context.tasks.stopping() {
                let most = i64::try_from(free).unwrap_or(1);
                let mut lost_lease = false;
                let mut claim = pin!(claim(&context, W::KIND, most));
                // what runs goes on meanwhile: it may hold the connections that the claim waits for
                let claimed = loop {
                    tokio::select! {
                        claimed = &mut claim => break claimed,
                        Some(lost) = running.next() => lost_lease |= lost,
                    }
                };
                match claimed {
                    Ok(claimed) => {
                        dry = claimed.len() < free && !lost_lease;
                        for claimed in claimed {
                            running.push(drive(&context, &saver, &*workflow, claimed));
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
                // a lease that was lost means that the operation was woken: look at once
                Some(lost) = running.next() => dry &= !lost,
                Ok(()) = due.changed() => dry = false,
                () = tokio::time::sleep(jittered(POLL, context.random.fraction())) => dry = false,
                () = context.tasks.stopped(), if running.is_empty() => return,
            }
        }
    })
}

/// Claims operations once no request is waited for.
async fn claim(context: &Context, kind: &str, most: i64) -> Result<Vec<Claimed>, sqlx::Error> {
    context.db.signals.requests.give_way(GIVE_WAY).await;
    let now = context.clock.now();
    store::claim(&context.db, kind, now, LEASE, most).await
}

/// Between 90 % and 110 % of a duration.
fn jittered(duration: Duration, thousandths: u32) -> Duration {
    duration * (900 + thousandths / 5) / 1000
}

/// Runs one claimed operation as far as it goes now; true when its lease was lost meanwhile.
async fn drive<W: Workflow>(
    context: &Context,
    saver: &Group<Saver<W>>,
    workflow: &W,
    claimed: Claimed,
) -> bool {
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
            _ => forward(context, saver, workflow, claimed).await,
        };
        match driven {
            Ok(kept) => !kept,
            Err(error) => {
                // nothing was saved: the lease runs out and the operation is claimed again
                tracing::warn!(error = crate::fault::chain(&*error), "operation not saved");
                false
            }
        }
    };
    telemetry::within(trace, span, work).await
}

fn run_of(context: &Context, claimed: &Claimed) -> Run {
    Run {
        operation_id: OperationId::from_uuid(claimed.operation_id),
        partner: PartnerId::from_uuid(claimed.partner_id),
        subject: claimed.subject_id,
        attempt: claimed.attempt,
        now: context.clock.now(),
        trace: Trace::parse(&claimed.traceparent),
    }
}

/// Steps that were run in this claim, to be saved together.
pub(super) struct Walk<W: Workflow> {
    pub(super) done: Vec<Walked<W>>,
    pub(super) story: Vec<Line>,
    pub(super) reached: Vec<String>,
    /// The step it ended at.
    pub(super) step: W::Step,
    pub(super) memory: W::Memory,
    /// How it ended: never with a `Next`.
    pub(super) end: Result<Outcome<W::Step>, StepError>,
}

/// A step that came to an outcome, with the memory of that moment.
pub(super) struct Walked<W: Workflow> {
    pub(super) step: W::Step,
    pub(super) memory: W::Memory,
    pub(super) outcome: Outcome<W::Step>,
}

/// Runs steps until one does not lead to the next at once.
async fn walk<W: Workflow>(
    workflow: &W,
    claimed: &Claimed,
    mut run: Run,
) -> Result<Walk<W>, BoxError> {
    let mut step: W::Step = serde_json::from_value(Value::String(claimed.step.clone()))?;
    let mut memory: W::Memory = serde_json::from_value(claimed.memory.clone())?;
    let (mut done, mut story, mut reached) = (Vec::new(), Vec::new(), claimed.reached.clone());
    loop {
        let name = step_name(&step);
        if !reached.contains(&name) {
            reached.push(name.clone());
        }
        let before = memory.clone();
        let outcome = match workflow.act(&run, step, &mut memory).await {
            Ok(outcome) => outcome,
            Err(error) => {
                story.push(failure(W::KIND, &name, &error));
                return Ok(Walk {
                    done,
                    story,
                    reached,
                    step,
                    memory: before,
                    end: Err(error),
                });
            }
        };
        story.push(line(W::KIND, &name, &outcome));
        done.push(Walked {
            step,
            memory: memory.clone(),
            outcome: outcome.clone(),
        });
        let Outcome::Next(next) = outcome else {
            return Ok(Walk {
                done,
                story,
                reached,
                step,
                memory,
                end: Ok(outcome),
            });
        };
        step = next;
        run.attempt = 1;
    }
}

/// What a walk means for the row: its state, tries, pause and problem.
pub(super) struct Verdict {
    pub(super) state: &'static str,
    pub(super) attempt: i32,
    pub(super) wait: TimeDelta,
    pub(super) last_error: Option<String>,
    pub(super) problem: Option<Problem>,
}

impl Verdict {
    fn new(state: &'static str) -> Self {
        Self {
            state,
            attempt: 0,
            wait: TimeDelta::zero(),
            last_error: None,
            problem: None,
        }
    }

    fn of<S>(end: &Result<Outcome<S>, StepError>, tries: i32, thousandths: u32) -> Self {
        match end {
            Ok(Outcome::Done) => Self::new("done"),
            Ok(Outcome::Next(_)) => Self::new("running"),
            Ok(Outcome::Later(wait) | Outcome::Await(wait)) => {
                let wait = TimeDelta::from_std(*wait).unwrap_or(LONGEST_PAUSE);
                Self {
                    wait,
                    ..Self::new("running")
                }
            }
            Ok(Outcome::Undo(problem)) | Err(StepError::Fail(problem)) => Self {
                problem: Some(problem.clone()),
                ..Self::new("undoing")
            },
            Err(StepError::Retry(fault)) if tries >= TRIES => Self {
                problem: Some(Problem::new("OPERATION_STUCK", fault.to_string())),
                last_error: Some(fault.to_string()),
                ..Self::new("stuck")
            },
            Err(StepError::Retry(fault)) => Self {
                attempt: tries,
                wait: pause(tries, thousandths),
                last_error: Some(fault.to_string()),
                ..Self::new("running")
            },
        }
    }
}

/// Runs steps forward; false when the lease was lost and nothing was saved.
async fn forward<W: Workflow>(
    context: &Context,
    saver: &Group<Saver<W>>,
    workflow: &W,
    claimed: Claimed,
) -> Result<bool, BoxError> {
    let run = run_of(context, &claimed);
    let walk = walk(workflow, &claimed, run.clone()).await?;
    // tries count for the step that the row stands at
    let tries = if walk.done.is_empty() {
        claimed.attempt
    } else {
        1
    };
    let verdict = Verdict::of(&walk.end, tries, context.random.fraction());
    let ended = Arc::new(Ended {
        lease: claimed.lease,
        run,
        walk,
        verdict,
    });
    let mut left = SAVES;
    loop {
        match saver.call(ended.run.partner, Arc::clone(&ended)).await {
            Err(error) if left > 0 => {
                tracing::debug!(error = crate::fault::chain(&*error), "saving again");
                left -= 1;
                if !context.tasks.sleep(SAVE_PAUSE).await {
                    return Err(error);
                }
            }
            settled => return settled,
        }
    }
}

/// Undoes steps backward; false when the lease was lost and nothing was saved.
async fn undo<W: Workflow>(
    context: &Context,
    workflow: &W,
    claimed: &Claimed,
) -> Result<bool, BoxError> {
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
        operation_id: claimed.operation_id,
        lease: claimed.lease,
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
        story: &story,
    };
    let mut tx = context.db.begin(Scope::Partner(run.partner)).await?;
    let saved = store::save(&mut tx, run.partner, &[standing], now).await?;
    if saved.is_empty() {
        return Ok(false);
    }
    if state != "undoing" {
        workflow.failed(&mut tx, &run, &memory, &problem).await?;
    }
    if state == "stuck" {
        stuck(W::KIND, &run, &problem);
    }
    tx.commit().await?;
    Ok(true)
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
