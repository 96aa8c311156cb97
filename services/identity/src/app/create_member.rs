//! Adding a person.

use kit::{access::Permission, audit, auth::Caller, idempotency};
use uuid::Uuid;

use crate::{
    app::{
        State,
        change_roles::{Roles, told},
        enter,
        tell::tell_all,
    },
    domain::{
        member::{Member, State as MemberState, Wanted},
        person::{Newcomer, PersonId},
        role::of_the_first,
    },
    error::Error,
    store::{member, organization, person, role},
};

/// What makes a repeat safe.
#[derive(Debug)]
pub(crate) struct Repeat {
    /// The client's key; empty for none.
    pub(crate) key: String,
    /// What the request says.
    pub(crate) fingerprint: [u8; 32],
}

/// Adds a person with roles; the first one of an organization becomes its administrator.
pub(crate) async fn create_member(
    state: &State,
    caller: &Caller,
    to: Uuid,
    wanted: Wanted,
    repeat: Repeat,
) -> Result<Member, Error> {
    let entered = enter::organization(state, caller, to).await?;
    entered.require(Permission::PeopleWrite)?;
    let asked = Roles::between(&[], &wanted.roles);
    asked.check(caller, &entered, None)?;
    let email = wanted
        .email
        .clone()
        .ok_or(Error::Missing("e-mail address"))?;

    let context = &state.context;
    let (id, now, place) = (
        PersonId::new(&context.ids),
        context.clock.now(),
        entered.place(),
    );
    let mut tx = context.db.begin(entered.scope()).await?;
    let kind = organization::lock(&mut tx, place.partner, to).await?;
    let kind = kind.ok_or(Error::Missing("organization"))?;
    if !repeat.key.is_empty() {
        let key = &repeat.key;
        let print = &repeat.fingerprint;
        match idempotency::claim(&mut tx, place.partner, key, print, id.uuid(), now).await? {
            idempotency::Claim::New => {}
            idempotency::Claim::Different => return Err(Error::KeyReused),
            idempotency::Claim::Same(made) => {
                let made = PersonId::from_uuid(made);
                let found = member::find(&mut tx, place, made, now).await?;
                return found.ok_or(Error::Missing("person"));
            }
        }
    }
    let new = Newcomer {
        email,
        first_name: wanted.names.first.clone(),
        last_name: wanted.names.last.clone(),
    };
    let added = person::insert(&mut tx, place, id, &new, now).await?;
    let added = added.ok_or(Error::EmailInUse)?;
    let disabled = wanted.may_sign_in == Some(false) && !added.administrator;
    let standing = if disabled {
        MemberState::Disabled
    } else {
        MemberState::Invited
    };
    member::replace(&mut tx, place, id, &wanted, standing, now).await?;
    let mut roles = asked;
    if added.administrator {
        roles.added.extend(of_the_first(kind));
        roles.added.sort_unstable();
        roles.added.dedup();
    }
    role::give(&mut tx, place, id, &roles.added, &caller.subject, now).await?;
    let acts = [
        audit::by(caller, "role.granted"),
        audit::by(caller, "role.withdrawn"),
    ];
    let joined = audit::by(caller, "person.enrolled")
        .organization(to)
        .target("person", id)
        .detail("administrator", added.administrator.to_string());
    let acts = [joined].into_iter().chain(told(acts, place, id, &roles));
    tell_all(&mut tx, state, place.partner, acts, now).await?;
    let made = member::find(&mut tx, place, id, now).await?;
    let made = made.ok_or(Error::Impossible("person.person_id"))?;
    tx.commit().await?;
    Ok(made)
}
