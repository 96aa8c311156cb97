//! The rows of operations.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{OperationId, Workflow, step_name};
use crate::{
    BoxError,
    db::{Db, Tx},
    fault::{Failure, Kind, reason},
    id::{Ids, PartnerId},
    scope::Scope,
    telemetry,
};

/// Why an operation was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The subject has another one that is not finished.
    #[error("another operation is in progress")]
    Busy,
    /// Its memory could not be written down.
    #[error("memory cannot be serialised")]
    Memory(#[source] serde_json::Error),
    /// The database.
    #[error("database")]
    Database(#[from] sqlx::Error),
}

impl Failure for StartError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Conflict,
            Self::Memory(_) | Self::Database(_) => Kind::Internal,
        }
    }
    fn reason(&self) -> &str {
        match self {
            Self::Busy => reason::OPERATION_IN_PROGRESS,
            Self::Memory(_) | Self::Database(_) => reason::INTERNAL,
        }
    }
}

/// Starts an operation, in the transaction of the request that it stands for.
pub async fn start<W: Workflow>(
    tx: &mut Tx,
    ids: &Ids,
    partner: PartnerId,
    subject: Uuid,
    memory: &W::Memory,
    now: DateTime<Utc>,
) -> Result<OperationId, StartError> {
    let operation_id = OperationId::new(ids);
    let memory = serde_json::to_value(memory).map_err(StartError::Memory)?;
    let started = sqlx::query!(
        "insert into operation
             (partner_id, operation_id, kind, subject_id, state, step, memory, due_at, traceparent,
              created_at, changed_at)
         values ($1, $2, $3, $4, 'running', $5, $6, $7, $8, $7, $7)
         on conflict (partner_id, subject_id) where state in ('running', 'undoing') do nothing",
        partner.uuid(),
        operation_id.uuid(),
        W::KIND,
        subject,
        step_name(&W::FIRST),
        memory,
        now,
        telemetry::traceparent().unwrap_or_default(),
    )
    .execute(tx.conn())
    .await?;
    if started.rows_affected() == 0 {
        return Err(StartError::Busy);
    }
    tx.due = true;
    Ok(operation_id)
}

/// Makes the live operation of a subject due: what it waits for has happened. A worker that holds it
/// right now loses its lease and does not overwrite the wake.
pub async fn wake(
    tx: &mut Tx,
    partner: PartnerId,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let woken = sqlx::query!(
        "update operation
         set due_at = $3, lease = lease + 1
         where partner_id = $1 and subject_id = $2 and state in ('running', 'undoing')",
        partner.uuid(),
        subject,
        now,
    )
    .execute(tx.conn())
    .await?;
    tx.due = true;
    Ok(woken.rows_affected() > 0)
}

/// A claimed row.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) partner_id: Uuid,
    pub(super) operation_id: Uuid,
    pub(super) subject_id: Uuid,
    pub(super) state: String,
    pub(super) step: String,
    pub(super) reached: Vec<String>,
    pub(super) memory: Value,
    pub(super) problem: Option<Value>,
    pub(super) attempt: i32,
    pub(super) lease: i64,
    pub(super) traceparent: String,
}

/// Claims up to `most` due operations of a kind, for the length of the lease.
pub(super) async fn claim(
    db: &Db,
    kind: &str,
    now: DateTime<Utc>,
    lease: TimeDelta,
    most: i64,
) -> Result<Vec<Claimed>, sqlx::Error> {
    let mut tx = db.begin(Scope::Whole("claiming operations")).await?;
    let claimed = sqlx::query_as!(
        Claimed,
        "with due as (
             select partner_id, operation_id
             from operation
             where state in ('running', 'undoing') and kind = $1 and due_at <= $2
             order by due_at, operation_id
             limit $4
             for update skip locked
         )
         update operation
         set lease = lease + 1, attempt = attempt + 1, due_at = $3
         from due
         where operation.partner_id = due.partner_id
           and operation.operation_id = due.operation_id
         returning operation.partner_id, operation.operation_id, subject_id, state, step, reached,
                   memory, problem, attempt, lease, traceparent",
        kind,
        now,
        now + lease,
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(claimed)
}

/// One line of an operation's story.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) step: String,
    pub(super) outcome: &'static str,
    pub(super) detail: String,
}

/// Where an operation stands after a run.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) state: &'static str,
    pub(super) step: String,
    pub(super) reached: &'a [String],
    pub(super) memory: Value,
    pub(super) problem: Option<Value>,
    pub(super) attempt: i32,
    pub(super) last_error: Option<String>,
    pub(super) due_at: DateTime<Utc>,
}

/// Saves where an operation stands, and gives the lease back; false when it is not ours any more. So a
/// save whose answer was lost can be tried again: it finds the lease given back, and writes nothing twice.
pub(super) async fn save(
    tx: &mut Tx,
    claimed: &Claimed,
    standing: Standing<'_>,
    story: &[Line],
    now: DateTime<Utc>,
) -> Result<bool, BoxError> {
    let steps: Vec<_> = story.iter().map(|line| line.step.clone()).collect();
    let outcomes: Vec<_> = story.iter().map(|line| line.outcome.to_owned()).collect();
    let details: Vec<_> = story.iter().map(|line| line.detail.clone()).collect();
    // one statement: this is on the way of every operation
    let saved = sqlx::query_scalar!(
        "with saved as (
             update operation
             set state = $4, step = $5, reached = $6, memory = $7, problem = $8, attempt = $9,
                 last_error = $10, due_at = $11, changed_at = $12, lease = lease + 1
             where partner_id = $1 and operation_id = $2 and lease = $3
             returning partner_id, operation_id
         ), told as (
             insert into operation_event
                 (partner_id, operation_id, step, outcome, detail, occurred_at)
             select partner_id, operation_id, line.step, outcome, detail, $12
             from saved,
                  unnest($13::text[], $14::text[], $15::text[]) with ordinality
                      as line (step, outcome, detail, n)
             order by n
         )
         select exists (select from saved) as \"saved!\"",
        claimed.partner_id,
        claimed.operation_id,
        claimed.lease,
        standing.state,
        standing.step,
        standing.reached,
        standing.memory,
        standing.problem,
        standing.attempt,
        standing.last_error,
        standing.due_at,
        now,
        &steps,
        &outcomes,
        &details,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(saved)
}
