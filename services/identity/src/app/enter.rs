//! Where a caller gets in, and as what: the one place that joins reach, roles and permissions.
//!
//! People get the roles of [`reach::roles_in`]. API clients hold none of their own; what they are is
//! decided here, for those that R-1104 lets reach an organization:
//!
//! * At home a client is what its kind is, and no more: a partner's back office is no full
//!   administrator, so it neither appoints its partner's administrators nor gets at their passwords.
//! * A partner's client is the external administrator (R-1202) of the partner's own customers and of
//!   those of others that it manages, as far as the management relation goes: full or provisioning only
//!   . Customers often have nobody else; the first administrator gets the first password so.
//! * A sub-partner and its customers it only sees. What a parent does there it does in their name, with
//!   a token that says so and is recorded with both (R-1103, R-1105), and that makes no credentials.
//! * The operator's client is the administrator of each partner: nobody manages partners, so nobody else
//!   could appoint a partner's first administrator, or help the only one who has lost its password. It
//!   gets into no customer.
//!
//! What a role allows is narrowed by the scopes of the token and by restrictions, always.

use kit::{
    access::{self, Effective, Permission, Role, Set},
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
    store::{directory, member, organization, person::Place, role, setting},
};

/// An organization that the caller gets into.
#[derive(Debug)]
pub(crate) struct Entered {
    /// The organization.
    pub(crate) organization: Organization,
    /// What the caller is there.
    pub(crate) roles: Vec<Role>,
    /// What is in force there for the caller.
    pub(crate) restrictions: Vec<Set>,
    /// What roles, the scopes of its token and the restrictions leave.
    pub(crate) left: Effective,
}

impl Entered {
    fn new(
        caller: &Caller,
        organization: Organization,
        roles: Vec<Role>,
        restrictions: Vec<Set>,
    ) -> Self {
        let (scopes, side) = (&caller.scopes, caller.kind.side());
        Self {
            left: access::effective(scopes, &roles, &restrictions, side),
            organization,
            roles,
            restrictions,
        }
    }

    /// Needs something to be allowed there, by roles and scopes both.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.left.permissions.contains(permission) {
            Ok(())
        } else if self.left.masked.contains(permission) {
            Err(Error::Restricted)
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

/// The way by which a caller comes to an organization.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// It is of its own tenant.
    Home,
    /// The operator comes to a partner.
    Operator,
    /// Its partner manages it.
    Managed(Management),
    /// It is its sub-partner, or a customer of that.
    Below,
}

