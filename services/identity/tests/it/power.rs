//! What callers may do to people of others, by way of roles, scopes and restrictions.

use kit::{
    access::Set,
    auth::{Caller, CallerKind},
    fault::Fault,
    id::PartnerId,
    testing,
};
use proto::identity::v1::{
    CreateOneTimePasswordRequest, EndAllSessionsRequest, Member, MemberState, Organization,
    sessions_client::SessionsClient,
};
use sqlx::{Connection as _, PgConnection};

use super::{
    members::{ann, person},
    world::{World, reason},
};

const SCOPES: [&str; 4] = [
    "spark-admin:people_read",
    "spark-admin:people_write",
    "identity:one_time_password",
    "spark-admin:wholesale_customers_write",
];

fn client(kind: CallerKind, id: PartnerId) -> Caller {
    testing::caller(kind, id, &SCOPES)
}

fn with_scopes(caller: Caller, kind: CallerKind) -> Caller {
    let scopes = testing::caller(kind, caller.partner, &SCOPES).scopes;
    Caller { scopes, ..caller }
}

fn named(organization: &Organization, email: &str, roles: &[&str]) -> Member {
    Member {
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        ..ann(organization, email)
    }
}

impl World {
    async fn password(&self, by: &Caller, whose: &Member) -> Result<(), Fault> {
        let request = CreateOneTimePasswordRequest {
            organization_id: whose.organization_id.clone(),
            person_id: whose.person_id.clone(),
        };
        let mut sessions = SessionsClient::new(self.link.clone());
        let request = testing::request(request, by);
        sessions.create_one_time_password(request).await?;
        Ok(())
    }

    async fn manage(&self, organization: &Organization, kind: &str) {
        let mut sql = PgConnection::connect(&self.url).await.unwrap();
        let role = "set role entrepot_identity_whole";
        sqlx::raw_sql(role).execute(&mut sql).await.unwrap();
        let query = "update identity.management set kind = $2 where organization_id::text = $1";
        let query = sqlx::query(query).bind(&organization.organization_id);
        query.bind(kind).execute(&mut sql).await.unwrap();
    }

    /// The operator's client, and a partner with its first administrator.
    async fn operated(&self) -> (Caller, PartnerId, Organization, Member) {
        let operator = PartnerId::from_uuid(self.context.ids.uuid());
        let operator = client(CallerKind::Operator, operator);
        let owner = self.partner(None).await;
        let home = self.organization(owner).await;
        let first = self.add(&operator, ann(&home, "ada@partner.example"));
        let first = first.await.unwrap();
        (operator, owner, home, first)
    }
}

#[tokio::test]
async fn r1104_the_operators_client_appoints_and_helps_partners_and_gets_into_no_customer() {
    let world = World::new().await;
    let (operator, owner, home, first) = world.operated().await;
    assert_eq!(first.roles, ["partner_full_admin", "wholesale_admin"]);
    world.password(&operator, &first).await.unwrap();
    let second = named(&home, "bea@partner.example", &["partner_full_admin"]);
    world.add(&operator, second).await.unwrap();
    let customer = world.customer(owner).await;
    let refused = world.add(&operator, ann(&customer, "cy@example.com")).await;
    assert_eq!(reason(refused), "NOT_FOUND");
    let office = client(CallerKind::Partner, owner);
    let theirs = world.add(&office, ann(&customer, "cy@example.com")).await;
    let refused = world.password(&operator, &theirs.unwrap()).await;
    assert_eq!(reason(refused), "NOT_FOUND");
    // with its own scopes only
    let reader = testing::caller(CallerKind::Operator, operator.partner, &SCOPES[..1]);
    assert_eq!(
        reason(world.password(&reader, &first).await),
        "SCOPE_MISSING"
    );
}

#[tokio::test]
async fn r1104_a_back_office_has_power_over_its_customers_and_never_over_its_own_administrators() {
    let world = World::new().await;
    let (_, owner, home, first) = world.operated().await;
    let (office, customer) = (
        client(CallerKind::Partner, owner),
        world.customer(owner).await,
    );
    let theirs = world.add(&office, ann(&customer, "cy@example.com"));
    let theirs = theirs.await.unwrap();
    assert_eq!(theirs.roles, ["customer_full_admin"]);
    world.password(&office, &theirs).await.unwrap();

    assert_eq!(
        reason(world.password(&office, &first).await),
        "PERSON_BEYOND_OWN"
    );
    let shut_out = Member {
        state: MemberState::Disabled.into(),
        ..first.clone()
    };
    assert_eq!(
        reason(world.replace(&office, shut_out).await),
        "PERSON_BEYOND_OWN"
    );
    let plain = world.add(&office, ann(&home, "dan@partner.example"));
    let plain = plain.await.unwrap();
    world.password(&office, &plain).await.unwrap();

    // with provisioning only, a partner has no power over people
    world.manage(&customer, "provisioning").await;
    assert_eq!(
        reason(world.password(&office, &theirs).await),
        "PERMISSION_MISSING"
    );
    world.member(&office, &theirs.person_id).await.unwrap();
}

