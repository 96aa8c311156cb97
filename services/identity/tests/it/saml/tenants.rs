//! S89 to S91: a provider speaks for its own organizations only.

use super::{
    registry::{Bound, PROVIDER, told},
    visitor::Visitor,
};
use crate::it::world::World;

/// Somebody comes through a connection, and the provider says that it has this address.
async fn says(world: &World, bound: &Bound, from: &str, email: &str, reason: &str) {
    let mut visitor = Visitor::new(world);
    let asked = visitor.leave(from).await;
    let now = world.context.clock.now();
    let mut answer = bound.answer(Some(&asked.id), now);
    // ids of their own: what was used once is used up
    answer.assertion_id = format!("_assertion{}", asked.id);
    answer.response_id = format!("_response{}", asked.id);
    answer.name_id = format!("somebody-{email}");
    answer.attributes = vec![("mail".to_owned(), email.to_owned())];
    let document = answer.document(&PROVIDER);
    let next = visitor
        .post(bound.id(), &document, &asked.relay_state)
        .await;
    world.expect_refused(next, reason).await;
}

#[tokio::test]
async fn s89_a_provider_speaks_for_its_own_organizations_only() {
    let world = World::new().await;
    let (a, b) = (
        Bound::new(&world, "acme").await,
        Bound::new(&world, "beta").await,
    );
    world
        .enrol(&a.customer, "alice@acme.example")
        .await
        .unwrap();
    world.enrol(&b.customer, "bob@beta.example").await.unwrap();
    let plain = world.customer(a.partner).await;
    world.enrol(&plain, "carol@plain.example").await.unwrap();
    let from = "alice@acme.example";
    // of another partner's customer; of a customer of the same partner that is not bound; of nobody
    for email in [
        "bob@beta.example",
        "carol@plain.example",
        "nobody@acme.example",
    ] {
        says(&world, &a, from, email, "NOT_KNOWN_HERE").await;
    }
}

#[tokio::test]
async fn s89_the_same_subject_at_another_connection_is_somebody_else() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let a = Bound::of(&world, id, told("acme", &PROVIDER)).await;
    let b = Bound::of(&world, id, told("beta", &PROVIDER)).await;
    world
        .enrol(&a.customer, "alice@acme.example")
        .await
        .unwrap();
    world.enrol(&b.customer, "bob@beta.example").await.unwrap();
    let mut alice = Visitor::new(&world);
    let asked = alice.leave("alice@acme.example").await;
    let now = world.context.clock.now();
    let document = a.answer(Some(&asked.id), now).document(&PROVIDER);
    alice.post(a.id(), &document, &asked.relay_state).await;
    assert_eq!(world.sessions().await, 1);
    world.sql("delete from session".to_owned()).await;

    // the other provider says the same name, without an address
    let mut visitor = Visitor::new(&world);
    let asked = visitor.leave("bob@beta.example").await;
    let mut answer = b.answer(Some(&asked.id), now);
    answer.attributes.clear();
    let document = answer.document(&PROVIDER);
    let next = visitor.post(b.id(), &document, &asked.relay_state).await;
    world.expect_refused(next, "NOT_KNOWN_HERE").await;
}

#[tokio::test]
async fn s90_nobody_asserts_an_administrator_above() {
    let (world, _) = World::started().await;
    let bound = Bound::new(&world, "acme").await;
    world
        .enrol(&bound.customer, "alice@acme.example")
        .await
        .unwrap();
    let from = "alice@acme.example";
    for email in ["root@entrepot.example", "ada@nordtel.example"] {
        says(&world, &bound, from, email, "NOT_KNOWN_HERE").await;
    }
    // somebody of the customer who was given a role at the partner
    world
        .enrol(&bound.customer, "mighty@acme.example")
        .await
        .unwrap();
    let person = world.person_id("mighty@acme.example").await;
    world
        .sql(format!(
            "insert into role_grant
                 (partner_id, organization_id, person_id, role, granted_by, granted_at)
             values ('{0}', '{0}', '{person}', 'partner_readonly', '', timestamptz '2026-01-01')",
            bound.partner
        ))
        .await;
    says(
        &world,
        &bound,
        from,
        "mighty@acme.example",
        "BEYOND_CONNECTION",
    )
    .await;
}

#[tokio::test]
async fn s91_a_sub_partner_asserts_nobody_of_its_parent() {
    let world = World::new().await;
    let parent = Bound::new(&world, "acme").await;
    world
        .enrol(&parent.customer, "alice@acme.example")
        .await
        .unwrap();
    let child = world.partner(Some(parent.partner)).await;
    let child = Bound::of(&world, child, told("child", &PROVIDER)).await;
    world
        .enrol(&child.customer, "kim@child.example")
        .await
        .unwrap();
    says(
        &world,
        &child,
        "kim@child.example",
        "alice@acme.example",
        "NOT_KNOWN_HERE",
    )
    .await;
}

#[tokio::test]
async fn an_address_that_was_given_to_somebody_new_brings_no_rights_along() {
    let world = World::new().await;
    let bound = Bound::new(&world, "acme").await;
    let email = "alice@acme.example";
    world.enrol(&bound.customer, email).await.unwrap();
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(email).await;
    let now = world.context.clock.now();
    let document = bound.answer(Some(&asked.id), now).document(&PROVIDER);
    alice.post(bound.id(), &document, &asked.relay_state).await;
    world.sql("delete from session".to_owned()).await;
    says(&world, &bound, email, email, "KNOWN_BY_OTHER_SUBJECT").await;
}
