//! Roles: which fit where, and who may give them (R-1201, R-1202).

use kit::access::{Permission, Permissions, ROLES, Role, Side};

use super::organization::Kind;

/// Whether a person can hold a role in an organization of this kind, at home there or not.
pub(crate) fn fits(role: Role, kind: Kind, at_home: bool) -> bool {
    let external = matches!(
        role,
        Role::ExternalFullAdmin | Role::ExternalProvisioningAdmin
    );
    if role.is_machines() {
        return false;
    }
    if !at_home {
        return external && kind == Kind::Customer;
    }
    // everybody is a user at home without being told so
    if external || role == Role::User {
        return false;
    }
    role.row().side == side(kind)
}

/// The codes of the roles that a person can hold at home.
pub(crate) fn codes(kind: Kind) -> Vec<&'static str> {
    let fitting = ROLES.iter().filter(|row| fits(row.role, kind, true));
    fitting.map(|row| row.code).collect()
}

/// Whose people are at home in an organization of this kind.
pub(crate) fn side(kind: Kind) -> Side {
    match kind {
        Kind::Operator => Side::Operator,
        Kind::Partner => Side::Partner,
        Kind::Customer => Side::Customer,
    }
}

/// Whether it is a role that an organization must not be left without: no other can give it.
pub(crate) fn is_full(role: Role) -> bool {
    matches!(
        role,
        Role::PartnerFullAdmin
            | Role::WholesaleAdmin
            | Role::CustomerFullAdmin
            | Role::OperatorAdmin
    )
}

/// The roles of the first person of an organization.
pub(crate) fn of_the_first(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Operator => &[Role::OperatorAdmin],
        Kind::Partner => &[Role::PartnerFullAdmin, Role::WholesaleAdmin],
        Kind::Customer => &[Role::CustomerFullAdmin],
    }
}

/// Whether those who hold some roles in an organization may give or take another there: nobody more than
/// it has. Approving wholesale service is the one thing that managers lack and may give, since who
/// manages already has been approved.
pub(crate) fn may_give(held: &[Role], role: Role) -> bool {
    all(held).contains(Permission::RolesWrite) && outranks(held, &[role])
}

/// Whether those who hold some roles in an organization may do all that others may who hold other roles:
/// only then they may have power over them. With the one exception of [`may_give`].
pub(crate) fn outranks(held: &[Role], others: &[Role]) -> bool {
    all(held)
        .and(&[Permission::AttachDecide])
        .contains_all(all(others))
}

fn all(roles: &[Role]) -> Permissions {
    let sets = roles.iter().map(|role| role.permissions());
    sets.fold(Permissions::NONE, Permissions::union)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 3] = [Kind::Operator, Kind::Partner, Kind::Customer];

    #[test]
    fn r1201_each_role_fits_its_kind_of_organization() {
        for row in ROLES {
            let places = KINDS
                .iter()
                .filter(|kind| fits(row.role, **kind, true))
                .count();
            let abroad = KINDS
                .iter()
                .filter(|kind| fits(row.role, **kind, false))
                .count();
            let given = !row.role.is_machines() && row.role != Role::User;
            assert_eq!(places + abroad, usize::from(given), "{}", row.code);
        }
        assert!(fits(Role::ExternalFullAdmin, Kind::Customer, false));
        assert!(!fits(Role::CustomerFullAdmin, Kind::Customer, false));
        assert!(!fits(Role::PartnerFullAdmin, Kind::Customer, true));
    }

    #[test]
    fn a28_nobody_gives_a_role_beyond_its_own() {
        for giver in ROLES {
            for given in ROLES {
                if may_give(&[giver.role], given.role) {
                    let more = given.permissions.minus(giver.permissions);
                    assert!(
                        Permissions::of(&[Permission::AttachDecide]).contains_all(more),
                        "{} gives {}",
                        giver.code,
                        given.code
                    );
                }
            }
        }
        assert!(may_give(&[Role::CustomerFullAdmin], Role::CustomerSupport));
        assert!(!may_give(
            &[Role::CustomerUserDeviceAdmin],
            Role::CustomerSupport
        ));
        assert!(may_give(
            &[Role::ExternalFullAdmin],
            Role::CustomerFullAdmin
        ));
        assert!(!may_give(
            &[Role::CustomerFullAdmin],
            Role::ExternalFullAdmin
        ));
        assert!(!may_give(&[Role::PartnerFullAdmin], Role::WholesaleAdmin));
        assert!(!may_give(&[Role::ClientPartner], Role::PartnerFullAdmin));
    }

    #[test]
    fn r402_the_first_person_can_give_every_role_of_its_organization() {
        for kind in KINDS {
            let first = of_the_first(kind);
            assert!(first.iter().all(|role| is_full(*role)));
            for row in ROLES.iter().filter(|row| fits(row.role, kind, true)) {
                assert!(may_give(first, row.role), "{}", row.code);
            }
        }
    }
}
