//! Durable operations: every step may run twice, fail, or lose its lease.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use kit::{
    BoxError,
    boot::Context,
    db::Tx,
    fault::{Fault, Kind},
    id::PartnerId,
    operation::{self, OperationId, Outcome, Problem, Run, StepError, Workflow},
    scope::Scope,
    testing,
    time::Clock,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    One,
    Wait,
    Two,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Memory {
    walked: Vec<String>,
}

#[derive(Clone, Default)]
struct Script {
    /// The step whose first tries fail, and how often.
    fails: Option<(Step, u32)>,
    /// The step that refuses for good.
    refuses: Option<Step>,
    woken: Arc<AtomicU32>,
    tries: Arc<AtomicU32>,
    undone: Arc<Mutex<Vec<Step>>>,
    ended: Arc<Mutex<Vec<String>>>,
}

impl Workflow for Script {
    type Step = Step;
    type Memory = Memory;
    const KIND: &'static str = "script";
    const FIRST: Step = Step::One;
    const ALL: &'static [Step] = &[Step::One, Step::Wait, Step::Two];

    async fn act(
        &self,
        _: &Run,
        step: Step,
        memory: &mut Memory,
    ) -> Result<Outcome<Step>, StepError> {
        memory.walked.push(format!("{step:?}"));
        if self.refuses == Some(step) {
            return Err(StepError::Fail(Problem::new("REFUSED", "for good")));
        }
        if let Some((at, times)) = self.fails
            && at == step
            && self.tries.fetch_add(1, Ordering::SeqCst) < times
        {
            return Err(StepError::Retry(Fault::new(
                Kind::Unavailable,
                "AWAY",
                "away",
            )));
        }
        Ok(match step {
            Step::One => Outcome::Next(Step::Wait),
            Step::Wait if self.woken.load(Ordering::SeqCst) == 0 => {
                Outcome::Await(Duration::from_hours(1))
            }
            Step::Wait => Outcome::Next(Step::Two),
            Step::Two => Outcome::Done,
        })
    }

    async fn record(
        &self,
        _: &mut Tx,
        _: &Run,
        step: Step,
        _: &Memory,
        outcome: &Outcome<Step>,
    ) -> Result<(), BoxError> {
        if *outcome == Outcome::Done {
            self.ended.lock().await.push(format!("{step:?} done"));
        }
        Ok(())
    }

    async fn undo(&self, _: &Run, step: Step, _: &mut Memory) -> Result<(), StepError> {
        self.undone.lock().await.push(step);
        Ok(())
    }

    async fn failed(
        &self,
        _: &mut Tx,
        _: &Run,
        _: &Memory,
        problem: &Problem,
    ) -> Result<(), BoxError> {
        self.ended.lock().await.push(problem.reason.clone());
        Ok(())
    }
}

struct Stage {
    context: Context,
    partner: PartnerId,
    subject: Uuid,
    operation: OperationId,
    script: Script,
}

impl Stage {
    async fn start(script: Script) -> Self {
        let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
        let context = testing::context(test.db, Clock::system(), kit::link::Links::nowhere());
        let (partner, subject) = (PartnerId::new(&context.ids), context.ids.uuid());
        let mut tx = context.db.begin(Scope::Partner(partner)).await.unwrap();
        let now = context.clock.now();
        let memory = Memory::default();
        let operation =
            operation::start::<Script>(&mut tx, &context.ids, partner, subject, &memory, now)
                .await
                .unwrap();
        tx.commit().await.unwrap();
        // two workers, as with two replicas
        operation::runner(&context, script.clone()).start(&context.tasks);
        operation::runner(&context, script.clone()).start(&context.tasks);
        Self {
            context,
            partner,
            subject,
            operation,
            script,
        }
    }

