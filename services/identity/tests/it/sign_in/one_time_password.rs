//! Passwords that are good once.

use chrono::TimeDelta;
use kit::{
    auth::{Caller, CallerKind},
    fault::Fault,
    id::PartnerId,
    testing,
};
use proto::identity::v1::{
    CreateOneTimePasswordRequest, OneTimePassword, Organization, PageKind, Person,
    sessions_client::SessionsClient,
};

use super::{browser::Browser, flow::PASSWORD};
use crate::it::world::{World, reason};

pub(super) const SCOPE: &str = "identity:one_time_password";

pub(super) fn administrator(partner: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, partner, &[SCOPE])
}

async fn create(world: &World, by: &Caller, whose: &Person) -> Result<OneTimePassword, Fault> {
    let request = CreateOneTimePasswordRequest {
        organization_id: whose.organization_id.clone(),
        person_id: whose.person_id.clone(),
    };
    let mut sessions = SessionsClient::new(world.link.clone());
    let made = sessions.create_one_time_password(testing::request(request, by));
    Ok(made.await?.into_inner())
}

async fn bob(world: &World) -> (PartnerId, Person) {
    let partner = world.partner(None).await;
    let customer = world.customer(partner).await;
    let person = world.enrol(&customer, "bob@kunde.example").await.unwrap();
    (partner, person)
}

#[tokio::test]
async fn a32_works_once() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let by = administrator(partner);
    let first = create(&world, &by, &bob).await.unwrap().password;
    let second = create(&world, &by, &bob).await.unwrap().password;
    let mut browser = Browser::new(&world.link);
    let told = browser.sign_in(&bob.email, &first).await;
    assert_eq!(
        told.page().problem,
        "WRONG_CREDENTIALS",
        "there is a later one"
    );
    let told = browser.sign_in(&bob.email, &second).await;
    assert_eq!(told.page().kind(), PageKind::NewPassword);

    let mut other = Browser::new(&world.link);
    let told = other.sign_in(&bob.email, &second).await;
    assert_eq!(told.page().problem, "WRONG_CREDENTIALS", "it was used");
    assert_eq!(
        browser.account().await.path(),
        "/sign-in",
        "not signed in yet"
    );
    assert_eq!(browser.choose(PASSWORD).await.path(), "/sign-in/account");
}

#[tokio::test]
async fn a32_two_who_use_it_at_once_are_one_too_many() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let made = create(&world, &administrator(partner), &bob).await.unwrap();
    let mut browsers = [Browser::new(&world.link), Browser::new(&world.link)];
    for browser in &mut browsers {
        browser.open().await;
        browser.fill("identify", &[("email", &bob.email)]).await;
    }
    let fields = [("password", &*made.password)];
    let [one, two] = &mut browsers;
    let (one, two) = tokio::join!(one.fill("password", &fields), two.fill("password", &fields));
    let kinds = [one.page().kind(), two.page().kind()];
    let won = kinds.iter().filter(|kind| **kind == PageKind::NewPassword);
    assert_eq!(won.count(), 1, "{kinds:?}");
}

#[tokio::test]
async fn a32_it_ends_after_a_day() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let made = create(&world, &administrator(partner), &bob).await.unwrap();
    let ends_at = kit::time::from_proto(&made.ends_at.unwrap()).unwrap();
    let now = world.context.clock.now();
    assert_eq!(ends_at - now, TimeDelta::hours(24));
    world.context.clock.advance(TimeDelta::hours(24));
    let mut browser = Browser::new(&world.link);
    let told = browser.sign_in(&bob.email, &made.password).await;
    assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
}

#[tokio::test]
async fn a32_a_later_one_ends_what_an_earlier_one_began() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let by = administrator(partner);
    let leaked = create(&world, &by, &bob).await.unwrap().password;
    let mut thief = Browser::new(&world.link);
    thief.sign_in(&bob.email, &leaked).await;
    let second = create(&world, &by, &bob).await.unwrap().password;
    let page = thief.choose("a thief's password").await.page();
    let ended = (PageKind::Identifier, "SIGN_IN_ENDED".to_owned());
    assert_eq!((page.kind(), page.problem), ended);
    let mut browser = Browser::new(&world.link);
    browser.first_sign_in(&bob.email, &second, PASSWORD).await;
}

#[tokio::test]
async fn a34_the_flow_cookie_changes_with_what_it_is_worth() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let made = create(&world, &administrator(partner), &bob).await.unwrap();
    let mut browser = Browser::new(&world.link);
    browser.open().await;
    // somebody has put its own cookie into the browser
    let mut attacker = browser.clone();
    browser.sign_in(&bob.email, &made.password).await;
    assert_ne!(browser.says.flow_cookie, attacker.says.flow_cookie);
    let page = attacker.open().await.page();
    assert_eq!(page.kind(), PageKind::Identifier, "it leads nowhere");
    assert_eq!(browser.choose(PASSWORD).await.path(), "/sign-in/account");
}

#[tokio::test]
async fn r1203_only_those_of_its_own_tenant_and_in_its_own_name() {
    let world = World::new().await;
    let (partner, bob) = bob(&world).await;
    let other = world.partner(None).await;
    let stranger = create(&world, &administrator(other), &bob).await;
    assert_eq!(reason(stranger), "NOT_FOUND");
    let elsewhere = Person {
        organization_id: world.customer(partner).await.organization_id,
        ..bob.clone()
    };
    let misplaced = create(&world, &administrator(partner), &elsewhere).await;
    assert_eq!(reason(misplaced), "NOT_FOUND");
    let own = Organization {
        partner_id: partner.to_string(),
        organization_id: partner.to_string(),
        ..world.customer(partner).await
    };
    let superior = world.enrol(&own, "ceo@kunde.example").await.unwrap();
    let beyond = create(&world, &administrator(partner), &superior).await;
    assert_eq!(reason(beyond), "PERSON_BEYOND_OWN", "more than itself");
    let without = testing::caller(CallerKind::Partner, partner, &["platform:people_read"]);
    assert_eq!(
        reason(create(&world, &without, &bob).await),
        "SCOPE_MISSING"
    );
    let suspended = Caller {
        suspended: true,
        ..administrator(partner)
    };
    let refused = create(&world, &suspended, &bob).await;
    assert_eq!(reason(refused), "TENANT_SUSPENDED");
}
