//! What a partner restricts for its customer's own people (R-1001 to R-1005).

use std::collections::{BTreeMap, BTreeSet};

use kit::{
    access::{RESTRICTIONS, Set},
    auth::{Caller, CallerKind},
    fault::Fault,
    id::PartnerId,
    testing,
};
use proto::identity::v1::{
    AttachCustomerOrganizationRequest, ChangeOrganizationRequest, ChangeSettingsRequest,
    CreateCustomerOrganizationRequest, EffectivePermissions, ListRevocationsRequest, Member,
    Organization, OrganizationSettings, ReadEffectivePermissionsRequest, ReadSettingsRequest,
    RevocationKind, directory_client::DirectoryClient, revocations_client::RevocationsClient,
    settings_client::SettingsClient,
};

use super::{
    members::{ann, office},
    world::{World, new_customer, reason, service},
};

const SCOPES: [&str; 9] = [
    "platform:settings_read",
    "platform:settings_write",
    "identity:organizations_rw",
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:telephony_config_write",
    "spark-admin:telephony_pstn_write",
    "platform:migrations_write",
    "spark:people_read",
];

/// A person of an organization, as it comes with a new token.
async fn signed_in(world: &World, member: &Member, owner: PartnerId) -> Caller {
    let plain = Caller {
        subject: member.person_id.clone(),
        client: "hub".to_owned(),
        organization: member.organization_id.parse().unwrap(),
        organization_kind: kit::auth::OrgKind::Customer,
        ..testing::caller(CallerKind::Customer, owner, &SCOPES)
    };
    let left = world.left(&plain, "").await.unwrap();
    let sets: Vec<_> = left.withheld.iter().map(|one| set_of(&one.rule)).collect();
    Caller {
        restrictions: sets,
        ..plain
    }
}

fn set_of(rule: &str) -> Set {
    let found = RESTRICTIONS.iter().find(|row| row.rule == rule);
    found.expect("a rule").set
}

impl World {
    async fn settings(&self, caller: &Caller, id: &str) -> Result<OrganizationSettings, Fault> {
        let organization_id = id.to_owned();
        let request = testing::request(ReadSettingsRequest { organization_id }, caller);
        let mut settings = SettingsClient::new(self.link.clone());
        Ok(settings.read_settings(request).await?.into_inner())
    }

    async fn change(
        &self,
        caller: &Caller,
        change: ChangeSettingsRequest,
    ) -> Result<OrganizationSettings, Fault> {
        let request = testing::request(change, caller);
        let mut settings = SettingsClient::new(self.link.clone());
        Ok(settings.change_settings(request).await?.into_inner())
    }

    /// Lifts the restriction of a customer.
    pub(crate) async fn let_loose(&self, owner: PartnerId, customer: &Organization) {
        let free = restricted(customer, false);
        self.change(&manager(owner), free).await.unwrap();
    }

    async fn left(&self, caller: &Caller, id: &str) -> Result<EffectivePermissions, Fault> {
        let organization_id = id.to_owned();
        let request = ReadEffectivePermissionsRequest { organization_id };
        let request = testing::request(request, caller);
        let mut settings = SettingsClient::new(self.link.clone());
        let left = settings.read_effective_permissions(request).await?;
        Ok(left.into_inner())
    }

    async fn attach(&self, partner: PartnerId, id: &str) -> Result<(), Fault> {
        let request = AttachCustomerOrganizationRequest {
            partner_id: partner.to_string(),
            organization_id: id.to_owned(),
        };
        let request = testing::request(request, &service());
        let mut organizations = self.organizations();
        organizations.attach_customer_organization(request).await?;
        Ok(())
    }

    async fn revoked(&self) -> Vec<(RevocationKind, String)> {
        let request = testing::request(ListRevocationsRequest {}, &service());
        let mut revocations = RevocationsClient::new(self.link.clone());
        let listed = revocations.list_revocations(request).await.unwrap();
        let listed = listed.into_inner().revoked.into_iter();
        listed.map(|one| (one.kind(), one.key)).collect()
    }

    async fn rename(&self, caller: &Caller, id: &str, name: &str) -> Result<(), Fault> {
        let request = ChangeOrganizationRequest {
            organization_id: id.to_owned(),
            display_name: name.to_owned(),
            ..ChangeOrganizationRequest::default()
        };
        let request = testing::request(request, caller);
        let mut directory = DirectoryClient::new(self.link.clone());
        directory.change_organization(request).await?;
        Ok(())
    }
}

fn manager(owner: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, owner, &SCOPES)
}

