//! Sets what a customer may assign.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{boot::Context, db::Tx, group::Grouped, id::PartnerId, scope::Scope};

use crate::{
    domain::CustomerId,
    error::Error,
    store::{
        assignment,
        entitlement::{self, Entitlement},
    },
};

/// Sets it, unless subscribers hold what would be lost. A limit below what is held is kept: it
/// stops further assignments. Safe to repeat.
///
/// However many are served together: one statement when all the customers are new, two more when
/// some are not.
pub(crate) struct ApplyEntitlement(pub(crate) Context);

impl Grouped for ApplyEntitlement {
    type Item = Entitlement;
    type Done = Result<(), Error>;
    type Error = Error;

    async fn serve(
        &self,
        partner: PartnerId,
        items: &[Entitlement],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let at = self.0.clock.now();
        let mut tx = self.0.db.begin_many(Scope::Partner(partner)).await?;
        let mut refused = BTreeMap::new();
        for round in rounds(items) {
            refused.append(&mut apply(&mut tx, partner, &round, at).await?);
        }
        tx.commit().await?;
        Ok((0..items.len())
            .map(|place| refused.remove(&place).map_or(Ok(()), Err))
            .collect())
    }
}

/// Each with its place in the group.
type Round<'a> = Vec<(usize, &'a Entitlement)>;

/// In a round each customer comes up once at most; who came later is in a later one.
fn rounds(items: &[Entitlement]) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    let mut seen: BTreeMap<CustomerId, usize> = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let before = seen.entry(item.customer).or_default();
        match rounds.get_mut(*before) {
            Some(round) => round.push((place, item)),
            None => rounds.push(vec![(place, item)]),
        }
        *before += 1;
    }
    rounds
}

/// Applies a round; answers with those that are refused.
async fn apply(
    tx: &mut Tx,
    partner: PartnerId,
    round: &Round<'_>,
    at: DateTime<Utc>,
) -> Result<BTreeMap<usize, Error>, Error> {
    let all: Vec<_> = round.iter().map(|(_, wanted)| *wanted).collect();
    let new = entitlement::begin(tx, partner, &all, at).await?;
    let known: Round<'_> = round
        .iter()
        .filter(|(_, wanted)| !new.contains(&wanted.customer))
        .copied()
        .collect();
    let mut refused = BTreeMap::new();
    if known.is_empty() {
        return Ok(refused);
    }
    // the customers are locked, so nobody assigns between this count and the change
    let customers: Vec<_> = known.iter().map(|(_, wanted)| wanted.customer).collect();
    let held = assignment::holders(tx, partner, &customers).await?;
    let mut sound = Vec::new();
    for (place, wanted) in known {
        let lost: Vec<_> = held
            .iter()
            .filter(|held| {
                let mut kept = wanted.packages.iter();
                held.customer_id == wanted.customer && !kept.any(|one| one.name == held.package)
            })
            .collect();
        if lost.is_empty() {
            sound.push(wanted);
        } else {
            refused.insert(place, Error::package_in_use(&lost));
        }
    }
    if !sound.is_empty() {
        entitlement::replace(tx, partner, &sound, at).await?;
    }
    Ok(refused)
}
