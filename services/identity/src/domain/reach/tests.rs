use std::collections::BTreeSet;

use kit::access::ROLES;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// 0 the operator, 1 and 2 partners, 3 and 4 sub-partners of 1, 5 one of 2, and a customer and a half of
/// each of the six: their owner is `n % 6`.
const COUNT: u128 = 15;

fn partner(n: u128) -> PartnerId {
    PartnerId::from_uuid(Uuid::from_u128(n))
}

fn parent_of(n: u128) -> Option<PartnerId> {
    match n {
        3 | 4 => Some(partner(1)),
        5 => Some(partner(2)),
        _ => None,
    }
}

fn place(n: u128) -> Place {
    let owner = if n < 6 { n } else { n % 6 };
    Place {
        id: OrganizationId::from_uuid(Uuid::from_u128(n)),
        partner: partner(owner),
        parent: parent_of(owner),
        kind: match n {
            0 => Kind::Operator,
            1..6 => Kind::Partner,
            _ => Kind::Customer,
        },
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn relation(manager: u128, organization: u128, kind: Management) -> Relation {
    Relation {
        manager: partner(manager),
        organization: place(organization).id,
        kind,
        since: now(),
        until: None,
    }
}

fn grant(organization: u128, role: Role) -> Grant {
    Grant {
        organization: place(organization).id,
        role,
        until: None,
    }
}

/// Relations as they are set when organizations are created (R-1104).
fn natural() -> Vec<Relation> {
    let mut all = vec![
        relation(1, 3, Management::Full),
        relation(1, 4, Management::Full),
        relation(2, 5, Management::Full),
    ];
    for n in 6..COUNT {
        let place = place(n);
        for manager in [Some(place.partner), place.parent].into_iter().flatten() {
            all.push(Relation {
                manager,
                organization: place.id,
                kind: Management::Full,
                since: now(),
                until: None,
            });
        }
    }
    all
}

fn roles(home: u128, target: u128, relations: &[Relation], grants: &[Grant]) -> Vec<Role> {
    let found = roles_in(place(home), place(target), relations, grants, now());
    found.map(|standing| standing.roles).unwrap_or_default()
}

#[test]
fn everybody_is_a_user_at_home() {
    assert_eq!(roles(7, 7, &[], &[]), [Role::User]);
    let admin = [grant(7, Role::CustomerFullAdmin)];
    assert_eq!(
        roles(7, 7, &[], &admin),
        [Role::CustomerFullAdmin, Role::User]
    );
    let standing = roles_in(place(7), place(7), &[], &admin, now());
    assert_eq!(standing.map(|found| found.side), Some(Side::Customer));
}

#[test]
fn a_role_that_does_not_fit_the_organization_is_none() {
    let wrong = [
        grant(7, Role::PartnerFullAdmin),
        grant(7, Role::OperatorAdmin),
    ];
    assert_eq!(roles(7, 7, &natural(), &wrong), [Role::User]);
    let wrong = [grant(7, Role::CustomerFullAdmin)];
    assert_eq!(
        roles(1, 7, &natural(), &wrong),
        [],
        "customers' own roles are theirs"
    );
}

#[test]
fn a_role_ends() {
    let mut over = grant(7, Role::CustomerFullAdmin);
    over.until = Some(now());
    assert_eq!(roles(7, 7, &[], &[over]), [Role::User]);
    let mut relation = relation(1, 7, Management::Full);
    let admin = [grant(1, Role::PartnerFullAdmin)];
    assert_eq!(roles(1, 7, &[relation], &admin), [Role::ExternalFullAdmin]);
    relation.until = Some(now());
    assert_eq!(roles(1, 7, &[relation], &admin), []);
}

#[test]
fn r502_who_may_only_provision_is_no_full_administrator() {
    let limited = [relation(1, 7, Management::Provisioning)];
    for (role, there) in [
        (Role::PartnerFullAdmin, Role::ExternalProvisioningAdmin),
        (Role::PartnerAdmin, Role::ExternalProvisioningAdmin),
        (Role::ProvisioningAdmin, Role::ExternalProvisioningAdmin),
        (Role::PartnerReadonlyAdmin, Role::CustomerSupport),
        (Role::PartnerHelpDesk, Role::CustomerSupport),
    ] {
        assert_eq!(roles(1, 7, &limited, &[grant(1, role)]), [there]);
    }
    let given = [grant(7, Role::ExternalFullAdmin)];
    assert_eq!(roles(1, 7, &limited, &given), [Role::ExternalFullAdmin]);
    assert_eq!(
        roles(1, 7, &[], &given),
        [],
        "a role is worth nothing without a relation"
    );
}

#[test]
fn r1105_a_sub_partner_and_its_customers_are_reached_with_both_roles_only() {
    let both = [
        grant(1, Role::PartnerFullAdmin),
        grant(1, Role::WholesaleAdmin),
    ];
    assert_eq!(
        roles(1, 3, &natural(), &both),
        [Role::PartnerFullAdmin, Role::WholesaleAdmin]
    );
    assert_eq!(roles(1, 9, &natural(), &both), [Role::ExternalFullAdmin]);
    for row in ROLES {
        let one = [grant(1, row.role)];
        assert_eq!(roles(1, 3, &natural(), &one), [], "{}", row.code);
        assert_eq!(roles(1, 9, &natural(), &one), [], "{}", row.code);
    }
}

#[test]
fn r1101_a_sub_partner_reaches_neither_parent_nor_sibling() {
    let mut relations = natural();
    // rows that nobody should have written
    for target in [0, 1, 2, 4, 5, 7, 10] {
        relations.push(relation(3, target, Management::Full));
    }
    let mut grants: Vec<Grant> = Vec::new();
    for n in 0..COUNT {
        grants.extend(ROLES.iter().map(|row| grant(n, row.role)));
    }
    for target in [0, 1, 2, 4, 5, 7, 10] {
        assert_eq!(roles(3, target, &relations, &grants), [], "to {target}");
    }
    assert!(
        !roles(3, 9, &relations, &grants).is_empty(),
        "its own customer"
    );
}

fn some_relations() -> impl Strategy<Value = Vec<Relation>> {
    let one = (1..6_u128, 0..COUNT, any::<bool>(), 0..3_i64);
    proptest::collection::vec(one, 0..40).prop_map(|rows| {
        rows.into_iter()
            .map(|(manager, organization, full, end)| Relation {
                until: (end > 0).then(|| now() + chrono::TimeDelta::days(end - 1)),
                ..relation(
                    manager,
                    organization,
                    if full {
                        Management::Full
                    } else {
                        Management::Provisioning
                    },
                )
            })
            .collect()
    })
}

fn some_grants() -> impl Strategy<Value = Vec<Grant>> {
    let role = proptest::sample::select(ROLES.iter().map(|row| row.role).collect::<Vec<_>>());
    proptest::collection::vec((0..COUNT, role), 0..12)
        .prop_map(|rows| rows.into_iter().map(|(n, role)| grant(n, role)).collect())
}

proptest! {
    #[test]
    fn a42_no_path_leads_across_or_upwards(
        relations in some_relations(),
        grants in some_grants(),
        home in 0..COUNT,
    ) {
        for n in 0..COUNT {
            let (from, target) = (place(home), place(n));
            let Some(found) = roles_in(from, target, &relations, &grants, now()) else {
                prop_assert!(home != n, "everybody is somebody at home");
                continue;
            };
            let once: BTreeSet<Role> = found.roles.iter().copied().collect();
            prop_assert_eq!(once.len(), found.roles.len());
            prop_assert!(!found.roles.iter().any(|role| role.is_machines()));
            if home == n {
                prop_assert_eq!(found.side, role::side(from.kind));
                continue;
            }
            prop_assert_eq!(found.side, Side::Partner, "nobody else is abroad");
            prop_assert_eq!(from.kind, Kind::Partner);
            prop_assert!(target.kind != Kind::Operator);
            let managed = relations.iter().any(|it| {
                it.manager == from.partner && it.organization == target.id && it.until.is_none_or(|end| now() < end)
            });
            prop_assert!(managed, "no relation");
            let own = Some(from.partner);
            if target.kind == Kind::Partner {
                prop_assert_eq!(target.parent, own, "only down the tree");
            }
            if let Some(parent) = from.parent {
                prop_assert!(target.partner != parent, "up");
                prop_assert!(target.partner == from.partner || target.parent != Some(parent), "across");
            }
            // what is held there comes from home or was given there
            let sources = grants.iter().filter(|it| it.organization == from.id || it.organization == target.id);
            prop_assert!(sources.count() > 0);
        }
    }
}
