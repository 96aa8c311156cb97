//! Reading people.

use std::collections::HashSet;

use kit::{access::Permission, auth::Caller, scope::Scope};
use uuid::Uuid;

use crate::{
    app::{State, enter},
    domain::{member::Member, person::PersonId},
    error::Error,
    store::member::{self, Filter},
};

/// People of an organization by id, and which of the asked ids name nobody there.
pub(crate) async fn list_members(
    state: &State,
    caller: &Caller,
    organization: Uuid,
    filter: &Filter,
) -> Result<(Vec<Member>, Vec<Uuid>), Error> {
    let entered = enter::organization(state, caller, organization).await?;
    entered.require(Permission::PeopleRead)?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let now = state.context.clock.now();
    let found = member::list(&mut tx, entered.place(), filter, now).await?;
    let known: HashSet<Uuid> = found.iter().map(|member| member.id.uuid()).collect();
    let asked = filter.ids.iter().copied();
    let unknown = asked.filter(|id| !known.contains(id)).collect();
    Ok((found, unknown))
}

/// One person.
pub(crate) async fn read_member(
    state: &State,
    caller: &Caller,
    person: Uuid,
) -> Result<Member, Error> {
    let (entered, id) = enter::organization_of_person(state, caller, person).await?;
    entered.require(Permission::PeopleRead)?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let now = state.context.clock.now();
    let found = member::find(&mut tx, entered.place(), id, now).await?;
    found.ok_or(Error::Missing("person"))
}

/// The person who calls; a client is none.
pub(crate) async fn read_own(state: &State, caller: &Caller) -> Result<Member, Error> {
    let missing = || Error::Missing("person");
    let id: Uuid = caller.subject.parse().map_err(|_| missing())?;
    if !enter::is_person(caller) {
        return Err(missing());
    }
    let reach = Scope::Whole("who acts for another tenant is at home in its own");
    let mut tx = state.context.db.begin(reach).await?;
    let place = member::place_of(&mut tx, id).await?.ok_or_else(missing)?;
    let now = state.context.clock.now();
    let found = member::find(&mut tx, place, PersonId::from_uuid(id), now).await?;
    found.ok_or_else(missing)
}
