//! People sign in through a SAML provider.

use chrono::TimeDelta;
use proto::identity::v1::{
    Organization, PageKind, ProviderState, TestIdentityProviderRequest, sign_in_step::Next,
};

use super::{
    forge::Forge,
    registry::{Bound, PROVIDER, saml, told},
    visitor::Visitor,
};
use kit::testing;

use crate::it::world::World;

const ALICE: &str = "alice@acme.example";

async fn house() -> (World, Bound) {
    let world = World::new().await;
    let bound = Bound::new(&world, "acme").await;
    world.enrol(&bound.customer, ALICE).await.unwrap();
    (world, bound)
}

#[tokio::test]
async fn s1_who_is_sent_to_its_provider_comes_back_signed_in() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(ALICE).await;
    assert!(
        asked
            .url
            .starts_with("https://acme.example/sso?SAMLRequest=")
    );
    let now = world.context.clock.now();
    let answer = bound.answer(Some(&asked.id), now);
    let next = alice
        .post(bound.id(), &answer.document(&PROVIDER), &asked.relay_state)
        .await;
    assert_eq!(next, Next::RedirectUrl("/sign-in/account".to_owned()));
    assert!(!alice.says.session_cookie.is_empty());
    assert_eq!(world.sessions().await, 1);
    let acts = world.acts().await;
    let last = acts.last().unwrap();
    assert_eq!(last.action, "session.started");
    assert_eq!(last.actor_id, world.person_id(ALICE).await);

    // the second time it is the subject that counts, whatever the address is by now
    let mut again = Visitor::new(&world);
    let asked = again.leave(ALICE).await;
    let mut answer = bound.answer(Some(&asked.id), now);
    "_assertion-2".clone_into(&mut answer.assertion_id);
    "_response-2".clone_into(&mut answer.response_id);
    answer.attributes = vec![("mail".to_owned(), "other@acme.example".to_owned())];
    let next = again
        .post(bound.id(), &answer.document(&PROVIDER), &asked.relay_state)
        .await;
    assert_eq!(next, Next::RedirectUrl("/sign-in/account".to_owned()));
    assert_eq!(world.sessions().await, 2);
}

#[tokio::test]
async fn whoever_is_not_bound_to_a_provider_is_asked_for_a_password() {
    let (world, bound) = house().await;
    let plain = world.customer(bound.partner).await;
    world.enrol(&plain, "bob@plain.example").await.unwrap();
    for email in ["bob@plain.example", "nobody@acme.example"] {
        let next = Visitor::new(&world).identify(email).await;
        let Next::Page(page) = next else {
            panic!("{next:?}");
        };
        assert_eq!(page.kind(), PageKind::Password);
    }
    world.disable(&bound.caller, bound.id()).await.unwrap();
    let next = Visitor::new(&world).identify(ALICE).await;
    assert!(matches!(next, Next::Refusal(_)), "{next:?}");
}

#[tokio::test]
async fn s68_an_answer_belongs_to_the_browser_that_asked() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(ALICE).await;
    let now = world.context.clock.now();
    let document = bound.answer(Some(&asked.id), now).document(&PROVIDER);

    let mut other = Visitor::new(&world);
    other.leave(ALICE).await;
    let next = other.post(bound.id(), &document, &asked.relay_state).await;
    world.expect_refused(next, "ROUND_TRIP").await;
    let next = Visitor::new(&world)
        .post(bound.id(), &document, &asked.relay_state)
        .await;
    world.expect_refused(next, "ROUND_TRIP").await;
    // nobody has used it up for the right one
    let next = alice.post(bound.id(), &document, &asked.relay_state).await;
    assert!(matches!(next, Next::RedirectUrl(_)), "{next:?}");
}

#[tokio::test]
async fn s70_replay() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(ALICE).await;
    let kept = alice.clone();
    let now = world.context.clock.now();
    let document = bound.answer(Some(&asked.id), now).document(&PROVIDER);
    alice.post(bound.id(), &document, &asked.relay_state).await;
    world.sql("delete from session".to_owned()).await;
    let next = kept
        .clone()
        .post(bound.id(), &document, &asked.relay_state)
        .await;
    world.expect_refused(next, "ROUND_TRIP").await;
}

/// A connection that takes answers that nobody asked for.
async fn unasked() -> (World, Bound) {
    let world = World::new().await;
    let mut provider = told("acme", &PROVIDER);
    saml(&mut provider).unsolicited_allowed = true;
    let id = world.partner(None).await;
    let bound = Bound::of(&world, id, provider).await;
    world.enrol(&bound.customer, ALICE).await.unwrap();
    (world, bound)
}

#[tokio::test]
async fn s69_unsolicited() {
    let (world, bound) = house().await;
    let now = world.context.clock.now();
    let document = bound.answer(None, now).document(&PROVIDER);
    let next = Visitor::new(&world).post(bound.id(), &document, "").await;
    world.expect_refused(next, "ROUND_TRIP").await;

    let (world, bound) = unasked().await;
    let now = world.context.clock.now();
    let document = bound.answer(None, now).document(&PROVIDER);
    let mut alice = Visitor::new(&world);
    // where it wants the browser to go is not where it goes (S92)
    let next = alice
        .post(bound.id(), &document, "https://evil.example/")
        .await;
    assert_eq!(next, Next::RedirectUrl("/sign-in/account".to_owned()));
    world.sql("delete from session".to_owned()).await;
    let next = alice.post(bound.id(), &document, "").await;
    world.expect_refused(next, "REPLAYED").await;
}

