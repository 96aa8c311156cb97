//! Screens a customer and records the decision.

use kit::{id::PartnerId, scope::Scope};

use super::{App, expire_cases};
use crate::{
    domain::{
        case,
        screen::{Decision, Findings, Party, screen},
    },
    error::Error,
    store::{
        review_case::{self, Ended},
        screening::{self, CaseId, CustomerId, Record, ScreeningId},
    },
};

/// A request to screen.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The tenant.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// Who is screened.
    pub party: Party,
    /// The caller's key.
    pub key: String,
    /// What makes two requests the same.
    pub fingerprint: [u8; 32],
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Screened {
    /// Id of the record.
    pub id: ScreeningId,
    /// What was found.
    pub findings: Findings,
    /// On which lists.
    pub index_version: String,
    /// The case, on review.
    pub case: Option<CaseId>,
}

/// Screens. A clear is one insert and one commit; a review opens a case, or adds to the customer's
/// open one. A repeat changes nothing and gets the first answer.
pub(crate) async fn screen_customer(app: &App, asked: Asked) -> Result<Screened, Error> {
    let loaded = app.engine.loaded()?;
    let findings = screen(&loaded.index, &asked.party);
    let context = &app.context;
    let mut tx = context.db.begin(Scope::Partner(asked.partner)).await?;
    let now = context.clock.now();
    let case = match findings.decision {
        Decision::Clear => None,
        Decision::Review => {
            // An open case whose time is over must not swallow a new match.
            expire_cases::expire(&mut tx, &context.ids, Some(asked.customer), now, 1).await?;
            let new = Ended {
                partner: asked.partner,
                customer: asked.customer,
                id: CaseId::new(&context.ids),
            };
            Some(review_case::open(&mut tx, &new, now, case::deadline(now)).await?)
        }
    };
    let record = Record {
        partner: asked.partner,
        customer: asked.customer,
        id: ScreeningId::new(&context.ids),
        key: asked.key,
        fingerprint: asked.fingerprint,
        party: asked.party,
        index_version: loaded.version.clone(),
        findings,
        case,
        at: now,
    };
    if !screening::add(&mut tx, &record).await? {
        // Rolled back, with the case that was opened for nothing.
        drop(tx);
        return repeat(app, &record).await;
    }
    tx.commit().await?;
    let name = record.findings.decision.name();
    metrics::counter!(kit::metrics::SCREENINGS, "decision" => name).increment(1);
    let Record {
        id,
        findings,
        index_version,
        ..
    } = record;
    Ok(Screened {
        id,
        findings,
        index_version,
        case,
    })
}

async fn repeat(app: &App, record: &Record) -> Result<Screened, Error> {
    let mut tx = app.context.db.begin(Scope::Partner(record.partner)).await?;
    let kept = screening::find(&mut tx, record.partner, record.customer, &record.key).await?;
    tx.commit().await?;
    let kept = kept.ok_or(Error::Impossible("screening.idempotency_key"))?;
    if kept.fingerprint != record.fingerprint {
        return Err(Error::KeyReused);
    }
    Ok(Screened {
        id: kept.id,
        findings: kept.findings,
        index_version: kept.index_version,
        case: kept.case,
    })
}
