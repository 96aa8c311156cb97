//! Screens a customer and records the decision.

use kit::{
    group::{Group, Grouped},
    id::PartnerId,
    scope::Scope,
};

use super::{App, expire_cases};
use crate::{
    domain::{
        case,
        screen::{Decision, Findings, Party, screen},
    },
    error::Error,
    store::{
        review_case::{self, Ended},
        screening::{self, CaseId, CustomerId, Kept, Record, ScreeningId},
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

/// Screens customers.
pub(crate) struct ScreenCustomer {
    app: App,
    clears: Group<Clears>,
}

impl ScreenCustomer {
    /// Prepares it.
    pub(crate) fn new(app: App) -> Self {
        let clears = Group::new(Clears(app.clone()));
        Self { app, clears }
    }

    /// Screens. Clears that a partner asks for at the same time are one insert and one commit; a
    /// review opens a case, or adds to the customer's open one, in a transaction of its own: it may
    /// have to wait for the case's lock. A repeat changes nothing and gets the first answer.
    pub(crate) async fn call(&self, asked: Asked) -> Result<Screened, Error> {
        let record = {
            let loaded = self.app.engine.loaded()?;
            Record {
                findings: screen(&loaded.index, &asked.party),
                partner: asked.partner,
                customer: asked.customer,
                id: ScreeningId::new(&self.app.context.ids),
                key: asked.key,
                fingerprint: asked.fingerprint,
                party: asked.party,
                index_version: loaded.version.clone(),
            }
        };
        match record.findings.decision {
            Decision::Clear => self.clears.call(record.partner, record).await?,
            Decision::Review => review(&self.app, record).await,
        }
    }
}

/// Writes down what was cleared.
struct Clears(App);

impl Grouped for Clears {
    type Item = Record;
    type Done = Result<Screened, Error>;
    type Error = Error;

    async fn serve(
        &self,
        partner: PartnerId,
        records: &[Record],
    ) -> Result<Vec<Self::Done>, Error> {
        let context = &self.0.context;
        let mut tx = context.db.begin_many(Scope::Partner(partner)).await?;
        let added = screening::add_clear(&mut tx, partner, records, context.clock.now()).await?;
        let repeats: Vec<&Record> = records
            .iter()
            .filter(|record| !added.contains(&record.id))
            .collect();
        let mut kept = screening::find(&mut tx, partner, &repeats).await?;
        tx.commit().await?;
        count(Decision::Clear, added.len());
        let answer = |record: &Record| {
            if added.contains(&record.id) {
                Ok(Screened::new(record, None))
            } else {
                repeated(record, kept.remove(&record.id))
            }
        };
        Ok(records.iter().map(answer).collect())
    }
}

async fn review(app: &App, record: Record) -> Result<Screened, Error> {
    let context = &app.context;
    let mut tx = context.db.begin(Scope::Partner(record.partner)).await?;
    let now = context.clock.now();
    // An open case whose time is over must not swallow a new match.
    expire_cases::expire(&mut tx, &context.ids, Some(record.customer), now, 1).await?;
    let new = Ended {
        partner: record.partner,
        customer: record.customer,
        id: CaseId::new(&context.ids),
    };
    let case = review_case::open(&mut tx, &new, now, case::deadline(now)).await?;
    if !screening::add(&mut tx, &record, case, now).await? {
        // Rolled back, with the case that was opened for nothing.
        drop(tx);
        let mut tx = context.db.begin(Scope::Partner(record.partner)).await?;
        let mut kept = screening::find(&mut tx, record.partner, &[&record]).await?;
        tx.commit().await?;
        return repeated(&record, kept.remove(&record.id));
    }
    tx.commit().await?;
    count(Decision::Review, 1);
    Ok(Screened::new(&record, Some(case)))
}

impl Screened {
    fn new(record: &Record, case: Option<CaseId>) -> Self {
        Self {
            id: record.id,
            findings: record.findings.clone(),
            index_version: record.index_version.clone(),
            case,
        }
    }
}

/// The answer to a request whose key was used before.
fn repeated(record: &Record, kept: Option<Kept>) -> Result<Screened, Error> {
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

fn count(decision: Decision, added: usize) {
    let added = u64::try_from(added).unwrap_or(u64::MAX);
    metrics::counter!(kit::metrics::SCREENINGS, "decision" => decision.name()).increment(added);
}