fn restricted(to: &Organization, on: bool) -> ChangeSettingsRequest {
    ChangeSettingsRequest {
        organization_id: to.organization_id.clone(),
        restricted_by_partner: Some(on),
        ..ChangeSettingsRequest::default()
    }
}

async fn unrestricted(world: &World, owner: PartnerId) -> Organization {
    let request = CreateCustomerOrganizationRequest {
        unrestricted: true,
        ..new_customer(owner, &world.id())
    };
    let request = testing::request(request, &service());
    let mut organizations = world.organizations();
    let made = organizations.create_customer_organization(request).await;
    made.unwrap().into_inner()
}

#[tokio::test]
async fn r1001_on_for_new_off_for_attached() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (new, free) = (
        world.customer(owner).await,
        unrestricted(&world, owner).await,
    );
    let manager = manager(owner);
    let is_on = async |one: &Organization| {
        let found = world.settings(&manager, &one.organization_id).await;
        found.unwrap().restricted_by_partner
    };
    assert!(is_on(&new).await, "by default");
    assert!(!is_on(&free).await, "as the template says");
    for _ in 0..2 {
        world.attach(owner, &new.organization_id).await.unwrap();
        assert!(!is_on(&new).await, "R-504");
    }
    // a partner can be its own customer, and is restricted by nobody
    world.attach(owner, &owner.to_string()).await.unwrap();
}

#[tokio::test]
async fn a41_a_restriction_wins_over_every_customer_role() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let id = customer.organization_id.as_str();
    let first = ann(&customer, "ann@example.com");
    let first = world.add(&office, first).await.unwrap();
    let held = ["customer_full_admin"];
    assert_eq!(first.roles, held);

    // the full administrator of a restricted customer
    let admin = signed_in(&world, &first, owner).await;
    let left = world.left(&admin, id).await.unwrap();
    assert!(left.restricted && !left.withheld.is_empty());
    assert_eq!(left.roles, ["customer_full_admin", "user"]);
    for name in ["people:write", "organizations.name:write"] {
        assert!(!left.permissions.contains(&name.to_owned()), "{name}");
    }
    // names and primary addresses stay
    assert!(
        left.permissions
            .contains(&"people.profile:write".to_owned())
    );
    let rename = async |caller: &Caller| world.rename(caller, id, "New name").await;
    assert_eq!(reason(rename(&admin).await), "RESTRICTED_BY_PARTNER");
    let another = ann(&customer, "ben@example.com");
    let refused = world.add(&admin, another.clone()).await;
    assert_eq!(reason(refused), "RESTRICTED_BY_PARTNER");
    let refused = world.change(&admin, restricted(&customer, false)).await;
    assert_eq!(
        reason(refused),
        "PERMISSION_MISSING",
        "only the partner switches"
    );

    // its partner is not bound
    let manager = manager(owner);
    rename(&manager).await.unwrap();
    let free = world.left(&manager, id).await.unwrap();
    assert!(!free.restricted && free.withheld.is_empty());

    // switched off, tokens that still say so are no longer good
    let before = world.acts().await.len();
    let changed = world.change(&manager, restricted(&customer, false)).await;
    assert!(!changed.unwrap().restricted_by_partner);
    let told = world.acts().await.split_off(before);
    let told: Vec<_> = told.iter().map(|act| act.action.as_str()).collect();
    assert_eq!(told, ["settings.updated", "token.revoked"]);
    let revoked = world.revoked().await;
    let organization = (RevocationKind::Organization, id.to_owned());
    assert!(revoked.contains(&organization), "{revoked:?}");
    let admin = signed_in(&world, &first, owner).await;
    rename(&admin).await.unwrap();
    world.add(&admin, another).await.unwrap();
    let left = world.left(&admin, id).await.unwrap();
    assert!(!left.restricted);
    let rules: Vec<_> = left.withheld.iter().map(|one| one.rule.as_str()).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| *rule == "R-1003"));
}

/// What the mode takes and no call asks for yet: services, calling, mail, migrations and more of people.
/// A call that begins to ask for one of these belongs into the test below.
const NOBODY_ASKS: [&str; 16] = [
    "calling.behaviour:write",
    "calling.client_settings:write",
    "connected_uc:write",
    "mail:write",
    "migrations:write",
    "organizations.authentication:write",
    "organizations.domains:write",
    "people.claim:write",
    "people.licenses:write",
    "people.package_type:write",
    "people.sync:write",
    "people.work_number:write",
    "pstn.local_gateway:write",
    "pstn.operator:write",
    "services.status:read",
    "services:write",
];