    async fn wake(&self) {
        self.script.woken.store(1, Ordering::SeqCst);
        let mut tx = self
            .context
            .db
            .begin(Scope::Partner(self.partner))
            .await
            .unwrap();
        operation::wake(
            &mut tx,
            self.partner,
            self.subject,
            self.context.clock.now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn until(&self, state: &str, step: &str) -> operation::View {
        for _ in 0..400 {
            let mut tx = self
                .context
                .db
                .begin(Scope::Partner(self.partner))
                .await
                .unwrap();
            let view = operation::view(&mut tx, self.operation)
                .await
                .unwrap()
                .unwrap();
            if view.state == state && view.step == step {
                return view;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never reached {state} at {step}");
    }
}

#[tokio::test]
async fn an_operation_waits_for_its_event_and_ends_once() {
    let stage = Stage::start(Script::default()).await;
    stage.until("running", "wait").await;
    stage.wake().await;
    let view = stage.until("done", "two").await;
    let story: Vec<_> = view
        .events
        .iter()
        .map(|e| format!("{} {}", e.step, e.outcome))
        .collect();
    assert_eq!(story, ["one next", "wait await", "wait next", "two done"]);
    assert_eq!(*stage.script.ended.lock().await, ["Two done"]);
}

#[tokio::test]
async fn every_step_may_fail_and_is_tried_again() {
    for step in Script::ALL {
        let script = Script {
            fails: Some((*step, 3)),
            ..Script::default()
        };
        script.woken.store(1, Ordering::SeqCst);
        let stage = Stage::start(script).await;
        let view = stage.until("done", "two").await;
        let errors = view
            .events
            .iter()
            .filter(|event| event.outcome == "error")
            .count();
        assert_eq!(errors, 3, "{:?}", view.events);
        assert_eq!(*stage.script.ended.lock().await, ["Two done"], "{step:?}");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_undone_backwards() {
    let script = Script {
        refuses: Some(Step::Two),
        ..Script::default()
    };
    script.woken.store(1, Ordering::SeqCst);
    let stage = Stage::start(script).await;
    stage.until("undone", "two").await;
    assert_eq!(
        *stage.script.undone.lock().await,
        [Step::Two, Step::Wait, Step::One]
    );
    assert_eq!(*stage.script.ended.lock().await, ["REFUSED"]);
}

#[tokio::test]
async fn a_subject_has_one_live_operation() {
    let stage = Stage::start(Script::default()).await;
    stage.until("running", "wait").await;
    let (context, memory) = (&stage.context, Memory::default());
    let mut tx = context
        .db
        .begin(Scope::Partner(stage.partner))
        .await
        .unwrap();
    let now = context.clock.now();
    let busy = operation::start::<Script>(
        &mut tx,
        &context.ids,
        stage.partner,
        stage.subject,
        &memory,
        now,
    )
    .await;
    assert!(matches!(busy, Err(operation::StartError::Busy)));
}

#[tokio::test]
async fn the_operation_of_a_dead_worker_becomes_due_again() {
    let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let clock = Clock::system();
    let context = testing::context(test.db, clock.clone(), kit::link::Links::nowhere());
    let (partner, subject) = (PartnerId::new(&context.ids), context.ids.uuid());
    let mut tx = context.db.begin(Scope::Partner(partner)).await.unwrap();
    let operation = operation::start::<Script>(
        &mut tx,
        &context.ids,
        partner,
        subject,
        &Memory::default(),
        clock.now(),
    )
    .await
    .unwrap();
    // what a worker leaves behind that died after its claim
    sqlx::query("update operation set lease = 1, attempt = 1, due_at = $1")
        .bind(clock.now() + TimeDelta::seconds(60))
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let script = Script::default();
    script.woken.store(1, Ordering::SeqCst);
    operation::runner(&context, script.clone()).start(&context.tasks);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        script.ended.lock().await.is_empty(),
        "the lease still holds"
    );
    clock.advance(TimeDelta::seconds(61));
    let stage = Stage {
        context,
        partner,
        subject,
        operation,
        script,
    };
    stage.until("done", "two").await;
}
