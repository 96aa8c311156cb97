use std::collections::BTreeSet;

use aws_lc_rs::digest;
use proptest::prelude::*;

use super::*;

/// What only partners and the operator deal in.
const WHOLESALE: Permissions = Permissions::of(&[
    Permission::CustomersRead,
    Permission::CustomersWrite,
    Permission::SubscribersRead,
    Permission::SubscribersWrite,
    Permission::ReportsRead,
    Permission::ReportsWrite,
    Permission::SubPartnersRead,
    Permission::SubPartnersWrite,
    Permission::TemplatesRead,
    Permission::TemplatesWrite,
    Permission::SubscriptionsRead,
    Permission::SubscriptionsWrite,
]);

fn all_scopes() -> BTreeSet<String> {
    SCOPES.iter().map(|row| row.name.to_owned()).collect()
}

fn reached(scopes: &BTreeSet<String>) -> Permissions {
    let rows = scopes.iter().filter_map(|name| scope(name));
    rows.fold(Permissions::NONE, |all, row| all.union(row.permissions))
}

fn trusted(roles: &[Role]) -> Permissions {
    roles
        .iter()
        .fold(Permissions::NONE, |all, role| all.union(role.permissions()))
}

fn subsets(sets: &[Set]) -> Vec<Vec<Set>> {
    let mut all = vec![Vec::new()];
    for set in sets {
        for mut with in all.clone() {
            with.push(*set);
            all.push(with);
        }
    }
    all
}

const EVERY_SET: &[Set] = &[Set::Partner, Set::Enterprise, Set::Always, Set::Unknown];

#[test]
fn names_are_unique_and_found_again() {
    let names: BTreeSet<_> = Permission::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(names.len(), Permission::ALL.len());
    assert!(names.len() <= 128, "they fit into a set");
    for permission in Permission::ALL {
        assert_eq!(Permission::parse(permission.name()), Some(*permission));
        let alone = Permissions::of(&[*permission]);
        assert_eq!(alone.iter().collect::<Vec<_>>(), [*permission]);
    }
    let codes: BTreeSet<_> = ROLES.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), ROLES.len());
    for row in ROLES {
        assert_eq!(Role::parse(row.code), Some(row.role));
        assert_eq!(row.role.permissions(), row.permissions);
    }
    assert_eq!(all_scopes().len(), SCOPES.len());
}

#[test]
fn every_permission_has_a_scope_and_a_persons_role() {
    let scopes = reached(&all_scopes());
    let people = ROLES.iter().filter(|row| !row.role.is_machines());
    let roles = people.fold(Permissions::NONE, |all, row| all.union(row.permissions));
    for permission in Permission::ALL {
        assert!(scopes.contains(*permission), "{}", permission.name());
        assert!(roles.contains(*permission), "{}", permission.name());
    }
}

#[test]
fn r1201_who_only_looks_cannot_change_anything() {
    for row in ROLES {
        let looks = ["readonly", "help_desk", "support", "reader"];
        if looks.iter().any(|word| row.code.contains(word)) {
            let writes = row.permissions.iter().find(|it| it.writes());
            assert_eq!(writes, None, "{}", row.code);
        }
    }
    assert!(!Role::User.permissions().iter().any(Permission::writes));
}

#[test]
fn r1202_a_provisioning_administrator_is_less_than_a_full_one() {
    let full = Role::ExternalFullAdmin.permissions();
    let provisioning = Role::ExternalProvisioningAdmin.permissions();
    assert!(full.contains_all(provisioning) && full != provisioning);
}

#[test]
fn r501_whether_a_partner_gets_in_only_the_customer_decides() {
    for row in ROLES {
        let decides = row.permissions.contains(Permission::AttachDecide);
        assert_eq!(decides, row.role == Role::CustomerFullAdmin, "{}", row.code);
    }
}

#[test]
fn r1001_only_partners_change_what_restricts_their_customers() {
    for row in ROLES.iter().filter(|row| row.side == Side::Customer) {
        assert!(
            !row.permissions.contains(Permission::SettingsWrite),
            "{}",
            row.code
        );
    }
}

#[test]
fn r1203_a_client_may_do_just_what_its_scopes_say() {
    for kind in [
        Machine::Operator,
        Machine::Partner,
        Machine::Reviewer,
        Machine::Service,
    ] {
        let scopes: BTreeSet<String> = scopes_for(kind).map(str::to_owned).collect();
        assert!(!scopes.is_empty());
        let role = Role::of_machine(kind);
        assert!(role.is_machines());
        let found = effective(&scopes, &[role], EVERY_SET, role.row().side);
        assert_eq!(found.permissions, reached(&scopes));
        assert!(found.masked.is_empty());
    }
}

