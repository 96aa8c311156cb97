//! People join organizations.

use kit::{id::PartnerId, scope::Scope};

use crate::{
    app::State,
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
) -> Result<Person, Error> {
    let context = &state.context;
    // The tenant's own reach suffices: the unique index sees the addresses of all tenants for us.
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let kind = organization::lock(&mut tx, partner, organization.uuid()).await?;
    let kind = kind.ok_or(Error::Missing("organization"))?;
    let place = Place {
        partner,
        organization,
    };
    let (id, now) = (PersonId::new(&context.ids), context.clock.now());
    if let Some(person) = person::insert(&mut tx, place, id, new, now).await? {
        if person.administrator {
            role::give(&mut tx, place, id, of_the_first(kind), BY_PLATFORM, now).await?;
        }
        tx.commit().await?;
        return Ok(person);
    }
    person::find_by_email(&mut tx, place, &new.email)
        .await?
        .ok_or(Error::EmailInUse)
}
