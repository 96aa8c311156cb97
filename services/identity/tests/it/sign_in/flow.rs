//! From the first page to the last.

use chrono::TimeDelta;
use proto::identity::v1::PageKind;
use sqlx::{Connection as _, PgConnection};

use super::browser::Browser;
use crate::it::world::World;

pub(super) const PASSWORD: &str = "seven green bottles";

/// A world and the address of an administrator with a password.
pub(super) async fn with_password() -> (World, String) {
    let (world, first) = World::started().await;
    let first = first.partner_sign_in.expect("a first administrator");
    let mut browser = Browser::new(&world.link);
    let (email, once) = (&first.email, &first.one_time_password);
    browser.first_sign_in(email, once, PASSWORD).await;
    (world, first.email)
}

#[tokio::test]
async fn a_first_administrator_chooses_a_password_and_signs_in_with_it() {
    let (world, email) = with_password().await;
    let mut browser = Browser::new(&world.link);
    assert_eq!(browser.account().await.path(), "/sign-in");
    let told = browser.sign_in(&email.to_uppercase(), PASSWORD).await;
    assert_eq!(told.path(), "/sign-in/account");
    assert!(browser.says.flow_cookie.is_empty(), "the sign-in is over");

    let page = browser.account().await.page();
    assert_eq!((page.kind(), &page.email), (PageKind::Account, &email));
    assert_eq!(page.client_name, "First Administrator");
    assert_eq!(page.brand.unwrap().display_name, "Nordtel");
    assert_eq!(page.choices.len(), 2, "this one and that of the first time");
    assert_eq!(page.choices[0].key, "", "this one comes first");
    assert_eq!(page.choices[0].label, "Browser/1");
    assert!(page.choices[0].detail.starts_with("192.0.2.1 2027-"));
    assert_eq!(browser.open().await.path(), "/sign-in/account");
}

#[tokio::test]
async fn what_is_typed_wrong_is_said() {
    let (world, first) = World::started().await;
    let first = first.partner_sign_in.unwrap();
    let mut browser = Browser::new(&world.link);
    browser.open().await;
    let told = browser.fill("identify", &[("email", "nobody")]).await;
    let wanted = (PageKind::Identifier, "INVALID_EMAIL".to_owned());
    assert_eq!(told.kind_and_problem(), wanted);
    browser.fill("identify", &[("email", &first.email)]).await;
    let fields = [("password", &*first.one_time_password)];
    browser.fill("password", &fields).await;
    for (one, two, problem) in [
        ("short", "short", "PASSWORD_TOO_SHORT"),
        (PASSWORD, "seven green bottlez", "PASSWORDS_DIFFER"),
        ("Password12345", "Password12345", "PASSWORD_TOO_COMMON"),
        (&first.email, &first.email, "PASSWORD_IS_ADDRESS"),
    ] {
        let fields = [("new_password", one), ("repeated", two)];
        let told = browser.fill("new_password", &fields).await;
        let wanted = (PageKind::NewPassword, problem.to_owned());
        assert_eq!(told.kind_and_problem(), wanted);
    }
    assert_eq!(browser.choose(PASSWORD).await.path(), "/sign-in/account");
}

#[tokio::test]
async fn pages_are_in_the_language_that_is_asked_for() {
    let (world, _) = World::started().await;
    for (wanted, shown) in [("ko-kr", "ko"), ("de", "de"), ("fr", "en")] {
        let mut browser = Browser::new(&world.link);
        browser.says.languages = vec!["xx".to_owned(), wanted.to_owned()];
        assert_eq!(browser.open().await.page().language, shown);
        let told = browser.fill("identify", &[("email", "a@b.example")]).await;
        assert_eq!(told.page().language, shown);
        assert_eq!(browser.sign_out("").await.page().language, shown);
    }
}

#[tokio::test]
async fn a_sign_in_ends_after_half_an_hour_and_survives_a_reload() {
    let (world, email) = with_password().await;
    let mut browser = Browser::new(&world.link);
    browser.open().await;
    browser.fill("identify", &[("email", &email)]).await;
    let page = browser.open().await.page();
    assert_eq!((page.kind(), page.email), (PageKind::Password, email));
    world.context.clock.advance(TimeDelta::minutes(30));
    let told = browser.fill("password", &[("password", PASSWORD)]).await;
    let wanted = (PageKind::Identifier, "SIGN_IN_ENDED".to_owned());
    assert_eq!(told.kind_and_problem(), wanted);
}

#[tokio::test]
async fn a12_a_form_is_good_once_and_in_its_browser_only() {
    let (world, email) = with_password().await;
    let mut browser = Browser::new(&world.link);
    browser.open().await;
    browser.fill("identify", &[("email", &email)]).await;

    let mut forger = browser.clone();
    forger.form.clear();
    let told = forger.fill("password", &[("password", PASSWORD)]).await;
    let nothing = (PageKind::Password, String::new());
    assert_eq!(told.kind_and_problem(), nothing, "shown again");

    let mut elsewhere = Browser::new(&world.link);
    elsewhere.form.clone_from(&browser.form);
    let told = elsewhere.fill("password", &[("password", PASSWORD)]).await;
    assert_eq!(told.kind_and_problem().0, PageKind::Identifier);

    browser.open().await;
    let twice = browser.clone();
    let fields = [("password", PASSWORD)];
    let (one, two) = tokio::join!(
        browser.sent("password", &fields),
        twice.sent("password", &fields)
    );
    let sessions = [one, two]
        .iter()
        .flat_map(|step| &step.cookies)
        .filter(|cookie| cookie.kind() == proto::identity::v1::CookieKind::Session)
        .count();
    assert_eq!(sessions, 1, "a double click signs in once");
}

#[tokio::test]
async fn rehash_on_changed_parameters() {
    let (world, email) = with_password().await;
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    // the same password at a lower cost, computed with the reference implementation
    let cheap = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$eWshNRk8wjzM0oSkralY72TkwhX/ZIz7QfvvibbuHLo";
    let changed = sqlx::query("update identity.password set phc = $1").bind(cheap);
    let changed = changed.execute(&mut sql).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let mut browser = Browser::new(&world.link);
    for _ in 0..2 {
        let told = browser.sign_in(&email, PASSWORD).await;
        assert_eq!(told.path(), "/sign-in/account");
        browser.account().await;
        browser.sign_out("").await;
        let phc: String = sqlx::query_scalar("select phc from identity.password")
            .fetch_one(&mut sql)
            .await
            .unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    }
}
