//! What the audit is told, and the names in it.

use kit::{auth::CallerKind, id::PartnerId, testing};
use proto::{
    common::v1::AuditEvent,
    identity::v1::{
        Member, MemberState, NamedSubject, ResolveNamesRequest, ResolveNamesResponse,
        RetireSigningKeyRequest, directory_client::DirectoryClient,
        signing_keys_client::SigningKeysClient,
    },
};

use super::{
    members::{ann, office, person},
    world::{World, operator, partner, reason},
};

fn short(act: &AuditEvent) -> (&str, &str, &str) {
    let about = act.details.iter().find(|one| one.name != "administrator");
    let detail = about.map_or("", |one| one.text.as_str());
    (&act.action, &act.target_kind, detail)
}

#[tokio::test]
async fn r1105_what_happens_to_people_and_their_roles_is_told() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let (office, customer) = (office(owner), world.customer(owner).await);
    world
        .add(&office, ann(&customer, "ann@example.com"))
        .await
        .unwrap();
    let support = Member {
        roles: vec!["customer_support".to_owned()],
        ..ann(&customer, "ben@example.com")
    };
    let before = world.acts().await.len();
    let mut ben = world.add(&office, support).await.unwrap();
    ben.roles = vec!["customer_readonly_admin".to_owned()];
    ben.state = MemberState::Disabled.into();
    ben.version = 0;
    world.replace(&office, ben.clone()).await.unwrap();
    let acts = world.acts().await.split_off(before);
    let told: Vec<_> = acts.iter().map(short).collect();
    let wanted = [
        ("person.enrolled", "person", ""),
        ("role.granted", "person", "customer_support"),
        ("person.updated", "person", "disabled"),
        ("role.granted", "person", "customer_readonly_admin"),
        ("role.withdrawn", "person", "customer_support"),
        ("token.revoked", "person", ""),
    ];
    assert_eq!(told, wanted);
    let (last, by_somebody) = acts.split_last().unwrap();
    assert_eq!(last.actor_id, "svc-identity");
    for act in by_somebody {
        assert_eq!(act.actor_id, office.subject, "{act:?}");
        assert_eq!(act.organization_id, customer.organization_id);
        assert_eq!(act.target_id, ben.person_id);
    }
}

#[tokio::test]
async fn a_key_that_is_made_or_retired_is_told() {
    let (world, credentials) = World::started().await;
    let caller = operator(credentials.operator_id);
    let key_id = world.keys("EdDSA").await.remove(0);
    let retire = async |key_id: &str| {
        let key_id = key_id.to_owned();
        let request = testing::request(RetireSigningKeyRequest { key_id }, &caller);
        let mut keys = SigningKeysClient::new(world.link.clone());
        keys.retire_signing_key(request).await
    };
    let made = retire(&key_id).await.unwrap().into_inner();
    assert_eq!(reason(retire("nothing").await), "NOT_FOUND");
    let acts = world.acts().await;
    let keys: Vec<_> = acts
        .iter()
        .filter(|act| act.target_kind == "signing_key")
        .collect();
    let told: Vec<_> = keys
        .iter()
        .map(|act| {
            (
                act.action.as_str(),
                act.target_id.as_str(),
                act.actor_id.as_str(),
            )
        })
        .collect();
    assert!(told.contains(&(
        "signing_key.created",
        &made.successor_key_id,
        "svc-identity"
    )));
    assert!(told.contains(&("signing_key.retired", &key_id, &caller.subject)));
}

#[tokio::test]
async fn r1203_names_are_told_to_those_only_who_may_see_whose_they_are() {
    let (world, credentials) = World::started().await;
    let owner = credentials.partner_id;
    let child = world.partner(Some(owner)).await;
    let other = world.partner(None).await;
    let mut ids = ResolveNamesRequest::default();
    let mut people = Vec::new();
    for (n, partner) in [owner, child, other].into_iter().enumerate() {
        let customer = world.customer(partner).await;
        let email = format!("ann@{n}.example");
        let ann = world.add(&office(partner), ann(&customer, &email)).await;
        let ann = ann.unwrap();
        ids.subject_ids.push(ann.person_id.clone());
        ids.organization_ids.push(partner.to_string());
        ids.organization_ids.push(customer.organization_id.clone());
        people.push(ann);
    }
    ids.subject_ids.push(credentials.partner.client_id.clone());
    ids.subject_ids.push("nobody".to_owned());
    let resolve = async |caller: &kit::auth::Caller| -> ResolveNamesResponse {
        let request = testing::request(ids.clone(), caller);
        let mut directory = DirectoryClient::new(world.link.clone());
        directory.resolve_names(request).await.unwrap().into_inner()
    };
    let named = |found: &[NamedSubject]| -> Vec<String> {
        let mut names: Vec<_> = found.iter().map(|one| one.email.clone()).collect();
        names.sort();
        names
    };
    let audit = |kind, id: PartnerId| testing::caller(kind, id, &["audit:events_read"]);

    let found = resolve(&audit(CallerKind::Partner, owner)).await;
    assert_eq!(
        named(&found.subjects),
        ["", "ann@0.example"],
        "a client has no address"
    );
    let whose: Vec<_> = found
        .organizations
        .iter()
        .map(|one| &one.organization_id)
        .collect();
    assert_eq!(whose.len(), 3, "its own, its customer, its sub-partner");
    assert!(!whose.contains(&&other.to_string()));

    let found = resolve(&audit(CallerKind::Operator, credentials.operator_id)).await;
    assert!(found.subjects.is_empty());
    assert_eq!(found.organizations.len(), 3, "partners by their names");

    let mut ann = person(&people[0], owner, CallerKind::Customer);
    ann.scopes.insert("audit:events_read".to_owned());
    let found = resolve(&ann).await;
    assert_eq!(named(&found.subjects), ["ann@0.example"]);
    assert_eq!(found.organizations.len(), 1);

    let request = testing::request(ids.clone(), &partner(owner));
    let refused = DirectoryClient::new(world.link.clone())
        .resolve_names(request)
        .await;
    assert_eq!(reason(refused), "SCOPE_MISSING");
}
