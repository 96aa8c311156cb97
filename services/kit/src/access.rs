//! Who may do what, in one place.
//!
//! A token carries scopes (what its holder asked for), the roles that the holder has in one organization
//! (what it is trusted with) and the restrictions that are on there (what the partner took away from its
//! customer). What is left is [`effective`]: `(scopes ∩ roles) − restrictions`. The tables are code, so
//! all parts of a release agree without telling each other, and the compiler knows every name.
//!
//! It is pure: identity asks it when it issues, every context when it verifies.

use std::collections::BTreeSet;

mod permission;
mod restriction;
mod role;
mod scope;
#[cfg(test)]
mod tests;

pub use permission::{Permission, Permissions};
pub use restriction::{Effect, RESTRICTIONS, Restriction, Set, VERSION};
pub use role::{ROLES, Role, RoleRow, Side};
pub use scope::{Machine, SCOPES, ScopeRow, scope};

/// What somebody may do, and what was taken from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effective {
    /// What they may do.
    pub permissions: Permissions,
    /// What scopes and roles would allow and a restriction took away.
    pub masked: Permissions,
}

/// `(scopes ∩ roles) − restrictions`. Restrictions bind the customer's own people only (R-1001); these
/// have neither partners' scopes nor partners' roles, whatever a token says.
pub fn effective(
    scopes: &BTreeSet<String>,
    roles: &[Role],
    restrictions: &[Set],
    side: Side,
) -> Effective {
    let customers = side == Side::Customer;
    let asked = scopes
        .iter()
        .filter_map(|name| scope(name))
        .filter(|row| row.customer_side || !customers)
        .fold(Permissions::NONE, |all, row| all.union(row.permissions));
    let trusted = roles
        .iter()
        .map(|role| role.row())
        .filter(|row| row.side == Side::Customer || !customers)
        .fold(Permissions::NONE, |all, row| all.union(row.permissions));
    let allowed = asked.intersection(trusted);
    if !customers {
        return Effective {
            permissions: allowed,
            masked: Permissions::NONE,
        };
    }
    let taken = restrictions
        .iter()
        .fold(Permissions::NONE, |all, set| all.union(set.takes()));
    Effective {
        permissions: allowed.minus(taken),
        masked: allowed.intersection(taken),
    }
}

/// The scopes that are of any use to somebody with these roles: what a token may be issued with.
pub fn scopes_of(roles: &[Role], side: Side) -> impl Iterator<Item = &'static str> {
    let trusted = roles
        .iter()
        .filter(|role| role.row().side == Side::Customer || side != Side::Customer)
        .fold(Permissions::NONE, |all, role| all.union(role.permissions()));
    SCOPES
        .iter()
        .filter(move |row| row.customer_side || side != Side::Customer)
        .filter(move |row| !row.permissions.intersection(trusted).is_empty())
        .map(|row| row.name)
}

/// The scopes that a kind of API client may have.
pub fn scopes_for(kind: Machine) -> impl Iterator<Item = &'static str> {
    let rows = SCOPES.iter().filter(move |row| row.machine.contains(&kind));
    rows.map(|row| row.name)
}
