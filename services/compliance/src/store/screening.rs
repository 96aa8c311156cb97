//! Screening records: added, never changed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use sqlx::types::Json;
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

/// Adds the record of a review; false when the key was used before.
pub(crate) async fn add(
    tx: &mut Tx,
    record: &Record,
    case: CaseId,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
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
        Json(&record.party) as _,
        record.index_version,
        record.findings.decision.name(),
        Json(&record.findings.hits) as _,
        case.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Adds the records of a partner who were all cleared; tells which were added. The others' keys were
/// used before, by an earlier request or by an earlier one of these.
pub(crate) async fn add_clear(
    tx: &mut Tx,
    partner: PartnerId,
    records: &[Record],
    at: DateTime<Utc>,
) -> Result<HashSet<ScreeningId>, Error> {
    let clear = |record: &Record| record.findings.decision == Decision::Clear;
    if !records.iter().all(clear) {
        return Err(Error::Impossible("screening.decision"));
    }
    let customers: Vec<Uuid> = records
        .iter()
        .map(|record| record.customer.uuid())
        .collect();
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.uuid()).collect();
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let prints: Vec<&[u8]> = records
        .iter()
        .map(|record| &record.fingerprint[..])
        .collect();
    let parties: Vec<Json<&Party>> = records.iter().map(|record| Json(&record.party)).collect();
    let versions: Vec<&str> = records
        .iter()
        .map(|record| record.index_version.as_str())
        .collect();
    // In the order of the keys, so that replicas that add the same ones never wait in a circle.
    let added = sqlx::query_scalar!(
        r#"insert into screening
             (partner_id, customer_id, screening_id, idempotency_key, fingerprint, party,
              index_version, decision, hits, screened_at)
         select $1, customer, id, key, print, party, version, 'clear', '[]', $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[], $7::jsonb[], $8::text[])
             with ordinality as asked (customer, id, key, print, party, version, place)
         order by customer, key, place
         on conflict (partner_id, customer_id, idempotency_key) do nothing
         returning screening_id as "id: ScreeningId""#,
        partner.uuid(),
        at,
        &customers,
        &ids,
        &keys as _,
        &prints as _,
        &parties as _,
        &versions as _,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(added.into_iter().collect())
}

/// What earlier requests with the keys of these records got, by the ids of these records.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    records: &[&Record],
) -> Result<HashMap<ScreeningId, Kept>, Error> {
    if records.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.uuid()).collect();
    let customers: Vec<Uuid> = records
        .iter()
        .map(|record| record.customer.uuid())
        .collect();
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let rows = sqlx::query!(
        r#"select asked.id as "asked!: ScreeningId", kept.screening_id as "id: ScreeningId",
             kept.fingerprint, kept.index_version, kept.decision, kept.hits,
             kept.case_id as "case: CaseId"
         from unnest($2::uuid[], $3::uuid[], $4::text[]) as asked (id, customer, key)
         join screening as kept
             on kept.partner_id = $1
             and kept.customer_id = asked.customer
             and kept.idempotency_key = asked.key"#,
        partner.uuid(),
        &ids,
        &customers,
        &keys as _,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let decision =
                Decision::parse(&row.decision).ok_or(Error::Impossible("screening.decision"))?;
            let hits = hits(row.hits)?;
            let kept = Kept {
                id: row.id,
                fingerprint: row.fingerprint,
                index_version: row.index_version,
                findings: Findings { decision, hits },
                case: row.case,
            };
            Ok((row.asked, kept))
        })
        .collect()
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

fn hits(value: serde_json::Value) -> Result<Vec<Hit>, Error> {
    serde_json::from_value(value).map_err(|_| Error::Impossible("screening.hits"))
}