#[tokio::test]
async fn r1105_what_is_below_a_sub_partner_is_only_seen_without_acting() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let branch = world.partner(Some(parent)).await;
    let customer = world.customer(branch).await;
    let own = client(CallerKind::Partner, branch);
    let theirs = world.add(&own, ann(&customer, "cy@example.com"));
    let theirs = theirs.await.unwrap();
    let above = client(CallerKind::Partner, parent);
    world.member(&above, &theirs.person_id).await.unwrap();
    let refused = [
        world.password(&above, &theirs).await,
        world.replace(&above, theirs.clone()).await.map(drop),
    ];
    for refused in refused {
        assert_eq!(reason(refused), "PERMISSION_MISSING");
    }
}

#[tokio::test]
async fn r1203_nobody_makes_a_password_for_who_may_do_more() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (
        client(CallerKind::Partner, owner),
        world.customer(owner).await,
    );
    let mut people = Vec::new();
    for (email, role) in [
        ("full@example.com", "customer_full_admin"),
        ("desk@example.com", "customer_user_device_admin"),
        ("support@example.com", "customer_support"),
    ] {
        let added = world.add(&office, named(&customer, email, &[role])).await;
        let added = added.unwrap();
        let caller = person(&added, owner, CallerKind::Customer);
        people.push((with_scopes(caller, CallerKind::Customer), added));
    }
    let [(full, one), (desk, two), (support, three)] = &people[..] else {
        panic!("there are three");
    };
    for (by, whose) in [(full, two), (full, three), (desk, three)] {
        world.password(by, whose).await.unwrap();
    }
    assert_eq!(reason(world.password(desk, one).await), "PERSON_BEYOND_OWN");
    assert_eq!(
        reason(world.password(support, three).await),
        "PERMISSION_MISSING"
    );
    let sessions = |by: &Caller| {
        let person_id = one.person_id.clone();
        testing::request(EndAllSessionsRequest { person_id }, by)
    };
    let mut client = SessionsClient::new(world.link.clone());
    client.end_all_sessions(sessions(desk)).await.unwrap();
    let refused = client.end_all_sessions(sessions(support)).await;
    assert_eq!(reason(refused), "PERMISSION_MISSING");
}

#[tokio::test]
async fn r1001_what_a_restriction_takes_no_role_gives_back() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (
        client(CallerKind::Partner, owner),
        world.customer(owner).await,
    );
    let first = world.add(&office, ann(&customer, "ann@example.com"));
    let first = first.await.unwrap();
    let other = world.add(&office, ann(&customer, "ben@example.com"));
    let other = other.await.unwrap();
    let restricted = Caller {
        restrictions: vec![Set::Partner],
        ..person(&first, owner, CallerKind::Customer)
    };
    let refused = world
        .add(&restricted, ann(&customer, "cy@example.com"))
        .await;
    assert_eq!(reason(refused), "RESTRICTED_BY_PARTNER");
    let renamed = Member {
        display_name: "Benjamin".to_owned(),
        ..other
    };
    let renamed = world.replace(&restricted, renamed).await.unwrap();
    assert_eq!(renamed.display_name, "Benjamin");
    // partners are not bound (A41)
    world
        .add(&office, ann(&customer, "cy@example.com"))
        .await
        .unwrap();
}

#[tokio::test]
async fn r1201_the_last_wholesale_administrator_stays() {
    let world = World::new().await;
    let (operator, _, home, first) = world.operated().await;
    let both = ["partner_full_admin", "wholesale_admin"];
    let without = |kept: &[&str]| Member {
        roles: kept.iter().map(|&role| role.to_owned()).collect(),
        version: 0,
        ..first.clone()
    };
    for role in both {
        let refused = world.replace(&operator, without(&[role])).await;
        assert_eq!(reason(refused), "LAST_ADMINISTRATOR", "{role} only");
    }
    let full = named(&home, "bea@partner.example", &both[..1]);
    world.add(&operator, full).await.unwrap();
    let refused = world.replace(&operator, without(&[])).await;
    assert_eq!(reason(refused), "LAST_ADMINISTRATOR");
    world.replace(&operator, without(&both[1..])).await.unwrap();
    let wholesale = named(&home, "cy@partner.example", &both[1..]);
    world.add(&operator, wholesale).await.unwrap();
    world.replace(&operator, without(&[])).await.unwrap();
}
