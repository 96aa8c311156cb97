//! Screening records: added, never changed.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::{
    domain::screen::{Decision, Findings, Hit, Party},
    error::Error,
};

kit::id! {
    /// A customer.
    pub(crate) CustomerId
}
kit::id! {
    /// A case.
    pub(crate) CaseId
}
kit::id! {
    /// A recorded screening.
    pub(crate) ScreeningId
}

/// A screening as it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The tenant.
    pub partner: PartnerId,
    /// Who was screened.
    pub customer: CustomerId,
    /// Its id.
    pub id: ScreeningId,
    /// The caller's key.
    pub key: String,
    /// What makes two requests the same.
    pub fingerprint: [u8; 32],
    /// What was asked.
    pub party: Party,
    /// On which lists.
    pub index_version: String,
    /// What was found.
    pub findings: Findings,
    /// The case, on review.
    pub case: Option<CaseId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What an earlier request with the same key got.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its id.
    pub id: ScreeningId,
    /// What made it the same.
    pub fingerprint: Vec<u8>,
    /// On which lists.
    pub index_version: String,
    /// What was found.
    pub findings: Findings,
    /// The case, on review.
    pub case: Option<CaseId>,
}

/// Adds a record; false when the key was used before.
pub(crate) async fn add(tx: &mut Tx, record: &Record) -> Result<bool, Error> {
    let party = json(&record.party, "screening.party")?;
    let hits = json(&record.findings.hits, "screening.hits")?;
    let added = sqlx::query!(
        "insert into screening
             (partner_id, customer_id, screening_id, idempotency_key, fingerprint, party,
              index_version, decision, hits, case_id, screened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (partner_id, customer_id, idempotency_key) do nothing",
        record.partner.uuid(),
        record.customer.uuid(),
        record.id.uuid(),
        record.key,
        &record.fingerprint,
        party,
        record.index_version,
        record.findings.decision.name(),
        hits,
        record.case.map(CaseId::uuid),
        record.at,
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// What an earlier request with this key got.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    key: &str,
) -> Result<Option<Kept>, Error> {
    let row = sqlx::query!(
        r#"select screening_id as "id: ScreeningId", fingerprint, index_version, decision, hits,
             case_id as "case: CaseId"
         from screening
         where partner_id = $1 and customer_id = $2 and idempotency_key = $3"#,
        partner.uuid(),
        customer.uuid(),
        key,
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let decision = Decision::parse(&row.decision).ok_or(Error::Impossible("screening.decision"))?;
    let hits = hits(row.hits)?;
    Ok(Some(Kept {
        id: row.id,
        fingerprint: row.fingerprint,
        index_version: row.index_version,
        findings: Findings { decision, hits },
        case: row.case,
    }))
}

/// A screening that belongs to a case.
pub(crate) struct OfCase {
    /// The case.
    pub case: CaseId,
    /// Who was screened.
    pub party: Party,
    /// What was found.
    pub hits: Vec<Hit>,
    /// On which lists.
    pub index_version: String,
}

/// The screenings of some cases, oldest first.
pub(crate) async fn of_cases(tx: &mut Tx, cases: &[Uuid]) -> Result<Vec<OfCase>, Error> {
    let rows = sqlx::query!(
        r#"select case_id as "case!: CaseId", party, hits, index_version
         from screening
         where case_id = any($1)
         order by entry"#,
        cases,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OfCase {
                case: row.case,
                party: serde_json::from_value(row.party)
                    .map_err(|_| Error::Impossible("screening.party"))?,
                hits: hits(row.hits)?,
                index_version: row.index_version,
            })
        })
        .collect()
}

fn json(value: &impl serde::Serialize, column: &'static str) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|_| Error::Impossible(column))
}

fn hits(value: serde_json::Value) -> Result<Vec<Hit>, Error> {
    serde_json::from_value(value).map_err(|_| Error::Impossible("screening.hits"))
}
