//! The rows of operations.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{OperationId, Workflow, step_name};
use crate::{
    BoxError,
    db::{Db, Tx},
    fault::{Failure, Kind, reason},
    id::{Ids, PartnerId},
    scope::Scope,
    telemetry::{self, Trace},
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
    let starting = Starting {
        operation_id,
        subject,
        memory,
        trace: telemetry::current(),
    };
    start_all::<W>(tx, partner, &[starting], now).await?;
    Ok(operation_id)
}

/// An operation to start.
#[derive(Debug)]
pub struct Starting<'a, M> {
    /// Its id.
    pub operation_id: OperationId,
    /// What it works on.
    pub subject: Uuid,
    /// What it begins with.
    pub memory: &'a M,
    /// The trace of the request that it stands for.
    pub trace: Option<Trace>,
}

/// Starts several operations of one tenant in one statement; none, when the subject of any is busy.
pub async fn start_all<W: Workflow>(
    tx: &mut Tx,
    partner: PartnerId,
    starting: &[Starting<'_, W::Memory>],
    now: DateTime<Utc>,
) -> Result<(), StartError> {
    let memories: Result<Vec<_>, _> = starting
        .iter()
        .map(|starting| serde_json::to_value(starting.memory))
        .collect();
    let ids: Vec<_> = starting.iter().map(|s| s.operation_id.uuid()).collect();
    let subjects: Vec<_> = starting.iter().map(|s| s.subject).collect();
    let traces: Vec<_> = starting
        .iter()
        .map(|s| s.trace.map(Trace::header).unwrap_or_default())
        .collect();
    let started = sqlx::query!(
        "insert into operation
             (partner_id, operation_id, kind, subject_id, state, step, memory, due_at, traceparent,
              created_at, changed_at)
         select $1, operation_id, $2, subject_id, 'running', $3, memory, $4, traceparent, $4, $4
         from unnest($5::uuid[], $6::uuid[], $7::jsonb[], $8::text[])
                  as starting (operation_id, subject_id, memory, traceparent)
         order by subject_id
         on conflict (partner_id, subject_id) where state in ('running', 'undoing') do nothing",
        partner.uuid(),
        W::KIND,
        step_name(&W::FIRST),
        now,
        &ids,
        &subjects,
        &memories.map_err(StartError::Memory)?,
        &traces,
    )
    .execute(tx.conn())
    .await?;
    if usize::try_from(started.rows_affected()) != Ok(starting.len()) {
        return Err(StartError::Busy);
    }
    tx.due.insert(W::KIND.to_owned());
    Ok(())
}

/// Makes the live operation of a subject due: what it waits for has happened. A worker that holds it
/// right now loses its lease and does not overwrite the wake.
pub async fn wake(
    tx: &mut Tx,
    partner: PartnerId,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let woken = sqlx::query_scalar!(
        "update operation
         set due_at = $3, lease = lease + 1
         where partner_id = $1 and subject_id = $2 and state in ('running', 'undoing')
         returning kind",
        partner.uuid(),
        subject,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    let found = woken.is_some();
    tx.due.extend(woken);
    Ok(found)
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
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) step: String,
    pub(super) outcome: &'static str,
    pub(super) detail: String,
}

/// Where an operation stands after a run, with the lease that it was run under.
#[derive(Debug, Serialize)]
pub(super) struct Standing<'a> {
    pub(super) operation_id: Uuid,
    pub(super) lease: i64,
    pub(super) state: &'static str,
    pub(super) step: String,
    pub(super) reached: &'a [String],
    pub(super) memory: Value,
    pub(super) problem: Option<Value>,
    pub(super) attempt: i32,
    pub(super) last_error: Option<String>,
    pub(super) due_at: DateTime<Utc>,
    pub(super) story: &'a [Line],
}

/// Saves where operations of one tenant stand, and gives their leases back; the answer names those
/// that were still ours. So a save whose answer was lost can be tried again: it finds the lease given
/// back, and writes nothing twice.
pub(super) async fn save(
    tx: &mut Tx,
    partner: PartnerId,
    standings: &[Standing<'_>],
    now: DateTime<Utc>,
) -> Result<HashSet<(Uuid, i64)>, BoxError> {
    // one statement: this is on the way of every operation
    let saved = sqlx::query!(
        "with given as (
             select *
             from jsonb_to_recordset($2) as given
                 (operation_id uuid, lease bigint, state text, step text, reached text[],
                  memory jsonb, problem jsonb, attempt integer, last_error text,
                  due_at timestamptz, story jsonb)
         ), saved as (
             update operation
             set state = given.state, step = given.step, reached = given.reached,
                 memory = coalesce(given.memory, operation.memory), problem = given.problem, attempt = given.attempt,
                 last_error = given.last_error, due_at = given.due_at, changed_at = $3,
                 lease = operation.lease + 1
             from given
             where operation.partner_id = $1
               and operation.operation_id = given.operation_id
               and operation.lease = given.lease
             returning given.operation_id, given.lease, given.story
         ), told as (
             insert into operation_event
                 (partner_id, operation_id, step, outcome, detail, occurred_at)
             select $1, operation_id, line ->> 'step', line ->> 'outcome', line ->> 'detail', $3
             from saved, jsonb_array_elements(story) with ordinality as told (line, n)
             order by operation_id, n
         )
         select operation_id as \"operation_id!\", lease as \"lease!\" from saved",
        partner.uuid(),
        serde_json::to_value(standings)?,
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    let keys = saved.into_iter().map(|row| (row.operation_id, row.lease));
    Ok(keys.collect())
}