#[tokio::test]
async fn r1002_what_is_taken_away_is_refused() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let id = customer.organization_id.as_str();
    let first = ann(&customer, "ann@example.com");
    let first = world.add(&office, first).await.unwrap();
    let ben = ann(&customer, "ben@example.com");
    let ben = world.add(&office, ben).await.unwrap();
    for on in [true, false] {
        let switch = restricted(&customer, on);
        world.change(&manager(owner), switch).await.unwrap();
        let admin = signed_in(&world, &first, owner).await;
        let outcome = |done: Result<(), Fault>| done.map_err(|fault| fault.reason);
        let ended = if on {
            Err("RESTRICTED_BY_PARTNER".to_owned())
        } else {
            Ok(())
        };
        let mut asked: BTreeSet<&str> = NOBODY_ASKS.into_iter().collect();

        let name = if on { "One" } else { "Two" };
        let renamed = world.rename(&admin, id, name).await;
        assert_eq!(outcome(renamed), ended, "organizations.name:write");
        asked.insert("organizations.name:write");

        let new = ann(&customer, &format!("{name}@example.com").to_lowercase());
        let added = world.add(&admin, new).await.map(drop);
        assert_eq!(outcome(added), ended, "people:write");
        let moved = Member {
            title: name.to_owned(),
            ..world.member(&office, &ben.person_id).await.unwrap()
        };
        let moved = world.replace(&admin, moved).await.map(drop);
        assert_eq!(outcome(moved), ended, "people:write");
        asked.insert("people:write");

        // names stay editable
        let renamed = Member {
            last_name: name.to_owned(),
            ..world.member(&office, &ben.person_id).await.unwrap()
        };
        let renamed = world.replace(&admin, renamed).await.map(drop);
        assert_eq!(outcome(renamed), Ok(()), "people.profile:write");

        let taken = RESTRICTIONS.iter().filter(|row| row.set == Set::Partner);
        let taken: BTreeSet<_> = taken.map(|row| row.takes.name()).collect();
        assert_eq!(asked, taken);
    }
}

#[tokio::test]
async fn r1005_a_hybrid_customers_enterprise_settings() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = unrestricted(&world, owner).await;
    let (id, manager) = (customer.organization_id.as_str(), manager(owner));
    let first = ann(&customer, "ann@example.com");
    let first = world.add(&office(owner), first).await.unwrap();
    let change = |hybrid: Option<bool>, enterprise: Option<bool>| ChangeSettingsRequest {
        organization_id: id.to_owned(),
        hybrid,
        enterprise_settings_restricted: enterprise,
        ..ChangeSettingsRequest::default()
    };
    let refused = world.change(&manager, change(None, Some(true))).await;
    assert_eq!(reason(refused), "INVALID_ARGUMENT", "it is no hybrid");
    world
        .change(&manager, change(Some(true), None))
        .await
        .unwrap();
    let admin = signed_in(&world, &first, owner).await;
    assert!(!world.left(&admin, id).await.unwrap().restricted);
    let on = world
        .change(&manager, change(None, Some(true)))
        .await
        .unwrap();
    assert!(on.hybrid && on.enterprise_settings_restricted && !on.restricted_by_partner);
    let admin = signed_in(&world, &first, owner).await;
    let left = world.left(&admin, id).await.unwrap();
    assert!(left.restricted);
    let mut rules = BTreeMap::new();
    for one in left.withheld {
        rules
            .entry(one.rule)
            .or_insert_with(Vec::new)
            .push(one.feature);
    }
    assert_eq!(rules["R-1005"].len(), 4, "{rules:?}");
    assert!(!rules.contains_key("R-1002"));
    let off = world
        .change(&manager, change(Some(false), None))
        .await
        .unwrap();
    assert!(!off.enterprise_settings_restricted);
}

#[tokio::test]
async fn r1203_settings_of_others_are_not_there() {
    let world = World::new().await;
    let (owner, other) = (world.partner(None).await, world.partner(None).await);
    let customer = world.customer(owner).await;
    let (id, stranger) = (customer.organization_id.as_str(), manager(other));
    assert_eq!(reason(world.settings(&stranger, id).await), "NOT_FOUND");
    assert_eq!(reason(world.left(&stranger, id).await), "NOT_FOUND");
    let refused = world.change(&stranger, restricted(&customer, false)).await;
    assert_eq!(reason(refused), "NOT_FOUND");
    assert_eq!(reason(world.attach(other, id).await), "NOT_FOUND");
    // partners have no such settings
    let own = world.organization(owner).await;
    let refused = world.change(&manager(owner), restricted(&own, true)).await;
    assert!(["INVALID_ARGUMENT", "PERMISSION_MISSING"].contains(&reason(refused).as_str()));
}
