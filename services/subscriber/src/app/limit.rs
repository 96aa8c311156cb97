//! Limits of units, counted so that two at once cannot both take the last one.

use kit::{db::Tx, id::PartnerId};

use crate::{
    domain::{
        CustomerId,
        package::{PACKAGE_LIMIT_REACHED, Selection},
        problem::Problems,
    },
    error::Error,
    store::{assignment, customer},
};

/// Notes the packages that have no unit left for one more holder.
pub(super) async fn note(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    selection: &Selection,
    gained: &[String],
    problems: &mut Problems,
) -> Result<(), Error> {
    let used_up = assignment::used_up(tx, partner, customer, selection, gained).await?;
    for (package, limit) in used_up {
        let text = format!("all {limit} units of {package} are assigned");
        problems.precondition("package", PACKAGE_LIMIT_REACHED, text);
    }
    Ok(())
}

/// Takes one unit of each of these packages, or fails. Waits for others who take of the same.
pub(super) async fn take(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    selection: &Selection,
    gained: &[String],
) -> Result<(), Error> {
    let bounded: Vec<String> = gained
        .iter()
        .filter(|name| selection.limits.contains_key(*name))
        .cloned()
        .collect();
    if bounded.is_empty() {
        return Ok(());
    }
    customer::lock_packages(tx, partner, customer, &bounded).await?;
    // counted in a statement of its own: it sees what those before us have committed
    let mut problems = Problems::default();
    note(tx, partner, customer, selection, &bounded, &mut problems).await?;
    Ok(problems.check()?)
}