#[test]
fn a15_no_customer_side_scope_or_role_reaches_wholesale() {
    for row in SCOPES.iter().filter(|row| row.customer_side) {
        assert!(
            row.permissions.intersection(WHOLESALE).is_empty(),
            "{}",
            row.name
        );
    }
    for row in ROLES.iter().filter(|row| row.side == Side::Customer) {
        assert!(
            row.permissions.intersection(WHOLESALE).is_empty(),
            "{}",
            row.code
        );
    }
    let every_role: Vec<Role> = ROLES.iter().map(|row| row.role).collect();
    let found = effective(&all_scopes(), &every_role, &[], Side::Customer);
    assert!(found.permissions.intersection(WHOLESALE).is_empty());
    assert!(!found.permissions.contains(Permission::SettingsWrite));
}

#[test]
fn a41_a_restriction_wins_over_every_customer_role() {
    for row in ROLES {
        for name in all_scopes() {
            let scopes = BTreeSet::from([name]);
            let free = effective(&scopes, &[row.role], &[], Side::Customer);
            for sets in subsets(EVERY_SET) {
                let found = effective(&scopes, &[row.role], &sets, Side::Customer);
                for set in sets {
                    assert!(found.permissions.intersection(set.takes()).is_empty());
                }
                assert_eq!(found.permissions.union(found.masked), free.permissions);
                assert!(found.permissions.intersection(found.masked).is_empty());
            }
        }
    }
}

#[test]
fn a41_a_partners_own_people_are_not_restricted() {
    for row in ROLES.iter().filter(|row| row.side != Side::Customer) {
        for sets in subsets(EVERY_SET) {
            let found = effective(&all_scopes(), &[row.role], &sets, row.side);
            assert_eq!(found.permissions, row.permissions, "{}", row.code);
            assert!(found.masked.is_empty());
        }
    }
}

#[test]
fn an_unknown_restriction_takes_all_writing_away() {
    assert_eq!(Set::parse("lunar.7"), Set::Unknown);
    assert_eq!(Set::parse(""), Set::Unknown);
    let found = effective(
        &all_scopes(),
        &[Role::CustomerFullAdmin],
        &[Set::parse("lunar.7")],
        Side::Customer,
    );
    assert!(!found.permissions.iter().any(Permission::writes));
    assert!(found.permissions.contains(Permission::PeopleRead));
    assert!(found.masked.contains(Permission::PeopleProfile));
}

#[test]
fn another_version_of_a_set_is_the_set_that_we_know() {
    for set in Set::ALL {
        assert_eq!(Set::parse(&set.code()), set);
        let name = set.code().replace(&format!(".{VERSION}"), "");
        assert_eq!(Set::parse(&format!("{name}.99")), set);
        assert_eq!(Set::parse(&name), set);
    }
}

/// Each item of a rule is a row, and each row of the set an item.
fn check_items(set: Set, rule: &str, items: &[(&str, Permission, Effect)]) {
    let rows: Vec<_> = RESTRICTIONS.iter().filter(|row| row.set == set).collect();
    assert_eq!(rows.len(), items.len());
    for (feature, takes, effect) in items {
        let row = rows.iter().find(|row| row.feature == *feature);
        let row = row.unwrap_or_else(|| panic!("{rule}: nothing takes {feature} away"));
        assert_eq!((row.takes, row.effect, row.rule), (*takes, *effect, rule));
        let scopes = all_scopes();
        let found = effective(&scopes, &[Role::CustomerFullAdmin], &[set], Side::Customer);
        assert!(found.masked.contains(*takes), "{feature}");
        assert!(!found.permissions.contains(*takes), "{feature}");
    }
}

#[test]
fn r1002_every_item_of_the_guide_is_taken_away() {
    use Effect::{Denied, Hidden, ReadOnly};
    use Permission as P;
    check_items(
        Set::Partner,
        "R-1002",
        &[
            ("add and modify users by hand", P::PeopleWrite, Denied),
            ("add and modify users by CSV", P::PeopleWrite, Denied),
            ("claim users", P::PeopleClaim, Denied),
            ("automatic licence assignment", P::PeopleLicenses, Denied),
            ("directory synchronisation settings", P::PeopleSync, Denied),
            ("reset of package type", P::PeoplePackageType, Denied),
            ("editing of services", P::ServicesWrite, Denied),
            ("full service status", P::ServicesStatus, Hidden),
            ("primary work number", P::PeopleWorkNumber, ReadOnly),
            ("company name", P::OrganizationName, ReadOnly),
            (
                "authentication and SSO",
                P::OrganizationAuthentication,
                Denied,
            ),
            ("domains", P::OrganizationDomains, ReadOnly),
            (
                "mail settings: admin-invite suppression",
                P::MailWrite,
                ReadOnly,
            ),
            ("mail settings: mail locale", P::MailWrite, ReadOnly),
            (
                "calling: client settings",
                P::CallingClientSettings,
                ReadOnly,
            ),
            (
                "calling: app call options",
                P::CallingClientSettings,
                ReadOnly,
            ),
            ("calling behaviour", P::CallingBehaviour, ReadOnly),
            ("PSTN choice: local gateway", P::PstnLocalGateway, Hidden),
            ("PSTN choice: operator PSTN", P::PstnOperator, Hidden),
            ("migrations", P::Migrations, Denied),
            ("connected UC", P::ConnectedUc, Denied),
        ],
    );
}

