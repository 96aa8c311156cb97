//! Changing a person.

use kit::{
    access::{Permission, Role},
    audit,
    auth::Caller,
    db::Tx,
    fault::{Violations, reason},
    feed,
};
use proto::identity::v1::{Event, PersonMoved, event};
use uuid::Uuid;

use crate::{
    app::{
        State,
        change_roles::{Roles, keep_an_administrator, told},
        enter::{self, Entered},
        revoke::{revoke, revoke_again},
        tell::tell_all,
    },
    domain::{
        member::{Member, State as MemberState, Wanted},
        revocation::RevocationKind,
        role::outranks,
        sign_in::Account,
    },
    error::Error,
    store::{member, organization, role, session},
};

/// How to replace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// The version that was read; 0 replaces whatever is there.
    pub(crate) version: i32,
    /// Leave roles as they are.
    pub(crate) keep_roles: bool,
}

/// Replaces what is told of a person. Roles that are left out are taken away.
pub(crate) async fn replace_member(
    state: &State,
    caller: &Caller,
    person: Uuid,
    wanted: Wanted,
    how: How,
) -> Result<Member, Error> {
    let (entered, id) = enter::organization_of_person(state, caller, person).await?;
    let place = entered.place();
    let mut tx = state.context.db.begin(entered.scope()).await?;
    // who administers an organization is decided one after another
    organization::lock(&mut tx, place.partner, place.organization.uuid())
        .await?
        .ok_or(Error::Missing("person"))?;
    // tokens that were issued until now may tell what is taken away below
    let now = state.context.clock.now();
    let before = member::find(&mut tx, place, id, now).await?;
    let before = before.ok_or(Error::Missing("person"))?;
    let wanted = keep_untold(wanted, &before);
    may_replace(&entered, &before, &wanted)?;
    if wanted.email.is_some() {
        // whoever can change the address of somebody can be that somebody
        caller.require_own()?;
        if !outranks(&entered.roles, &before.roles) {
            return Err(Error::PersonBeyondOwn);
        }
    }
    let roles = if how.keep_roles {
        Roles::default()
    } else {
        Roles::between(&before.roles, &wanted.roles)
    };
    roles.check(caller, &entered, Some(&before))?;
    if how.version != 0 && how.version != before.version {
        return Err(Error::VersionDiffers);
    }
    let after = match (wanted.may_sign_in, before.state) {
        (Some(false), _) => MemberState::Disabled,
        (Some(true), MemberState::Disabled) => MemberState::Active,
        (_, state) => state,
    };
    // who shuts somebody out, or lets back in, has power over all that the person may do
    if after != before.state && !outranks(&entered.roles, &before.roles) {
        return Err(Error::PersonBeyondOwn);
    }
    let is_disabled = after == MemberState::Disabled && before.may_sign_in();
    let lost: &[Role] = if is_disabled {
        &before.roles
    } else {
        &roles.removed
    };
    keep_an_administrator(&mut tx, &entered, &before, lost).await?;

    member::replace(&mut tx, place, id, &wanted, after, now).await?;
    role::take(&mut tx, place, id, &roles.removed).await?;
    role::give(&mut tx, place, id, &roles.added, &caller.subject, now).await?;
    let made = member::find(&mut tx, place, id, now).await?;
    let made = made.ok_or(Error::Impossible("person.person_id"))?;
    let acts = [
        audit::by(caller, "role.granted"),
        audit::by(caller, "role.withdrawn"),
    ];
    let mut changed = audit::by(caller, "person.updated")
        .organization(place.organization.uuid())
        .target("person", id);
    if after != before.state {
        changed = changed.detail("state", after.as_str());
    }
    if made.email != before.email {
        changed = changed.detail("address", "changed");
        tell_moved(state, &mut tx, &made).await?;
    }
    let acts = [changed].into_iter().chain(told(acts, place, id, &roles));
    tell_all(&mut tx, state, place.partner, acts, now).await?;
    let (kind, key) = (RevocationKind::Person, id.to_string());
    let less = is_disabled || !roles.is_empty();
    if less {
        revoke(&mut tx, state, place.partner, kind, &key, now).await?;
    }
    if is_disabled {
        let whose = Account {
            partner: place.partner,
            organization: place.organization,
            person: id,
        };
        session::end_all(&mut tx, whose).await?;
    }
    tx.commit().await?;
    if less {
        revoke_again(state, place.partner, kind, &key).await?;
    }
    Ok(made)
}

/// Tells others, who keep the address as well, that it is another one.
async fn tell_moved(state: &State, tx: &mut Tx, person: &Member) -> Result<(), Error> {
    let moved = PersonMoved {
        partner_id: person.partner.to_string(),
        person_id: person.id.to_string(),
        email: person.email.clone(),
    };
    let event = Event {
        header: None,
        kind: Some(event::Kind::PersonMoved(moved)),
    };
    let (ids, at) = (&state.context.ids, person.changed_at);
    feed::append(tx, ids, person.partner, at, &event).await?;
    Ok(())
}

/// What a client of the published surface cannot tell stays when it is not told; so does an address that is the
/// same.
fn keep_untold(mut wanted: Wanted, before: &Member) -> Wanted {
    let email = wanted.email.take();
    wanted.email = email.filter(|email| email.as_str() != before.email);
    if wanted.directory.is_some() {
        return wanted;
    }
    let profile = &mut wanted.profile;
    for (text, kept) in [
        (&mut wanted.external_id, &before.external_id),
        (&mut profile.locale, &before.profile.locale),
    ] {
        if text.is_empty() {
            text.clone_from(kept);
        }
    }
    wanted
}

/// Names and the address may be changed by more than all the rest (R-1002).
fn may_replace(entered: &Entered, before: &Member, wanted: &Wanted) -> Result<(), Error> {
    entered.require(Permission::PeopleProfile)?;
    let rest_stays = before.profile == wanted.profile
        && before.external_id == wanted.external_id
        && wanted
            .may_sign_in
            .is_none_or(|may| may == before.may_sign_in());
    if !rest_stays {
        entered.require(Permission::PeopleWrite)?;
    }
    let mut wrong = Violations::default();
    wrong.check(
        wanted.profile.manager_id.is_empty() || wanted.profile.manager_id != before.id.to_string(),
        "managerId",
        reason::INVALID,
        "nobody is their own manager",
    );
    Error::check(wrong)
}
