//! The roles that people are given (R-1201, R-1202).

use kit::{
    auth::{Caller, CallerKind},
    id::PartnerId,
    testing,
};
use proto::identity::v1::{
    ListRevocationsRequest, Member, MemberState, RevocationKind,
    revocations_client::RevocationsClient,
};

use super::{
    members::{ann, office, person},
    world::{World, reason, service},
};

#[tokio::test]
async fn a28_nobody_gives_a_role_beyond_its_own() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let first = world
        .add(&office, ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let give = |who: &str, role: &str| Member {
        roles: vec![role.to_owned()],
        ..ann(&customer, who)
    };
    // who manages an organization appoints its administrators
    let support = world
        .add(&office, give("ben@example.com", "customer_support"))
        .await
        .unwrap();
    assert_eq!(support.roles, ["customer_support"]);
    let ben = person(&support, owner, CallerKind::Customer);
    let refused = world
        .add(&ben, give("cy@example.com", "customer_support"))
        .await;
    assert_eq!(reason(refused), "PERMISSION_MISSING");
    // a customer is restricted, unless its partner lets it (R-1001, R-1002)
    let admin = person(&first, owner, CallerKind::Customer);
    let cy = || give("cy@example.com", "customer_full_admin");
    assert_eq!(
        reason(world.add(&admin, cy()).await),
        "RESTRICTED_BY_PARTNER"
    );
    world.let_loose(owner, &customer).await;
    world.add(&admin, cy()).await.unwrap();
    // a role of partners fits no customer, and a back office is no full administrator
    let refused = world
        .add(&office, give("di@example.com", "partner_full_admin"))
        .await;
    assert_eq!(reason(refused), "INVALID_ARGUMENT");
    let home = world.organization(owner).await;
    world
        .add(&office, ann(&home, "eve@partner.example"))
        .await
        .unwrap();
    let beyond = Member {
        roles: vec!["partner_full_admin".to_owned()],
        ..ann(&home, "fay@partner.example")
    };
    assert_eq!(reason(world.add(&office, beyond).await), "ROLE_BEYOND_OWN");
}

#[tokio::test]
async fn a29_roles_are_not_changed_while_acting_nor_by_oneself() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let first = world
        .add(&office, ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let support = Member {
        roles: vec!["customer_support".to_owned()],
        ..ann(&customer, "ben@example.com")
    };
    let acting = Caller {
        actor: Some(kit::auth::Act {
            sub: "parent".to_owned(),
            org: PartnerId::from_uuid(world.context.ids.uuid()),
            sid: None,
        }),
        ..office.clone()
    };
    let refused = world.add(&acting, support.clone()).await;
    assert_eq!(reason(refused), "ACTING_NOT_ALLOWED");
    world
        .add(&acting, ann(&customer, "cy@example.com"))
        .await
        .unwrap();
    let itself = person(&first, owner, CallerKind::Customer);
    let raised = Member {
        roles: vec![],
        ..first.clone()
    };
    assert_eq!(reason(world.replace(&itself, raised).await), "OWN_ROLES");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let first = world
        .add(&office, ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let without = |member: &Member| Member {
        roles: vec![],
        version: 0,
        ..member.clone()
    };
    let disabled = |member: &Member| Member {
        state: MemberState::Disabled.into(),
        version: 0,
        ..member.clone()
    };
    assert_eq!(
        reason(world.replace(&office, without(&first)).await),
        "LAST_ADMINISTRATOR"
    );
    assert_eq!(
        reason(world.replace(&office, disabled(&first)).await),
        "LAST_ADMINISTRATOR"
    );
    let second = Member {
        roles: vec!["customer_full_admin".to_owned()],
        ..ann(&customer, "ben@example.com")
    };
    let second = world.add(&office, second).await.unwrap();
    let first = world.replace(&office, disabled(&first)).await.unwrap();
    assert_eq!(first.state(), MemberState::Disabled);
    let untold = Member {
        state: MemberState::Unspecified.into(),
        ..first.clone()
    };
    let first = world.replace(&office, untold).await.unwrap();
    assert_eq!(
        first.state(),
        MemberState::Disabled,
        "nobody gets back in by omission"
    );
    // who may not sign in does not count, and may do nothing
    assert_eq!(
        reason(world.replace(&office, without(&second)).await),
        "LAST_ADMINISTRATOR"
    );
    let gone = person(&first, owner, CallerKind::Customer);
    assert_eq!(
        reason(world.member(&gone, &second.person_id).await),
        "NOT_FOUND"
    );
}

#[tokio::test]
async fn a20_disabling_a_person_or_taking_a_role_ends_its_tokens() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    world
        .add(&office, ann(&customer, "first@example.com"))
        .await
        .unwrap();
    let mut people = Vec::new();
    for name in ["a", "b", "c"] {
        let new = Member {
            roles: vec!["customer_support".to_owned()],
            ..ann(&customer, &format!("{name}@example.com"))
        };
        people.push(world.add(&office, new).await.unwrap());
    }
    let disabled = Member {
        state: MemberState::Disabled.into(),
        ..people[0].clone()
    };
    world.replace(&office, disabled).await.unwrap();
    let without = Member {
        roles: vec![],
        ..people[1].clone()
    };
    world.replace(&office, without).await.unwrap();
    let renamed = Member {
        display_name: "C".to_owned(),
        ..people[2].clone()
    };
    world.replace(&office, renamed).await.unwrap();
    let request = testing::request(ListRevocationsRequest {}, &service());
    let listed = RevocationsClient::new(world.link.clone())
        .list_revocations(request)
        .await
        .unwrap()
        .into_inner();
    let mut revoked: Vec<String> = listed
        .revoked
        .into_iter()
        .filter(|one| one.kind() == RevocationKind::Subject)
        .map(|one| one.key)
        .collect();
    revoked.sort();
    let mut wanted = [people[0].person_id.clone(), people[1].person_id.clone()];
    wanted.sort();
    assert_eq!(revoked, wanted);
}