#[tokio::test]
async fn s71_concurrent_replay_one_wins() {
    let (world, bound) = unasked().await;
    let now = world.context.clock.now();
    let document = bound.answer(None, now).document(&PROVIDER);
    let (mut one, mut two) = (Visitor::new(&world), Visitor::new(&world));
    let both = futures::join!(
        one.post(bound.id(), &document, ""),
        two.post(bound.id(), &document, "")
    );
    let wins = [both.0, both.1]
        .iter()
        .filter(|next| matches!(next, Next::RedirectUrl(_)))
        .count();
    assert_eq!(wins, 1);
    assert_eq!(world.sessions().await, 1);
}

#[tokio::test]
async fn s72_replay_at_another_connection() {
    let (world, bound) = unasked().await;
    let mut second = told("acme", &PROVIDER);
    "second".clone_into(&mut second.name);
    saml(&mut second).unsolicited_allowed = true;
    let other = world.partner(None).await;
    let other = Bound::of(&world, other, second).await;
    let now = world.context.clock.now();
    let document = bound.answer(None, now).document(&PROVIDER);
    let next = Visitor::new(&world).post(other.id(), &document, "").await;
    world.expect_refused(next, "DESTINATION").await;
}

#[tokio::test]
async fn s92_relay_state() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(ALICE).await;
    assert!(asked.relay_state.len() <= 80);
    let now = world.context.clock.now();
    let document = bound.answer(Some(&asked.id), now).document(&PROVIDER);
    let long = "x".repeat(81);
    for odd in [
        "https://evil.example/",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        &long,
        "",
    ] {
        let next = alice.clone().post(bound.id(), &document, odd).await;
        world.expect_refused(next, "ROUND_TRIP").await;
    }
}

#[tokio::test]
async fn s93_requests_are_of_one_use_and_end_after_ten_minutes() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let (one, two) = (alice.leave(ALICE).await, alice.leave(ALICE).await);
    assert_ne!(one.id, two.id);
    assert_ne!(one.relay_state, two.relay_state);
    assert!(two.message.contains(bound.id()));
    world.context.clock.advance(TimeDelta::minutes(10));
    let now = world.context.clock.now();
    let document = bound.answer(Some(&two.id), now).document(&PROVIDER);
    let next = alice.post(bound.id(), &document, &two.relay_state).await;
    world.expect_refused(next, "ROUND_TRIP").await;
}

#[tokio::test]
async fn a_provider_is_tested_before_it_is_used_and_a_test_lets_nobody_in() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let caller = crate::it::world::partner(id);
    let made = world
        .register_provider(&caller, told("acme", &PROVIDER))
        .await
        .unwrap();
    let connection_id = made.connection_id.clone();
    let request = testing::request(
        TestIdentityProviderRequest {
            connection_id: connection_id.clone(),
        },
        &caller,
    );
    let test = world.providers().test_identity_provider(request).await;
    let test = test.unwrap().into_inner();
    let mut tester = Visitor::new(&world);
    let asked = tester.leave_for_test(&test.url).await;
    let bound = Bound {
        partner: id,
        caller: caller.clone(),
        provider: made,
        customer: Organization::default(),
    };
    let now = world.context.clock.now();

    // what is wrong is shown to whoever tests
    let mut wrong = bound.answer(Some(&asked.id), now);
    wrong.audiences.clear();
    let next = tester
        .clone()
        .post(
            &connection_id,
            &wrong.document(&PROVIDER),
            &asked.relay_state,
        )
        .await;
    let Next::Page(page) = next else {
        panic!("{next:?}");
    };
    assert_eq!(page.findings[0].text, "AUDIENCE");

    let asked = tester.leave_for_test(&test.url).await;
    let answer: Forge = bound.answer(Some(&asked.id), now);
    let next = tester
        .post(
            &connection_id,
            &answer.document(&PROVIDER),
            &asked.relay_state,
        )
        .await;
    let Next::Page(page) = next else {
        panic!("{next:?}");
    };
    assert_eq!(page.kind(), PageKind::TestResult);
    assert!(page.findings.iter().any(|one| one.text == ALICE));
    assert_eq!(world.sessions().await, 0);
    let read = world.read_provider(&caller, &connection_id).await.unwrap();
    assert_eq!(read.state(), ProviderState::Tested);
    assert!(world.activate(&caller, &connection_id).await.is_ok());

    // the link is over after ten minutes, and is nobody else's
    let next = tester
        .open_test(&test.url.replace("ticket=", "ticket=A"))
        .await;
    assert!(matches!(next, Next::Refusal(_)));
    world.context.clock.advance(TimeDelta::minutes(10));
    let next = tester.open_test(&test.url).await;
    assert!(matches!(next, Next::Refusal(_)));
}

#[tokio::test]
async fn r26_a_provider_that_is_disabled_meanwhile_lets_nobody_in() {
    let (world, bound) = house().await;
    let mut alice = Visitor::new(&world);
    let asked = alice.leave(ALICE).await;
    world.disable(&bound.caller, bound.id()).await.unwrap();
    let now = world.context.clock.now();
    let document = bound.answer(Some(&asked.id), now).document(&PROVIDER);
    let next = alice.post(bound.id(), &document, &asked.relay_state).await;
    world.expect_refused(next, "PROVIDER_NOT_IN_USE").await;
}
