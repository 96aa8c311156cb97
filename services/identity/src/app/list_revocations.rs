//! What is revoked now, for a verifier that starts.

use kit::scope::Scope;

use crate::{app::State, domain::revocation::Revocation, error::Error, store::revocation};

/// Everything, and the place in the feed after which the next ones will stand.
pub(crate) async fn list_revocations(state: &State) -> Result<(Vec<Revocation>, i64), Error> {
    let now = state.context.clock.now();
    let reach = Scope::Whole("a verifier meets tokens of all tenants");
    let mut tx = state.context.db.begin(reach).await?;
    let position = revocation::position(&mut tx).await?;
    let living = revocation::living(&mut tx, now).await?;
    Ok((living, position))
}