/// The organization with this id, if the caller gets in; what is out of reach is not there (R-1203).
pub(crate) async fn organization(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<Entered, Error> {
    let found = within_tenant(state, caller, id).await?;
    // who manages a customer is asked within the tenant, too
    let found = found.filter(|own| own.kind != Kind::Customer || is_person(caller));
    let (organization, way) = match found {
        Some(own) => (own, Way::Home),
        None => beyond(state, caller, id).await?,
    };
    let roles = if is_person(caller) {
        roles_of_person(state, caller, id).await?
    } else {
        roles_of_client(caller.kind, organization.kind, way)
    };
    if roles.is_empty() {
        return Err(Error::Missing("organization"));
    }
    let restrictions = restrictions(state, caller, &organization).await?;
    Ok(Entered::new(caller, organization, roles, restrictions))
}

/// What is in force for the caller. Asked anew like roles: what was switched since its token was issued
/// counts at once.
async fn restrictions(
    state: &State,
    caller: &Caller,
    organization: &Organization,
) -> Result<Vec<Set>, Error> {
    if caller.kind != CallerKind::Customer {
        return Ok(Vec::new());
    }
    let place = Place {
        partner: organization.partner_id,
        organization: organization.id,
    };
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let settings = setting::find(&mut tx, place, organization.kind).await?;
    Ok(settings.restrictions(organization.kind))
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
    let mut tx = state.context.db.begin(caller.scope()).await?;
    organization::find(&mut tx, Some(caller.partner), id).await
}

/// The operator's partners, and what a partner manages.
async fn beyond(state: &State, caller: &Caller, id: Uuid) -> Result<(Organization, Way), Error> {
    let missing = Error::Missing("organization");
    let reach = Scope::Whole("a manager's organizations are of other tenants");
    let now = state.context.clock.now();
    match caller.kind {
        CallerKind::Operator => {
            let mut tx = state.context.db.begin(reach).await?;
            let found = organization::find(&mut tx, None, id).await?;
            let partner = found.filter(|found| found.kind == Kind::Partner);
            Ok((partner.ok_or(missing)?, Way::Operator))
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
            let way = match managed {
                None => return Err(missing),
                Some(_) if target.parent == Some(caller.partner) => Way::Below,
                Some(managed) => Way::Managed(managed),
            };
            let found = organization::find(&mut tx, Some(target.partner), id).await?;
            Ok((found.ok_or(missing)?, way))
        }
        _ => Err(missing),
    }
}

/// What a client is in an organization that it reaches.
fn roles_of_client(caller: CallerKind, target: Kind, way: Way) -> Vec<Role> {
    match (caller, target, way) {
        (CallerKind::Operator, Kind::Operator, Way::Home) => vec![Role::ClientOperator],
        (CallerKind::Operator, Kind::Partner, Way::Operator) => {
            vec![Role::PartnerFullAdmin, Role::WholesaleAdmin]
        }
        (CallerKind::Partner, Kind::Partner, Way::Home) => vec![Role::ClientPartner],
        (CallerKind::Partner, Kind::Partner, Way::Below) => vec![Role::PartnerReadonlyAdmin],
        (CallerKind::Partner, Kind::Customer, Way::Below) => vec![Role::CustomerReadonlyAdmin],
        (CallerKind::Partner, Kind::Customer, Way::Managed(Management::Full)) => {
            vec![Role::ExternalFullAdmin]
        }
        (CallerKind::Partner, Kind::Customer, Way::Managed(Management::Provisioning)) => {
            vec![Role::ExternalProvisioningAdmin]
        }
        _ => Vec::new(),
    }
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::{id::PartnerId, testing};

    use super::*;
    use crate::domain::{
        organization::{OrganizationId, Profile},
        provider::Authentication,
    };

    fn entered(caller: &Caller, kind: Kind, role: Role) -> Entered {
        let organization = Organization {
            id: OrganizationId::from_uuid(caller.partner.uuid()),
            partner_id: caller.partner,
            parent: None,
            kind,
            profile: Profile {
                display_name: String::new(),
                country: String::new(),
                locale: String::new(),
            },
            sip_domain: None,
            suspended: false,
            authentication: Authentication::Platform,
            created_at: DateTime::UNIX_EPOCH,
        };
        let masks = caller.restrictions.clone();
        Entered::new(caller, organization, vec![role], masks)
    }

    #[test]
    fn r1203_a_role_is_worth_what_the_scopes_of_the_token_ask_for() {
        let partner = PartnerId::from_uuid(Uuid::from_u128(1));
        let reader = testing::caller(CallerKind::Partner, partner, &["spark-admin:people_read"]);
        let full = entered(&reader, Kind::Partner, Role::PartnerFullAdmin);
        assert!(full.require(Permission::PeopleRead).is_ok());
        let refused = full.require(Permission::PeopleWrite);
        assert!(matches!(refused, Err(Error::PermissionMissing)));
    }

    #[test]
    fn r1001_what_is_masked_says_so() {
        let partner = PartnerId::from_uuid(Uuid::from_u128(1));
        let scopes = ["spark-admin:people_write"];
        for kind in [CallerKind::Customer, CallerKind::Partner] {
            let caller = Caller {
                restrictions: vec![Set::Partner],
                ..testing::caller(kind, partner, &scopes)
            };
            let role = match kind {
                CallerKind::Customer => Role::CustomerFullAdmin,
                _ => Role::ExternalFullAdmin,
            };
            let entered = entered(&caller, Kind::Customer, role);
            let outcome = entered.require(Permission::PeopleWrite);
            let masked = matches!(outcome, Err(Error::Restricted));
            assert_eq!(masked, kind == CallerKind::Customer, "{outcome:?}");
            assert!(entered.require(Permission::PeopleProfile).is_ok());
        }
    }
}
