//! Where a caller gets in, and as what: the one place that joins reach, roles and permissions.

use kit::{
    access::{Permission, Permissions, Role},
    auth::{Caller, CallerKind},
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::State,
    domain::{
        organization::{Kind, Organization},
        person::PersonId,
        reach::{self, Management},
    },
    error::Error,
    store::{directory, member, organization, person::Place, role},
};

/// An organization that the caller gets into.
#[derive(Debug)]
pub(crate) struct Entered {
    /// The organization.
    pub(crate) organization: Organization,
    /// What the caller is there.
    pub(crate) roles: Vec<Role>,
}

impl Entered {
    /// Needs something to be allowed there. The token's scope was asked for before.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Error> {
        let held = self.roles.iter();
        let all = held.fold(Permissions::NONE, |all, role| all.union(role.permissions()));
        if all.contains(permission) {
            Ok(())
        } else {
            Err(Error::PermissionMissing)
        }
    }

    /// The organization as the place of its people.
    pub(crate) fn place(&self) -> Place {
        Place {
            partner: self.organization.partner_id,
            organization: self.organization.id,
        }
    }

    /// The reach of work in it: its own rows and no others of the tenant.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Organization(self.organization.partner_id, self.organization.id.uuid())
    }
}

/// The organization with this id, if the caller gets in; what is out of reach is not there (R-1203).
pub(crate) async fn organization(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<Entered, Error> {
    let found = within_tenant(state, caller, id).await?;
    let (organization, managed) = match found {
        Some(own) => (own, None),
        None => beyond(state, caller, id).await?,
    };
    let roles = if is_person(caller) {
        roles_of_person(state, caller, id).await?
    } else {
        roles_of_client(caller, &organization, managed)
    };
    if roles.is_empty() {
        return Err(Error::Missing("organization"));
    }
    Ok(Entered {
        organization,
        roles,
    })
}

/// The organization of a person, if the caller gets in.
pub(crate) async fn organization_of_person(
    state: &State,
    caller: &Caller,
    person: Uuid,
) -> Result<(Entered, PersonId), Error> {
    let reach = Scope::Whole("whose a person is decides who may see it");
    let mut tx = state.context.db.begin(reach).await?;
    let place = member::place_of(&mut tx, person).await?;
    drop(tx);
    let place = place.ok_or(Error::Missing("person"))?;
    match organization(state, caller, place.organization.uuid()).await {
        Ok(entered) => Ok((entered, PersonId::from_uuid(person))),
        Err(Error::Missing(_)) => Err(Error::Missing("person")),
        Err(error) => Err(error),
    }
}

/// A client's token names the client twice; a person's, the person and the client it uses.
pub(crate) fn is_person(caller: &Caller) -> bool {
    caller.subject != caller.client
}

async fn within_tenant(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<Option<Organization>, Error> {
    let reach = match caller.kind {
        CallerKind::Customer => Scope::Organization(caller.partner, caller.organization),
        _ => Scope::Partner(caller.partner),
    };
    let mut tx = state.context.db.begin(reach).await?;
    organization::find(&mut tx, Some(caller.partner), id).await
}

/// In other tenants: the operator's partners, and what a partner manages.
async fn beyond(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<(Organization, Option<Management>), Error> {
    let missing = Error::Missing("organization");
    let reach = Scope::Whole("a manager's organizations are of other tenants");
    let now = state.context.clock.now();
    match caller.kind {
        CallerKind::Operator => {
            let mut tx = state.context.db.begin(reach).await?;
            let found = organization::find(&mut tx, None, id).await?;
            let partner = found.filter(|found| found.kind == Kind::Partner);
            Ok((partner.ok_or(missing)?, None))
        }
        CallerKind::Partner => {
            let mut tx = state.context.db.begin(reach).await?;
            let home = directory::place(&mut tx, caller.partner.uuid()).await?;
            let target = directory::place(&mut tx, id).await?;
            let (Some(home), Some(target)) = (home, target) else {
                return Err(missing);
            };
            let relations = directory::relations(&mut tx, id).await?;
            let managed = reach::management(home, target, &relations, now);
            let Some(managed) = managed else {
                return Err(missing);
            };
            let found = organization::find(&mut tx, Some(target.partner), id).await?;
            Ok((found.ok_or(missing)?, Some(managed)))
        }
        _ => Err(missing),
    }
}

/// What a client is in an organization that it reaches.
fn roles_of_client(
    caller: &Caller,
    target: &Organization,
    managed: Option<Management>,
) -> Vec<Role> {
    let at_home = target.id.uuid() == caller.partner.uuid();
    let role = match (caller.kind, target.kind, managed) {
        (CallerKind::Operator, Kind::Operator, _) => Role::ClientOperator,
        // somebody must appoint a partner's first administrator
        (CallerKind::Operator, Kind::Partner, _) => {
            return vec![Role::PartnerFullAdmin, Role::WholesaleAdmin];
        }
        (CallerKind::Partner, Kind::Partner, _) if at_home => Role::ClientPartner,
        // a sub-partner's people are its own matter; acting for it is recorded (R-1105)
        (CallerKind::Partner, Kind::Partner, _) => Role::PartnerReadonlyAdmin,
        (CallerKind::Partner, Kind::Customer, Some(Management::Provisioning)) => {
            Role::ExternalProvisioningAdmin
        }
        (CallerKind::Partner, Kind::Customer, _) => Role::ExternalFullAdmin,
        _ => return Vec::new(),
    };
    vec![role]
}

/// What a person is in an organization. Asked anew, whatever the token says: what was taken away since
/// it was issued counts at once.
async fn roles_of_person(state: &State, caller: &Caller, target: Uuid) -> Result<Vec<Role>, Error> {
    let Ok(id) = caller.subject.parse::<Uuid>() else {
        return Ok(Vec::new());
    };
    let reach = Scope::Whole("what a person is stands with other organizations as well");
    let mut tx = state.context.db.begin(reach).await?;
    let Some(home) = member::place_of(&mut tx, id).await? else {
        return Ok(Vec::new());
    };
    let person = PersonId::from_uuid(id);
    let now = state.context.clock.now();
    let itself = member::find(&mut tx, home, person, now).await?;
    if itself.is_none_or(|person| !person.may_sign_in()) {
        return Ok(Vec::new());
    }
    let from = directory::place(&mut tx, home.organization.uuid()).await?;
    let to = directory::place(&mut tx, target).await?;
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(Vec::new());
    };
    let relations = directory::relations(&mut tx, target).await?;
    let grants = role::of_person(&mut tx, person).await?;
    let standing = reach::roles_in(from, to, &relations, &grants, now);
    Ok(standing.map(|standing| standing.roles).unwrap_or_default())
}

/// The caller's own organization, which is meant when none is named.
pub(crate) fn own(caller: &Caller) -> Uuid {
    match caller.kind {
        CallerKind::Customer => caller.organization,
        _ => caller.partner.uuid(),
    }
}
