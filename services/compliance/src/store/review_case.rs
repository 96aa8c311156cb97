//! Cases. What ends one also writes the decision down, in the same statement.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId, page::Cursor};

use super::screening::{CaseId, CustomerId};
use crate::{domain::case::State, error::Error};

/// A case without its screenings.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The tenant.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// Its id.
    pub id: CaseId,
    /// State.
    pub state: State,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it expires.
    pub deadline: DateTime<Utc>,
    /// When it ended.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided; empty unless somebody did.
    pub decided_by: String,
    /// Why; empty unless somebody decided.
    pub reason: String,
}

/// Which case ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// The tenant.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// Its id.
    pub id: CaseId,
}

/// Opens a case, or finds the open one and takes its lock.
pub(crate) async fn open(
    tx: &mut Tx,
    new: &Ended,
    now: DateTime<Utc>,
    deadline: DateTime<Utc>,
) -> Result<CaseId, sqlx::Error> {
    sqlx::query_scalar!(
        r#"insert into review_case
             (partner_id, customer_id, case_id, state, opened_at, deadline, screened_at)
         values ($1, $2, $3, 'open', $4, $5, $4)
         on conflict (partner_id, customer_id) where state = 'open'
         do update set screened_at = excluded.screened_at
         returning case_id as "id: CaseId""#,
        new.partner.uuid(),
        new.customer.uuid(),
        new.id.uuid(),
        now,
        deadline,
    )
    .fetch_one(tx.conn())
    .await
}

/// Ends an open case whose time is not over; `None` when there is none such.
pub(crate) async fn decide(
    tx: &mut Tx,
    id: CaseId,
    outcome: State,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Option<Ended>, sqlx::Error> {
    sqlx::query_as!(
        Ended,
        r#"with ended as (
             update review_case
             set state = $2, decided_at = $3, decided_by = $4, reason = $5
             where case_id = $1 and state = 'open' and deadline > $3
             returning partner_id, customer_id, case_id
         ), recorded as (
             insert into case_decision
                 (partner_id, customer_id, case_id, outcome, decided_at, decided_by, reason,
                  index_version)
             select ended.partner_id, ended.customer_id, ended.case_id, $2, $3, $4, $5,
                 (select index_version from screening
                  where case_id = ended.case_id order by entry desc limit 1)
             from ended
         )
         select partner_id as "partner: PartnerId", customer_id as "customer: CustomerId",
             case_id as "id: CaseId"
         from ended"#,
        id.uuid(),
        outcome.name(),
        now,
        by,
        reason,
    )
    .fetch_optional(tx.conn())
    .await
}

/// Ends up to `most` open cases whose time is over, of one customer or of all that can be seen; what
/// another replica is at is skipped.
pub(crate) async fn expire(
    tx: &mut Tx,
    customer: Option<CustomerId>,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Ended>, sqlx::Error> {
    sqlx::query_as!(
        Ended,
        r#"with due as (
             select partner_id, customer_id, case_id
             from review_case
             where state = 'open' and deadline <= $1 and ($2::uuid is null or customer_id = $2)
             order by deadline
             limit $3
             for update skip locked
         ), ended as (
             update review_case as held
             set state = 'expired', decided_at = $1
             from due
             where (held.partner_id, held.customer_id, held.case_id)
                 = (due.partner_id, due.customer_id, due.case_id)
             returning held.partner_id, held.customer_id, held.case_id
         ), recorded as (
             insert into case_decision
                 (partner_id, customer_id, case_id, outcome, decided_at, decided_by, reason,
                  index_version)
             select ended.partner_id, ended.customer_id, ended.case_id, 'expired', $1, '', '',
                 (select index_version from screening
                  where case_id = ended.case_id order by entry desc limit 1)
             from ended
         )
         select partner_id as "partner: PartnerId", customer_id as "customer: CustomerId",
             case_id as "id: CaseId"
         from ended
         order by partner_id, case_id"#,
        now,
        customer.map(CustomerId::uuid),
        most,
    )
    .fetch_all(tx.conn())
    .await
}

/// One case.
pub(crate) async fn find(tx: &mut Tx, id: CaseId) -> Result<Option<Case>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select partner_id as "partner: PartnerId", customer_id as "customer: CustomerId",
             case_id as "id: CaseId", state, opened_at, deadline, decided_at, decided_by, reason
         from review_case
         where case_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Case::try_from).transpose()
}

/// Cases after a cursor, oldest first.
pub(crate) async fn list(
    tx: &mut Tx,
    state: Option<State>,
    customer: Option<CustomerId>,
    after: Option<(DateTime<Utc>, &Cursor)>,
    most: i64,
) -> Result<Vec<Case>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select partner_id as "partner: PartnerId", customer_id as "customer: CustomerId",
             case_id as "id: CaseId", state, opened_at, deadline, decided_at, decided_by, reason
         from review_case
         where ($1::text is null or state = $1)
             and ($2::uuid is null or customer_id = $2)
             and ($3::timestamptz is null or (opened_at, case_id) > ($3, $4::uuid))
         order by opened_at, case_id
         limit $5"#,
        state.map(State::name),
        customer.map(CustomerId::uuid),
        after.map(|(at, _)| at),
        after.map(|(_, cursor)| cursor.id),
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Case::try_from).collect()
}

struct Row {
    partner: PartnerId,
    customer: CustomerId,
    id: CaseId,
    state: String,
    opened_at: DateTime<Utc>,
    deadline: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: String,
    reason: String,
}

impl TryFrom<Row> for Case {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            partner: row.partner,
            customer: row.customer,
            id: row.id,
            state: State::parse(&row.state).ok_or(Error::Impossible("review_case.state"))?,
            opened_at: row.opened_at,
            deadline: row.deadline,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            reason: row.reason,
        })
    }
}
