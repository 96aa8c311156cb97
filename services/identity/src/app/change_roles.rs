//! Giving and taking roles (R-1201, R-1202).

use kit::{
    access::{Permission, Role},
    audit::Entry,
    auth::Caller,
    db::Tx,
    fault::{Violations, reason},
};

use crate::{
    app::enter::Entered,
    domain::{member::Member, person::PersonId, role},
    error::Error,
    store::{self, person::Place},
};

/// What changes in the roles of a person at home.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Given.
    pub(crate) added: Vec<Role>,
    /// Taken.
    pub(crate) removed: Vec<Role>,
}

impl Roles {
    /// From what is held to what is wanted.
    pub(crate) fn between(held: &[Role], wanted: &[Role]) -> Self {
        let missing = |from: &[Role], to: &[Role]| -> Vec<Role> {
            let all = from.iter().copied();
            all.filter(|role| !to.contains(role)).collect()
        };
        Self {
            added: missing(wanted, held),
            removed: missing(held, wanted),
        }
    }

    /// True when all stay.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Whether the caller may do that to this person: in its own name, to somebody else, and with no role
    /// beyond its own.
    pub(crate) fn check(
        &self,
        caller: &Caller,
        entered: &Entered,
        person: Option<&Member>,
    ) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        caller.require_own()?;
        entered.require(Permission::RolesWrite)?;
        if person.is_some_and(|person| person.id.to_string() == caller.subject) {
            return Err(Error::OwnRoles);
        }
        let mut wrong = Violations::default();
        for role in &self.added {
            wrong.check(
                role::fits(*role, entered.organization.kind, true),
                "roles",
                reason::INVALID,
                "this organization has no such role",
            );
        }
        Error::check(wrong)?;
        let changed = self.added.iter().chain(&self.removed);
        let beyond = changed
            .copied()
            .find(|changed| !role::may_give(&entered.roles, *changed));
        match beyond {
            Some(role) => Err(Error::RoleBeyondOwn(role.code())),
            None => Ok(()),
        }
    }
}

/// Roles that somebody was given or lost, each told as an act of its own.
pub(crate) fn told(
    [granted, withdrawn]: [Entry; 2],
    place: Place,
    person: PersonId,
    roles: &Roles,
) -> Vec<Entry> {
    let of = |act: &Entry, role: &Role| {
        act.clone()
            .organization(place.organization.uuid())
            .target("person", person)
            .detail("role", role.code())
    };
    let added = roles.added.iter().map(|role| of(&granted, role));
    let removed = roles.removed.iter().map(|role| of(&withdrawn, role));
    added.chain(removed).collect()
}

/// Fails when an organization would be left without a full administrator by taking these roles, or
/// the right to sign in, from a person. The organization's row is held.
pub(crate) async fn keep_an_administrator(
    tx: &mut Tx,
    entered: &Entered,
    person: &Member,
    lost: &[Role],
) -> Result<(), Error> {
    // two at the most
    for full in lost.iter().copied().filter(|role| role::is_full(*role)) {
        if !store::role::is_held_by_another(tx, entered.place(), person.id, full).await? {
            return Err(Error::LastAdministrator);
        }
    }
    Ok(())
}
