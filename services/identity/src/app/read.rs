//! Reading.

use kit::{id::PartnerId, scope::Scope};
use uuid::Uuid;

use crate::{
    app::State,
    domain::{organization::Organization, person::Person},
    error::Error,
    store::{organization, person},
};

/// One organization within reach.
pub(crate) async fn organization(
    state: &State,
    reach: Scope,
    id: Uuid,
) -> Result<Organization, Error> {
    let mut tx = state.context.db.begin(reach).await?;
    organization::find(&mut tx, tenant(reach), id)
        .await?
        .ok_or(Error::Missing("organization"))
}

/// One person within reach.
pub(crate) async fn person(state: &State, reach: Scope, id: Uuid) -> Result<Person, Error> {
    let mut tx = state.context.db.begin(reach).await?;
    person::find(&mut tx, tenant(reach), id)
        .await?
        .ok_or(Error::Missing("person"))
}

/// The tenant to ask for. Row-level security would hide the others as well; a query says it too, so
/// that no single mistake opens the door.
fn tenant(reach: Scope) -> Option<PartnerId> {
    match reach {
        Scope::Partner(partner) | Scope::Organization(partner, _) => Some(partner),
        Scope::Whole(_) => None,
    }
}
