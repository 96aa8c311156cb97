//! Deleting a person.

use kit::{access::Permission, audit, auth::Caller, feed};
use proto::identity::v1::Event;
use uuid::Uuid;

use crate::{
    app::{
        State,
        change_roles::keep_an_administrator,
        enter, peer,
        revoke::{revoke, revoke_again},
    },
    domain::{revocation::RevocationKind, role::outranks},
    error::Error,
    store::{member, organization},
};

/// Deletes a person of an organization, with its roles, sessions and whatever it can sign in with. Whoever has
/// wholesale service stays until that ends. With a version, only that one is deleted.
pub(crate) async fn delete_member(
    state: &State,
    caller: &Caller,
    person: Uuid,
    version: Option<i32>,
) -> Result<(), Error> {
    caller.require_own()?;
    let (entered, id) = enter::organization_of_person(state, caller, person).await?;
    entered.require(Permission::PeopleWrite)?;
    if id.to_string() == caller.subject {
        return Err(Error::OwnRoles);
    }
    let place = entered.place();
    if peer::has_service(state, place.partner, id).await? {
        return Err(Error::PersonInUse);
    }

    let mut tx = state.context.db.begin(entered.scope()).await?;
    organization::lock(&mut tx, place.partner, place.organization.uuid())
        .await?
        .ok_or(Error::Missing("person"))?;
    let now = state.context.clock.now();
    let before = member::find(&mut tx, place, id, now).await?;
    let before = before.ok_or(Error::Missing("person"))?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::VersionDiffers);
    }
    if !outranks(&entered.roles, &before.roles) {
        return Err(Error::PersonBeyondOwn);
    }
    keep_an_administrator(&mut tx, &entered, &before, &before.roles).await?;
    member::delete(&mut tx, place, id).await?;
    let (kind, key) = (RevocationKind::Person, id.to_string());
    revoke(&mut tx, state, place.partner, kind, &key, now).await?;
    let act = audit::by(caller, "person.deleted")
        .organization(place.organization.uuid())
        .target("person", id);
    let event = Event::from(act);
    feed::append(&mut tx, &state.context.ids, place.partner, now, &event).await?;
    tx.commit().await?;
    revoke_again(state, place.partner, kind, &key).await
}
