//! Suspending and resuming a sub-partner (R-1106).

use kit::{id::PartnerId, scope::Scope};

use crate::{
    app::{State, create_partner::announce},
    domain::organization::Organization,
    error::Error,
    store::organization,
};

/// Suspends or resumes a sub-partner, of the given parent if one is given; a repeat changes nothing.
pub(crate) async fn set_suspended(
    state: &State,
    id: PartnerId,
    parent: Option<PartnerId>,
    suspended: bool,
) -> Result<Organization, Error> {
    let reach = Scope::Whole("a parent's sub-partner is another tenant");
    let mut tx = state.context.db.begin(reach).await?;
    let found = organization::lock_sub_partner(&mut tx, id, parent).await?;
    let mut found = found.ok_or(Error::Missing("sub-partner"))?;
    if found.suspended != suspended {
        found.suspended = suspended;
        organization::set_suspended(&mut tx, id, suspended).await?;
        announce(state, &mut tx, &found).await?;
        tx.commit().await?;
    }
    Ok(found)
}
