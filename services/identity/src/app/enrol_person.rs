//! People join organizations.

use kit::{
    audit::{self, Entry},
    boot::Context,
    db::Tx,
    feed,
    id::PartnerId,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    app::{
        State,
        change_roles::{Roles, told},
    },
    domain::{
        organization::OrganizationId,
        person::{Newcomer, Person, PersonId},
        role::of_the_first,
    },
    error::Error,
    store::{
        organization,
        person::{self, Place},
        role::{self, BY_PLATFORM},
    },
};

/// Makes sure that a person with this address is in the organization. The first one becomes its
/// administrator, decided under the organization's row lock; an address that belongs to
/// another organization is refused. A person who is there stays as they are.
pub(crate) async fn enrol_person(
    state: &State,
    partner: PartnerId,
    organization: OrganizationId,
    new: &Newcomer,
    act: Entry,
) -> Result<Person, Error> {
    let context = &state.context;
    // The tenant's own reach suffices: the unique index sees the addresses of all tenants for us.
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let place = Place {
        partner,
        organization,
    };
    let person = join(context, &mut tx, place, new, act).await?;
    tx.commit().await?;
    Ok(person)
}

/// The same within a transaction.
pub(crate) async fn join(
    context: &Context,
    tx: &mut Tx,
    place: Place,
    new: &Newcomer,
    act: Entry,
) -> Result<Person, Error> {
    let kind = organization::lock(tx, place.partner, place.organization.uuid()).await?;
    let kind = kind.ok_or(Error::Missing("organization"))?;
    let (id, now) = (PersonId::new(&context.ids), context.clock.now());
    if let Some(person) = person::insert(tx, place, id, new, now).await? {
        let mut acts = Vec::new();
        if person.administrator {
            role::give(tx, place, id, of_the_first(kind), BY_PLATFORM, now).await?;
            let roles = Roles::between(&[], of_the_first(kind));
            let by_us = [
                audit::system("identity", "role.granted"),
                audit::system("identity", "role.withdrawn"),
            ];
            acts = told(by_us, place, id, &roles);
        }
        let act = act
            .organization(place.organization.uuid())
            .target("person", id);
        let act = act.detail("administrator", person.administrator.to_string());
        acts.insert(0, act);
        let events: Vec<Event> = acts.into_iter().map(Event::from).collect();
        feed::append_all(tx, &context.ids, place.partner, now, &events).await?;
        return Ok(person);
    }
    person::find_by_email(tx, place, &new.email)
        .await?
        .ok_or(Error::EmailInUse)
}
