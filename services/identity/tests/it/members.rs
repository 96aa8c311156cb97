//! People as their administrators manage them.

use kit::{
    auth::{Caller, CallerKind, OrgKind},
    fault::Fault,
    id::PartnerId,
    testing,
};
use proto::identity::v1::{
    CreateMemberRequest, ListMembersRequest, ListMembersResponse, Member, Organization,
    ReadMemberRequest, ReadOwnProfileRequest, ReplaceMemberRequest, members_client::MembersClient,
};

use super::world::{World, partner, reason};

const SCOPES: [&str; 3] = [
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark:people_read",
];

/// A partner's back office that may manage people.
pub(super) fn office(id: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, id, &SCOPES)
}

/// A person with a token, signed in through some client.
pub(super) fn person(member: &Member, partner: PartnerId, kind: CallerKind) -> Caller {
    let kinds = match kind {
        CallerKind::Customer => OrgKind::Customer,
        _ => OrgKind::Partner,
    };
    Caller {
        subject: member.person_id.clone(),
        client: "hub".to_owned(),
        organization: member.organization_id.parse().unwrap(),
        organization_kind: kinds,
        ..testing::caller(kind, partner, &SCOPES)
    }
}

pub(super) fn ann(organization: &Organization, email: &str) -> Member {
    Member {
        organization_id: organization.organization_id.clone(),
        email: email.to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        ..Member::default()
    }
}

impl World {
    fn members(&self) -> MembersClient<kit::link::Link> {
        MembersClient::new(self.link.clone())
    }

    pub(super) async fn add(&self, caller: &Caller, member: Member) -> Result<Member, Fault> {
        self.add_once(caller, member, "").await
    }

    async fn add_once(&self, caller: &Caller, member: Member, key: &str) -> Result<Member, Fault> {
        let request = CreateMemberRequest {
            member: Some(member),
            idempotency_key: key.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self.members().create_member(request).await?.into_inner())
    }

    pub(super) async fn replace(&self, caller: &Caller, member: Member) -> Result<Member, Fault> {
        let request = ReplaceMemberRequest {
            member: Some(member),
            keep_roles: false,
        };
        let request = testing::request(request, caller);
        Ok(self.members().replace_member(request).await?.into_inner())
    }

    pub(super) async fn member(&self, caller: &Caller, id: &str) -> Result<Member, Fault> {
        let request = ReadMemberRequest {
            person_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self.members().read_member(request).await?.into_inner())
    }

    async fn list(
        &self,
        caller: &Caller,
        request: ListMembersRequest,
    ) -> Result<ListMembersResponse, Fault> {
        let request = testing::request(request, caller);
        Ok(self.members().list_members(request).await?.into_inner())
    }
}

fn of(organization: &Organization) -> ListMembersRequest {
    ListMembersRequest {
        organization_id: organization.organization_id.clone(),
        ..ListMembersRequest::default()
    }
}

#[tokio::test]
async fn a_person_is_read_as_it_was_written() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let new = Member {
        title: "GM".to_owned(),
        time_zone: "America/Denver".to_owned(),
        ..ann(&customer, "Ann@Example.com")
    };
    let first = world.add(&office, new).await.unwrap();
    assert_eq!(first.email, "ann@example.com");
    assert_eq!(first.display_name, "Ann Lee");
    assert_eq!(first.roles, ["customer_full_admin"], "R-402");
    assert_eq!(
        world.member(&office, &first.person_id).await.unwrap(),
        first
    );

    let changed = Member {
        display_name: "Ann of Lee".to_owned(),
        title: String::new(),
        email: String::new(),
        ..first.clone()
    };
    let changed = world.replace(&office, changed).await.unwrap();
    assert_eq!(
        (&*changed.display_name, &*changed.title),
        ("Ann of Lee", "")
    );
    assert_eq!(
        (changed.version, &*changed.email),
        (first.version + 1, "ann@example.com")
    );
    let stale = world.replace(&office, first).await;
    assert_eq!(reason(stale), "VERSION_DIFFERS");
}

