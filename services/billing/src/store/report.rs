//! Reports and their files.

use chrono::{DateTime, NaiveDate, Utc};
use kit::db::Tx;
use kit::id::PartnerId;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::ReportId;
use crate::domain::period::Period;
use crate::domain::report::{Level, Problem, Report, State};
use crate::error::Error;

struct Row {
    partner_id: PartnerId,
    report_id: ReportId,
    level: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
    sub_partner_id: Option<PartnerId>,
    state: String,
    errors: Json<Vec<Problem>>,
    chunks: Option<i32>,
    created_by: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Report {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            partner_id: row.partner_id,
            id: row.report_id,
            level: Level::parse(&row.level).ok_or(Error::Impossible("report.level"))?,
            period: Period {
                first: row.first_day,
                last: row.last_day,
            },
            sub_partner_id: row.sub_partner_id,
            state: State::parse(&row.state).ok_or(Error::Impossible("report.state"))?,
            errors: row.errors.0,
            chunks: row.chunks,
            created_by: row.created_by,
            created_at: row.created_at,
        })
    }
}

/// Keeps a new report.
pub(crate) async fn insert(tx: &mut Tx, report: &Report) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into report (partner_id, report_id, level, first_day, last_day, sub_partner_id,
                             state, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        report.partner_id.uuid(),
        report.id.uuid(),
        report.level.name(),
        report.period.first,
        report.period.last,
        report.sub_partner_id.map(PartnerId::uuid),
        report.state.name(),
        report.created_by,
        report.created_at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// A completed report of the same partner, level, period and sub-partner (R-1406).
pub(crate) async fn completed(
    tx: &mut Tx,
    partner: PartnerId,
    level: Level,
    period: Period,
    sub_partner: Option<PartnerId>,
) -> Result<Option<ReportId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select report_id as "report_id: ReportId"
           from report
           where partner_id = $1
             and first_day = $2
             and last_day = $3
             and level = $4
             and sub_partner_id is not distinct from $5
             and state = 'COMPLETED'
           limit 1"#,
        partner.uuid(),
        period.first,
        period.last,
        level.name(),
        sub_partner.map(PartnerId::uuid),
    )
    .fetch_optional(tx.conn())
    .await
}

/// One report.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
) -> Result<Option<Report>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId", report_id as "report_id: ReportId", level,
                  first_day, last_day, sub_partner_id as "sub_partner_id: PartnerId", state,
                  errors as "errors: Json<Vec<Problem>>", chunks, created_by, created_at
           from report
           where partner_id = $1
             and report_id = $2"#,
        partner.uuid(),
        report.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Report::try_from).transpose()
}

/// Takes a report's lock until the end of the transaction; false when it is gone or somebody else
/// has it.
pub(crate) async fn lock(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
) -> Result<bool, sqlx::Error> {
    let locked = sqlx::query!(
        "select 1 as one
         from report
         where partner_id = $1
           and report_id = $2
         for update skip locked",
        partner.uuid(),
        report.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(locked.is_some())
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    /// Id.
    Id,
    /// First day.
    Start,
    /// Last day.
    End,
    /// Progress.
    State,
}

impl Order {
    fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Start => "start",
            Self::End => "end",
            Self::State => "state",
        }
    }
}

/// Which reports, in which order, from where on. Filters are exact (R-1408).
#[derive(Debug)]
pub(crate) struct Wanted {
    /// First day.
    pub(crate) first: Option<NaiveDate>,
    /// Last day.
    pub(crate) last: Option<NaiveDate>,
    /// Level.
    pub(crate) level: Option<Level>,
    /// Progress.
    pub(crate) state: Option<State>,
    /// About this sub-partner.
    pub(crate) sub_partner: Option<PartnerId>,
    /// Sort key.
    pub(crate) order: Order,
    /// Sort key and id of the last one of the page before.
    pub(crate) after: Option<(String, Uuid)>,
    /// At most this many.
    pub(crate) limit: i64,
}

/// A page of reports, each with its sort key.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    wanted: &Wanted,
) -> Result<Vec<(String, Report)>, Error> {
    let (key, id) = wanted.after.clone().unzip();
    let rows = sqlx::query!(
        r#"select sort_key as "sort_key!", partner_id as "partner_id!: PartnerId",
                  report_id as "report_id!: ReportId", level as "level!",
                  first_day as "first_day!", last_day as "last_day!",
                  sub_partner_id as "sub_partner_id: PartnerId", state as "state!",
                  errors as "errors!: Json<Vec<Problem>>", chunks,
                  created_by as "created_by!", created_at as "created_at!"
           from (
               select *,
                      case $2
                          when 'id' then ''
                          when 'end' then to_char(last_day, 'YYYY-MM-DD')
                          when 'state' then state
                          else to_char(first_day, 'YYYY-MM-DD')
                      end collate "C" as sort_key
               from report
               where partner_id = $1
           ) sorted
           where ($3::date is null or first_day = $3)
             and ($4::date is null or last_day = $4)
             and ($5::text is null or level = $5)
             and ($6::text is null or state = $6)
             and ($7::uuid is null or sub_partner_id = $7)
             and ($8::text is null or (sort_key, report_id) > ($8, $9::uuid))
           order by sort_key, report_id
           limit $10"#,
        partner.uuid(),
        wanted.order.name(),
        wanted.first,
        wanted.last,
        wanted.level.map(Level::name),
        wanted.state.map(State::name),
        wanted.sub_partner.map(PartnerId::uuid),
        key,
        id,
        wanted.limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let report = Row {
                partner_id: row.partner_id,
                report_id: row.report_id,
                level: row.level,
                first_day: row.first_day,
                last_day: row.last_day,
                sub_partner_id: row.sub_partner_id,
                state: row.state,
                errors: row.errors,
                chunks: row.chunks,
                created_by: row.created_by,
                created_at: row.created_at,
            };
            Ok((row.sort_key, Report::try_from(report)?))
        })
        .collect()
}

/// Deletes a report with its file; tells whether there was one.
pub(crate) async fn delete(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from report where partner_id = $1 and report_id = $2",
        partner.uuid(),
        report.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that all pieces of the file are there.
pub(crate) async fn written(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
    chunks: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update report
         set chunks = $3
         where partner_id = $1
           and report_id = $2",
        partner.uuid(),
        report.uuid(),
        chunks,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Marks a written report as complete, unless it is gone or was before; tells whether it did.
pub(crate) async fn complete(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update report
         set state = 'COMPLETED'
         where partner_id = $1
           and report_id = $2
           and state = 'IN_PROGRESS'
           and chunks is not null",
        partner.uuid(),
        report.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Marks a report as failed, unless it is gone or was complete; tells whether it did.
pub(crate) async fn fail(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
    problem: &Problem,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update report
         set state = 'FAILED', errors = $3
         where partner_id = $1
           and report_id = $2
           and state = 'IN_PROGRESS'",
        partner.uuid(),
        report.uuid(),
        Json([problem]) as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps a piece of the file.
pub(crate) async fn put_chunk(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
    chunk: i32,
    content: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into report_chunk (partner_id, report_id, chunk, content)
         values ($1, $2, $3, $4)",
        partner.uuid(),
        report.uuid(),
        chunk,
        content,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// A piece of the file.
pub(crate) async fn chunk(
    tx: &mut Tx,
    partner: PartnerId,
    report: ReportId,
    chunk: i32,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select content
         from report_chunk
         where partner_id = $1
           and report_id = $2
           and chunk = $3",
        partner.uuid(),
        report.uuid(),
        chunk,
    )
    .fetch_optional(tx.conn())
    .await
}
