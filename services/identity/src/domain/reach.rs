//! Who is what where: the roles of a person in an organization (R-1101, R-1104, R-1105).
//!
//! Three ways lead there and no other: it is the person's own organization; the person's partner manages
//! it; and of the roles that were given to the person there, those that fit. Nothing leads to a parent or
//! to a sibling.

use chrono::{DateTime, Utc};
use kit::{
    access::{Role, Side},
    id::PartnerId,
};

use super::{
    organization::{Kind, OrganizationId},
    role,
};

/// An organization, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its id.
    pub(crate) id: OrganizationId,
    /// The tenant that owns it.
    pub(crate) partner: PartnerId,
    /// The parent of that tenant, when it is a sub-partner.
    pub(crate) parent: Option<PartnerId>,
    /// Its kind.
    pub(crate) kind: Kind,
}

/// How much a manager may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Management {
    /// Everything that an administrator may.
    Full,
    /// Provisioning only.
    Provisioning,
}

impl Management {
    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "full" => Some(Self::Full),
            "provisioning" => Some(Self::Provisioning),
            _ => None,
        }
    }
}

/// Somebody manages an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The partner that manages.
    pub(crate) manager: PartnerId,
    /// What it manages.
    pub(crate) organization: OrganizationId,
    /// How much it may do.
    pub(crate) kind: Management,
    /// Since when.
    pub(crate) since: DateTime<Utc>,
    /// Until when, if there is an end.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// A role that the person holds somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Where.
    pub(crate) organization: OrganizationId,
    /// Which.
    pub(crate) role: Role,
    /// Until when, if there is an end.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// What somebody is in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The roles, at least one, in the order of the table and each once.
    pub(crate) roles: Vec<Role>,
    /// Whose people they belong to there.
    pub(crate) side: Side,
}

/// What a person of `home` is in `target`; nothing when it is nobody there.
pub(crate) fn roles_in(
    home: Place,
    target: Place,
    relations: &[Relation],
    grants: &[Grant],
    now: DateTime<Utc>,
) -> Option<Standing> {
    let held = |place: Place| -> Vec<Role> {
        let there = grants
            .iter()
            .filter(|grant| grant.organization == place.id && is_now(grant.until, now));
        there.map(|grant| grant.role).collect()
    };
    if home.id == target.id {
        let roles = held(home).into_iter();
        let roles = roles.filter(|role| role::fits(*role, home.kind, true));
        return standing(roles.chain([Role::User]).collect(), role::side(home.kind));
    }
    let management = management(home, target, relations, now)?;
    let at_home: Vec<Role> = held(home)
        .into_iter()
        .filter(|role| role::fits(*role, home.kind, true))
        .collect();
    let mut roles = delegated(home, target, management, &at_home);
    if target.kind == Kind::Customer {
        let given = held(target).into_iter();
        roles.extend(given.filter(|role| role::fits(*role, target.kind, false)));
    }
    standing(roles, Side::Partner)
}

fn standing(mut roles: Vec<Role>, side: Side) -> Option<Standing> {
    roles.sort_unstable();
    roles.dedup();
    (!roles.is_empty()).then_some(Standing { roles, side })
}

fn is_now(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    until.is_none_or(|until| now < until)
}

/// How the home partner manages the target, if it does. The tree is looked at besides the relation, so that a wrong
/// row leads nobody to a parent, to a sibling or into what these own.
pub(crate) fn management(
    home: Place,
    target: Place,
    relations: &[Relation],
    now: DateTime<Utc>,
) -> Option<Management> {
    if home.kind != Kind::Partner {
        return None;
    }
    let own = PartnerId::from_uuid(home.id.uuid());
    let may_be = match target.kind {
        Kind::Operator => false,
        Kind::Partner => target.parent == Some(own),
        Kind::Customer => {
            let of_parent = home.parent == Some(target.partner);
            let of_sibling = home.parent.is_some() && home.parent == target.parent;
            target.partner == own || !(of_parent || of_sibling)
        }
    };
    if !may_be {
        return None;
    }
    let relation = relations.iter().find(|relation| {
        relation.manager == own && relation.organization == target.id && is_now(relation.until, now)
    })?;
    Some(relation.kind)
}

/// What roles at home are worth in an organization that the home partner manages.
fn delegated(home: Place, target: Place, management: Management, at_home: &[Role]) -> Vec<Role> {
    let launches = [Role::PartnerFullAdmin, Role::WholesaleAdmin]
        .iter()
        .all(|role| at_home.contains(role));
    let own = PartnerId::from_uuid(home.id.uuid());
    // a sub-partner and its customers are reached with both roles only (R-1105)
    if target.parent == Some(own) && !launches {
        return Vec::new();
    }
    if target.kind == Kind::Partner {
        return vec![Role::PartnerFullAdmin, Role::WholesaleAdmin];
    }
    let worth = |role: &Role| match (role, management) {
        (Role::PartnerFullAdmin | Role::PartnerAdmin, Management::Full) => {
            Some(Role::ExternalFullAdmin)
        }
        (
            Role::PartnerFullAdmin | Role::PartnerAdmin | Role::ProvisioningAdmin,
            Management::Provisioning,
        )
        | (Role::ProvisioningAdmin, Management::Full) => Some(Role::ExternalProvisioningAdmin),
        (Role::PartnerReadonlyAdmin, Management::Full) => Some(Role::CustomerReadonlyAdmin),
        (Role::PartnerReadonlyAdmin, Management::Provisioning) | (Role::PartnerHelpDesk, _) => {
            Some(Role::CustomerSupport)
        }
        _ => None,
    };
    at_home.iter().filter_map(worth).collect()
}

#[cfg(test)]
mod tests;