#[tokio::test]
async fn r407_an_address_is_taken_once_and_a_repeat_is_the_same_person() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let new = ann(&customer, "ann@example.com");
    let first = world.add_once(&office, new.clone(), "k").await.unwrap();
    let again = world.add_once(&office, new.clone(), "k").await.unwrap();
    assert_eq!(again, first);
    assert_eq!(
        reason(world.add(&office, new.clone()).await),
        "EMAIL_IN_USE"
    );
    let other = ann(&customer, "ben@example.com");
    let reused = world.add_once(&office, other, "k").await;
    assert_eq!(reason(reused), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_list_has_pages_filters_and_names_whom_it_does_not_know() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let mut ids = Vec::new();
    for n in 0..5 {
        let new = Member {
            display_name: format!("Person_{n}%"),
            ..ann(&customer, &format!("p{n}@example.com"))
        };
        ids.push(world.add(&office, new).await.unwrap().person_id);
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListMembersRequest {
            page_size: 2,
            page_token,
            ..of(&customer)
        };
        let page = world.list(&office, request).await.unwrap();
        seen.extend(page.members.into_iter().map(|member| member.person_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    ids.sort();
    assert_eq!(seen, ids);

    let count = async |request: ListMembersRequest| {
        let page = world.list(&office, request).await.unwrap();
        page.members.len()
    };
    let by_name = |prefix: &str| ListMembersRequest {
        display_name_prefix: prefix.to_owned(),
        ..of(&customer)
    };
    assert_eq!(count(by_name("PERSON_")).await, 5);
    assert_eq!(count(by_name("person_3")).await, 1);
    assert_eq!(
        count(by_name("%")).await,
        0,
        "a sign of patterns is a letter"
    );
    assert_eq!(count(by_name("person%")).await, 0);
    let by_role = ListMembersRequest {
        roles: vec!["customer_full_admin".to_owned()],
        ..of(&customer)
    };
    assert_eq!(count(by_role).await, 1);
    let unknown = world.id();
    let by_id = ListMembersRequest {
        person_ids: vec![ids[0].clone(), unknown.clone()],
        ..of(&customer)
    };
    let found = world.list(&office, by_id).await.unwrap();
    assert_eq!((found.members.len(), found.unknown_ids), (1, vec![unknown]));
}

#[tokio::test]
async fn r1203_people_of_another_partner_are_like_nobody() {
    let world = World::new().await;
    let (mine, theirs) = (world.partner(None).await, world.partner(None).await);
    let customer = world.customer(theirs).await;
    let found = world
        .add(&office(theirs), ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let stranger = office(mine);
    let unknown = world.member(&stranger, &world.id()).await.unwrap_err();
    let foreign = world.member(&stranger, &found.person_id).await.unwrap_err();
    assert_eq!(
        (&foreign.reason, &foreign.message),
        (&unknown.reason, &unknown.message)
    );
    let changed = world.replace(&stranger, found.clone()).await;
    assert_eq!(reason(changed), "NOT_FOUND");
    assert_eq!(
        reason(world.list(&stranger, of(&customer)).await),
        "NOT_FOUND"
    );
    let added = world.add(&stranger, ann(&customer, "x@example.com")).await;
    assert_eq!(reason(added), "NOT_FOUND");
}

#[tokio::test]
async fn r1101_a_parent_sees_below_and_a_sub_partner_never_above_or_beside() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let branch = world.partner(Some(parent)).await;
    let sibling = world.partner(Some(parent)).await;
    let below = world.customer(branch).await;
    let beside = world.customer(sibling).await;
    let own = world.customer(parent).await;
    let empty = world.list(&office(parent), of(&below)).await.unwrap();
    assert!(empty.members.is_empty());
    for organization in [&own, &beside] {
        let seen = world.list(&office(branch), of(organization)).await;
        assert_eq!(reason(seen), "NOT_FOUND");
    }
    for partner in [parent, sibling] {
        let organization = world.organization(partner).await;
        let seen = world.list(&office(branch), of(&organization)).await;
        assert_eq!(reason(seen), "NOT_FOUND");
    }
    // people of a sub-partner's own organization are seen by its parent, and changed by itself
    let organization = world.organization(branch).await;
    world
        .list(&office(parent), of(&organization))
        .await
        .unwrap();
    let added = world
        .add(&office(parent), ann(&organization, "a@example.com"))
        .await;
    assert_eq!(reason(added), "PERMISSION_MISSING");
}

#[tokio::test]
async fn a44_one_customer_never_reads_anothers_rows() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let office = office(owner);
    let (own, other) = (world.customer(owner).await, world.customer(owner).await);
    let admin = world
        .add(&office, ann(&own, "ann@own.example"))
        .await
        .unwrap();
    let stranger = world
        .add(&office, ann(&other, "ben@other.example"))
        .await
        .unwrap();
    let admin = person(&admin, owner, CallerKind::Customer);
    assert_eq!(
        world
            .list(&admin, ListMembersRequest::default())
            .await
            .unwrap()
            .members
            .len(),
        1
    );
    assert_eq!(reason(world.list(&admin, of(&other)).await), "NOT_FOUND");
    assert_eq!(
        reason(world.member(&admin, &stranger.person_id).await),
        "NOT_FOUND"
    );
    assert_eq!(reason(world.replace(&admin, stranger).await), "NOT_FOUND");
    let home = world.organization(owner).await;
    assert_eq!(reason(world.list(&admin, of(&home)).await), "NOT_FOUND");
}

#[tokio::test]
async fn a_persons_own_profile_is_its_own_and_a_client_has_none() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    let first = world
        .add(&office, ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let read = async |caller: &Caller| {
        let request = testing::request(ReadOwnProfileRequest {}, caller);
        let read = world.members().read_own_profile(request).await;
        read.map(tonic::Response::into_inner).map_err(Fault::from)
    };
    let itself = person(&first, owner, CallerKind::Customer);
    assert_eq!(read(&itself).await.unwrap(), first);
    assert_eq!(reason(read(&office).await), "NOT_FOUND");
    let narrow = Caller {
        scopes: std::collections::BTreeSet::new(),
        ..itself
    };
    assert_eq!(reason(read(&narrow).await), "SCOPE_MISSING");
}

#[tokio::test]
async fn r1203_each_call_asks_for_its_scope() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await;
    let without = partner(owner);
    assert_eq!(
        reason(world.list(&without, of(&customer)).await),
        "SCOPE_MISSING"
    );
    let added = world.add(&without, ann(&customer, "a@example.com")).await;
    assert_eq!(reason(added), "SCOPE_MISSING");
    let suspended = Caller {
        suspended: true,
        ..office(owner)
    };
    let added = world.add(&suspended, ann(&customer, "a@example.com")).await;
    assert_eq!(reason(added), "TENANT_SUSPENDED");
}
