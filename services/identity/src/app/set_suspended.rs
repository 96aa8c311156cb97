//! Suspending and resuming a sub-partner (R-1106).

use kit::{audit::Entry, id::PartnerId, scope::Scope};

use crate::{
    app::{
        State,
        create_partner::announce,
        revoke::{revoke, revoke_again},
    },
    domain::{organization::Organization, revocation::RevocationKind},
    error::Error,
    store::organization,
};

/// Suspends or resumes a sub-partner, of the given parent if one is given; a repeat changes nothing.
pub(crate) async fn set_suspended(
    state: &State,
    id: PartnerId,
    parent: Option<PartnerId>,
    suspended: bool,
    act: Entry,
) -> Result<Organization, Error> {
    let reach = Scope::Whole("a parent's sub-partner is another tenant");
    let mut tx = state.context.db.begin(reach).await?;
    let found = organization::lock_sub_partner(&mut tx, id, parent).await?;
    let mut found = found.ok_or(Error::Missing("sub-partner"))?;
    // tokens tell whether their tenant is suspended: those that are out tell it wrongly
    let (kind, key) = (RevocationKind::Partner, id.to_string());
    if found.suspended == suspended {
        drop(tx);
    } else {
        found.suspended = suspended;
        organization::set_suspended(&mut tx, id, suspended).await?;
        announce(state, &mut tx, &found, act).await?;
        let now = state.context.clock.now();
        revoke(&mut tx, state, id, kind, &key, now).await?;
        tx.commit().await?;
    }
    // after a repeat too: the first one may have been cut off right here
    revoke_again(state, id, kind, &key).await?;
    Ok(found)
}
