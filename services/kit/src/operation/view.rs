//! An operation as people see it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OperationId;
use crate::db::Tx;

/// An operation with its story.
#[derive(Debug)]
pub struct View {
    /// Id.
    pub operation_id: OperationId,
    /// Name of the kind.
    pub kind: String,
    /// What it works on.
    pub subject: Uuid,
    /// `running`, `undoing`, `done`, `undone` or `stuck`.
    pub state: String,
    /// The step it is at.
    pub step: String,
    /// How often that step was tried.
    pub attempt: i32,
    /// The last error.
    pub last_error: Option<String>,
    /// What happened, oldest first.
    pub events: Vec<ViewEvent>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
}

/// One thing that happened.
#[derive(Debug)]
pub struct ViewEvent {
    /// The step.
    pub step: String,
    /// What came of it.
    pub outcome: String,
    /// Detail.
    pub detail: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Reads an operation of the transaction's tenant.
pub async fn view(tx: &mut Tx, operation_id: OperationId) -> Result<Option<View>, sqlx::Error> {
    let Some(row) = sqlx::query!(
        "select kind, subject_id, state, step, attempt, last_error, created_at
         from operation
         where operation_id = $1",
        operation_id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?
    else {
        return Ok(None);
    };
    let events = sqlx::query_as!(
        ViewEvent,
        "select step, outcome, detail, occurred_at as at
         from operation_event
         where operation_id = $1
         order by entry",
        operation_id.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Some(View {
        operation_id,
        kind: row.kind,
        subject: row.subject_id,
        state: row.state,
        step: row.step,
        attempt: row.attempt,
        last_error: row.last_error,
        events,
        created_at: row.created_at,
    }))
}
