//! Forgetting an identity provider.

use kit::{audit, auth::Caller};
use uuid::Uuid;

use crate::{
    app::{
        State,
        provider::{held, note, switch, tenant_to_change},
    },
    error::Error,
    store::provider,
};

/// Deletes one that no organization signs in with; who came through it and is still here goes.
pub(crate) async fn delete(state: &State, caller: &Caller, id: Uuid) -> Result<(), Error> {
    let partner = tenant_to_change(state, caller).await?;
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let found = held(&mut tx, caller, partner, id).await?;
    provider::delete(&mut tx, partner, found.id).await?;
    switch::end_sessions(state, &mut tx, &found, now).await?;
    let act = audit::by(caller, "identity_provider.deleted");
    note(state, &mut tx, &found, act).await?;
    tx.commit().await?;
    Ok(())
}
