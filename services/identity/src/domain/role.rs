//! Roles: which fit where, and who may give them (R-1201, R-1202).

use kit::access::Role;

use super::organization::Kind;

/// The roles of the first person of an organization.
pub(crate) fn of_the_first(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Operator => &[Role::OperatorAdmin],
        Kind::Partner => &[Role::PartnerFullAdmin, Role::WholesaleAdmin],
        Kind::Customer => &[Role::CustomerFullAdmin],
    }
}
