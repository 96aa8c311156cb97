//! What guessing brings: nothing.

use std::{cell::Cell, sync::Once};

use chrono::TimeDelta;
use futures::future::join_all;
use identity::Config;
use kit::testing;
use proto::identity::v1::{Page, PageKind};
use tracing::field::{Field, Visit};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use super::{
    browser::{Browser, Told},
    flow::{PASSWORD, with_password},
};
use crate::it::world::World;

const WRONG: &str = "eight green bottles";

thread_local! {
    /// Statements and hashes so far. A test and all that it calls run on one thread.
    static WORK: Cell<[usize; 2]> = const { Cell::new([0, 0]) };
}

/// Counts statements and hashes.
struct Work;

impl<S: tracing::Subscriber> Layer<S> for Work {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut ours = OfSignIn(false);
        event.record(&mut ours);
        let place = match event.metadata().target() {
            "sqlx::query" if ours.0 => 0,
            "entrepot::hasher" => 1,
            _ => return,
        };
        WORK.with(|work| {
            let mut counts = work.get();
            counts[place] += 1;
            work.set(counts);
        });
    }
}

/// Whether a statement is about signing in: workers have statements of their own.
struct OfSignIn(bool);

impl Visit for OfSignIn {
    fn record_debug(&mut self, _: &Field, text: &dyn std::fmt::Debug) {
        let text = format!("{text:?}");
        let tables = ["sign_in", "attempt", "person", "password", "session"];
        self.0 |= tables.iter().any(|table| text.contains(table));
    }
}

impl Work {
    /// For the whole process: what a thread without it meets first would be counted nowhere.
    fn counted() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Self);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
    }

    fn so_far() -> [usize; 2] {
        WORK.with(Cell::get)
    }
}

/// A page without what differs from one to the next.
fn same(told: Told) -> Page {
    Page {
        form: String::new(),
        email: String::new(),
        ..told.page()
    }
}

/// Addresses: of somebody with a password, of somebody without, of nobody.
async fn addresses(world: &World, email: &str) -> [String; 3] {
    let partner = world.partner(None).await;
    let customer = world.customer(partner).await;
    world.enrol(&customer, "bob@kunde.example").await.unwrap();
    [email, "bob@kunde.example", "nobody@kunde.example"].map(str::to_owned)
}

#[tokio::test]
async fn a30_unknown_and_wrong_are_answered_alike() {
    Work::counted();
    let (world, email) = with_password().await;
    let mut seen = Vec::new();
    for address in addresses(&world, &email).await {
        let mut browser = Browser::new(&world.link);
        browser.open().await;
        browser.fill("identify", &[("email", &address)]).await;
        let before = Work::so_far();
        let told = browser.fill("password", &[("password", WRONG)]).await;
        let after = Work::so_far();
        let one_time = [("password", "aaaa-bbbb-cccc-dddd-eeee")];
        let again = browser.fill("password", &one_time).await;
        let last = Work::so_far();
        let work = [0, 1].map(|n| (after[n] - before[n], last[n] - after[n]));
        seen.push((same(told), same(again), work));
    }
    let (told, again, [statements, hashes]) = &seen[0];
    for told in [told, again] {
        assert_eq!(told.problem, "WRONG_CREDENTIALS");
    }
    assert_eq!(*hashes, (1, 0), "one hash, whoever it is");
    assert!(statements.0 >= 3, "{statements:?}");
    assert_eq!(seen[0], seen[1], "nobody has set a password");
    assert_eq!(seen[0], seen[2], "nobody has the address");
}

#[tokio::test]
async fn a37_the_identifier_page_knows_nobody() {
    Work::counted();
    let (world, email) = with_password().await;
    let mut seen = Vec::new();
    for address in addresses(&world, &email).await {
        let mut browser = Browser::new(&world.link);
        browser.open().await;
        let before = Work::so_far();
        let told = browser.fill("identify", &[("email", &address)]).await;
        seen.push((same(told), Work::so_far()[0] - before[0]));
    }
    assert_eq!(seen[0].0.kind(), PageKind::Password);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
}

#[tokio::test]
async fn a30_lock_out_reveals_nothing() {
    let (world, email) = with_password().await;
    for address in addresses(&world, &email).await {
        let mut browser = Browser::new(&world.link);
        for _ in 0..5 {
            let told = browser.sign_in(&address, WRONG).await;
            assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
        }
        for password in [WRONG, PASSWORD] {
            let told = browser.sign_in(&address, password).await;
            assert_eq!(told.page().problem, "TOO_MANY_TRIES", "{address}");
        }
        // another browser and another spelling change nothing
        let told = Browser::new(&world.link)
            .sign_in(&address.to_uppercase(), PASSWORD)
            .await;
        assert_eq!(told.page().problem, "TOO_MANY_TRIES");
        world.context.clock.advance(TimeDelta::seconds(15));
        let told = browser.sign_in(&address, WRONG).await;
        assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
        world.context.clock.advance(TimeDelta::seconds(29));
        let told = browser.sign_in(&address, PASSWORD).await;
        assert_eq!(told.page().problem, "TOO_MANY_TRIES", "twice as long");
    }
    world.context.clock.advance(TimeDelta::seconds(30));
    let mut browser = Browser::new(&world.link);
    let told = browser.sign_in(&email, PASSWORD).await;
    assert_eq!(told.path(), "/sign-in/account");
    // what went before is forgotten
    for _ in 0..5 {
        let mut browser = Browser::new(&world.link);
        let told = browser.sign_in(&email, WRONG).await;
        assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
    }
}

#[tokio::test]
async fn a30_many_guesses_at_once_are_no_more_than_one_after_another() {
    let (world, email) = with_password().await;
    let mut ready = Vec::new();
    for _ in 0..12 {
        let mut browser = Browser::new(&world.link);
        browser.open().await;
        browser.fill("identify", &[("email", &email)]).await;
        ready.push(browser);
    }
    let fields = [("password", WRONG)];
    let told = join_all(
        ready
            .iter_mut()
            .map(|browser| browser.fill("password", &fields)),
    )
    .await;
    let tried = told
        .into_iter()
        .filter(|told| told.clone().page().problem == "WRONG_CREDENTIALS");
    assert_eq!(tried.count(), 5);
}

#[tokio::test]
async fn a31_a_flood_of_passwords_is_told_to_come_back() {
    let (world, email) = with_password().await;
    let config = Config {
        password_threads: Some(1),
        ..Config::default()
    };
    let parts = identity::parts(world.context.clone(), config);
    let link = testing::serve(parts, &world.context);
    let mut ready = Vec::new();
    for n in 0..120 {
        let mut browser = Browser::new(&link);
        browser.open().await;
        let address = format!("guess-{n}@kunde.example");
        browser.fill("identify", &[("email", &address)]).await;
        ready.push(browser);
    }
    let fields = [("password", WRONG)];
    let told = join_all(
        ready
            .iter_mut()
            .map(|browser| browser.fill("password", &fields)),
    )
    .await;
    let busy: Vec<_> = told
        .into_iter()
        .map(Told::page)
        .filter(|page| page.busy)
        .collect();
    assert!(busy.len() >= 120 - 67, "only {} refused", busy.len());
    assert!(busy.len() < 120, "nobody was served");
    assert!(busy.iter().all(|page| page.kind() == PageKind::Password));
    // the same form is good still, and nothing was counted
    let told = ready.last_mut().unwrap().fill("password", &fields).await;
    assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
    let told = Browser::new(&link).sign_in(&email, PASSWORD).await;
    assert_eq!(told.path(), "/sign-in/account");
}