#[test]
fn r1003_every_item_of_the_guide_is_taken_away_in_any_mode() {
    use Effect::{Denied, Hidden, ReadOnly};
    use Permission as P;
    check_items(
        Set::Always,
        "R-1003",
        &[
            (
                "app call-option priority",
                P::CallingOptionPriority,
                ReadOnly,
            ),
            ("calling settings of a location", P::LocationCalling, Hidden),
            ("PSTN management", P::Pstn, Denied),
            ("call recording", P::CallRecording, Denied),
            ("number management", P::Numbers, Denied),
        ],
    );
}

#[test]
fn r1005_enterprise_settings_of_a_hybrid_customer() {
    use Effect::Denied;
    use Permission as P;
    check_items(
        Set::Enterprise,
        "R-1005",
        &[
            ("numbers", P::Numbers, Denied),
            ("PSTN", P::Pstn, Denied),
            ("app call options", P::CallingClientSettings, Denied),
            ("recording provider", P::CallRecording, Denied),
        ],
    );
}

#[test]
fn r1002_names_and_primary_addresses_stay_editable() {
    let taken = RESTRICTIONS
        .iter()
        .find(|row| row.takes == Permission::PeopleProfile);
    assert!(taken.is_none());
    assert!(
        Role::CustomerFullAdmin
            .permissions()
            .contains(Permission::PeopleProfile)
    );
}

#[test]
fn changed_restrictions_have_another_version() {
    let rows: Vec<String> = RESTRICTIONS
        .iter()
        .map(|row| format!("{:?} {} {:?}", row.set, row.takes.name(), row.effect))
        .collect();
    let hash = hex::encode(digest::digest(&digest::SHA256, rows.join("\n").as_bytes()));
    assert_eq!(
        (VERSION, &hash[..16]),
        (1, "c612e3c088a3fbd0"),
        "RESTRICTIONS changed: VERSION has to grow, and this line with it"
    );
}

fn some_scopes() -> impl Strategy<Value = BTreeSet<String>> {
    let names: Vec<String> = all_scopes()
        .into_iter()
        .chain(["no:scope".to_owned()])
        .collect();
    let most = names.len();
    proptest::sample::subsequence(names, 0..=most).prop_map(|names| names.into_iter().collect())
}

fn some_roles() -> impl Strategy<Value = Vec<Role>> {
    let roles: Vec<Role> = ROLES.iter().map(|row| row.role).collect();
    proptest::sample::subsequence(roles, 0..5)
}

fn some_sets() -> impl Strategy<Value = Vec<Set>> {
    proptest::sample::subsequence(EVERY_SET.to_vec(), 0..=EVERY_SET.len())
}

fn some_side() -> impl Strategy<Value = Side> {
    proptest::sample::select(vec![Side::Operator, Side::Partner, Side::Customer])
}

proptest! {
    #[test]
    fn a42_effective_is_never_more_than_scope_or_role(
        scopes in some_scopes(),
        roles in some_roles(),
        sets in some_sets(),
        side in some_side(),
    ) {
        let found = effective(&scopes, &roles, &sets, side);
        prop_assert!(reached(&scopes).contains_all(found.permissions));
        prop_assert!(trusted(&roles).contains_all(found.permissions));
        prop_assert!(reached(&scopes).intersection(trusted(&roles)).contains_all(found.masked));
    }

    #[test]
    fn a42_less_is_asked_less_is_given(
        scopes in some_scopes(),
        roles in some_roles(),
        sets in some_sets(),
        side in some_side(),
        keep in any::<prop::sample::Index>(),
    ) {
        let most = effective(&scopes, &roles, &sets, side).permissions;
        let fewer: BTreeSet<String> = scopes.iter().take(keep.index(scopes.len() + 1)).cloned().collect();
        let first = &roles[..keep.index(roles.len() + 1)];
        prop_assert!(most.contains_all(effective(&fewer, &roles, &sets, side).permissions));
        prop_assert!(most.contains_all(effective(&scopes, first, &sets, side).permissions));
    }

    #[test]
    fn a15_scopes_that_are_issued_are_of_use(roles in some_roles(), side in some_side()) {
        for name in scopes_of(&roles, side) {
            let scopes = BTreeSet::from([name.to_owned()]);
            prop_assert!(!effective(&scopes, &roles, &[], side).permissions.is_empty());
        }
    }
}
