//! Sessions.

use chrono::TimeDelta;
use identity::Config;
use kit::testing;
use proto::identity::v1::{
    EndAllSessionsRequest, EndSessionRequest, ListRevocationsRequest, ListSessionsRequest,
    PageKind, RevocationKind, Session, revocations_client::RevocationsClient,
    sessions_client::SessionsClient, sign_in_step::Next,
};
use sqlx::{Connection as _, PgConnection};

use super::{
    browser::Browser,
    flow::{PASSWORD, with_password},
    one_time_password::administrator,
};
use crate::it::world::{World, reason, service};

async fn signed_in(world: &World, email: &str) -> Browser {
    let mut browser = Browser::new(&world.link);
    let told = browser.sign_in(email, PASSWORD).await;
    assert_eq!(told.path(), "/sign-in/account");
    browser
}

#[tokio::test]
async fn a34_the_session_changes_and_dies() {
    let (world, email) = with_password().await;
    let mut browser = Browser::new(&world.link);
    browser.says.session_cookie = "planted".to_owned();
    browser.sign_in(&email, PASSWORD).await;
    let first = browser.says.session_cookie.clone();
    assert_ne!(first, "planted");
    assert!(first.len() >= 43, "256 bits");

    // a sign-in that was begun before takes the place of the session
    let mut early = Browser::new(&world.link);
    early.open().await;
    early.fill("identify", &[("email", &email)]).await;
    early.says.session_cookie.clone_from(&first);
    early.fill("password", &[("password", PASSWORD)]).await;
    assert_ne!(early.says.session_cookie, first);
    assert_eq!(
        browser.account().await.path(),
        "/sign-in",
        "the old one is over"
    );

    assert_eq!(early.account().await.page().kind(), PageKind::Account);
    let stolen = early.says.session_cookie.clone();
    assert_eq!(early.sign_out("").await.page().kind(), PageKind::SignedOut);
    assert!(
        early.says.session_cookie.is_empty(),
        "the cookie is taken away"
    );
    early.says.session_cookie = stolen;
    assert_eq!(
        early.account().await.path(),
        "/sign-in",
        "and good for nothing"
    );
}

#[tokio::test]
async fn a34_only_the_account_page_signs_out() {
    let (world, email) = with_password().await;
    let mut browser = signed_in(&world, &email).await;
    let mut another = Browser::new(&world.link);
    another.says.agent = "Another".to_owned();
    another.sign_in(&email, PASSWORD).await;
    another.account().await;
    for form in ["", "x", &another.form] {
        browser.form = form.to_owned();
        let page = browser.sign_out("").await.page();
        assert_eq!(page.kind(), PageKind::Account, "still signed in");
    }
    let page = browser.account().await.page();
    let other = page.choices.iter().find(|choice| choice.label == "Another");
    let other = other.unwrap().key.clone();
    assert_eq!(browser.sign_out(&other).await.path(), "/sign-in/account");
    assert_eq!(another.account().await.path(), "/sign-in");
    assert_eq!(browser.account().await.page().kind(), PageKind::Account);
}

#[tokio::test]
async fn a_session_ends_after_an_hour_of_nothing_and_after_half_a_day() {
    let (world, email) = with_password().await;
    let mut idle = signed_in(&world, &email).await;
    let mut busy = signed_in(&world, &email).await;
    for _ in 0..14 {
        world.context.clock.advance(TimeDelta::minutes(50));
        let page = busy.account().await.page();
        assert_eq!(page.kind(), PageKind::Account);
        assert_eq!(page.choices.len(), if idle.form.is_empty() { 1 } else { 3 });
        if idle.form.is_empty() {
            continue;
        }
        world.context.clock.advance(TimeDelta::minutes(10));
        busy.account().await;
        assert_eq!(idle.account().await.path(), "/sign-in");
        assert!(idle.says.session_cookie.is_empty());
        idle.form.clear();
    }
    world.context.clock.advance(TimeDelta::minutes(10));
    assert_eq!(busy.account().await.path(), "/sign-in");
}

#[tokio::test]
async fn a20_a_new_password_ends_other_sessions() {
    let (world, first) = World::started().await;
    let first = first.operator_sign_in.unwrap();
    let mut browser = Browser::new(&world.link);
    let (email, once) = (&first.email, &first.one_time_password);
    browser
        .first_sign_in(email, once, "nine yellow lemons")
        .await;

    let renewed = identity::bootstrap::renew(&world.context, &World::beginning()).await;
    let again = renewed.unwrap().unwrap().operator_sign_in.unwrap();
    assert_eq!(&again.email, email);
    let mut other = Browser::new(&world.link);
    other.sign_in(email, &again.one_time_password).await;
    let page = browser.account().await.page();
    assert_eq!(page.kind(), PageKind::Account, "nothing has happened yet");
    other.choose(PASSWORD).await;
    assert_eq!(browser.account().await.path(), "/sign-in");
    assert_eq!(other.account().await.page().kind(), PageKind::Account);
    let told = browser.sign_in(email, "nine yellow lemons").await;
    assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
}

#[tokio::test]
async fn a35_cookies_are_for_tls_only_when_the_issuer_is() {
    let (world, _) = World::started().await;
    for (issuer, secure) in [
        (Some("https://entrepot.example"), true),
        (Some("http://127.0.0.1:8080"), false),
    ] {
        let config = Config {
            issuer: issuer.map(str::to_owned),
            ..Config::default()
        };
        let parts = identity::parts(world.context.clone(), config);
        let browser = Browser::new(&testing::serve(parts, &world.context));
        let step = browser.sent("identify", &[]).await;
        assert!(matches!(step.next, Some(Next::Page(_))));
        assert!(!step.cookies.is_empty());
        assert!(step.cookies.iter().all(|cookie| cookie.secure == secure));
    }
}

async fn list(world: &World, person_id: &str, size: i32) -> Vec<Session> {
    let partner = world.partner_of(person_id).await;
    let by = administrator(partner);
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListSessionsRequest {
            person_id: person_id.to_owned(),
            page_size: size,
            page_token,
        };
        let mut sessions = SessionsClient::new(world.link.clone());
        let page = sessions.list_sessions(testing::request(request, &by)).await;
        let page = page.unwrap().into_inner();
        found.extend(page.sessions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn administrators_see_and_end_sessions_of_their_own_people() {
    let (world, email) = with_password().await;
    let mut last = signed_in(&world, &email).await;
    signed_in(&world, &email).await;
    let person = world.person_id(&email).await;
    let partner = world.partner_of(&person).await;
    let found = list(&world, &person, 2).await;
    assert_eq!(found.len(), 3);
    assert!(
        found
            .windows(2)
            .all(|pair| pair[0].session_id > pair[1].session_id)
    );
    assert_eq!(found[0].methods, ["pwd"]);
    assert_eq!(found[0].agent, "Browser/1");

    let mut sessions = SessionsClient::new(world.link.clone());
    let stranger = administrator(world.partner(None).await);
    let own = administrator(partner);
    for (by, outcome) in [(&stranger, "NOT_FOUND"), (&own, ""), (&own, "NOT_FOUND")] {
        let request = EndSessionRequest {
            session_id: found[0].session_id.clone(),
        };
        let ended = sessions.end_session(testing::request(request, by)).await;
        match outcome {
            "" => drop(ended.unwrap()),
            wanted => assert_eq!(reason(ended), wanted),
        }
    }
    for (by, outcome) in [(&stranger, None), (&own, Some(2)), (&own, Some(0))] {
        let request = EndAllSessionsRequest {
            person_id: person.clone(),
        };
        let ended = sessions
            .end_all_sessions(testing::request(request, by))
            .await;
        match outcome {
            Some(count) => assert_eq!(ended.unwrap().into_inner().ended, count),
            None => assert_eq!(reason(ended), "NOT_FOUND"),
        }
    }
    assert_eq!(last.account().await.path(), "/sign-in");
    let request = ListSessionsRequest {
        page_token: "%".to_owned(),
        person_id: person,
        page_size: 0,
    };
    let refused = sessions
        .list_sessions(testing::request(request, &own))
        .await;
    assert_eq!(reason(refused), "INVALID_ARGUMENT");
}

#[tokio::test]
async fn only_hashes_of_what_browsers_know_are_kept() {
    let (world, email) = with_password().await;
    let mut browser = signed_in(&world, &email).await;
    let mut pending = Browser::new(&world.link);
    pending.open().await;
    browser.account().await;
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    for table in [
        "session",
        "sign_in",
        "attempt",
        "password",
        "one_time_password",
    ] {
        let rows = format!("select coalesce(string_agg(t::text, ''), '') from identity.{table} t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_one(&mut sql)
            .await
            .unwrap();
        for secret in [
            &browser.says.session_cookie,
            &browser.form,
            &pending.says.flow_cookie,
            &pending.form,
            PASSWORD,
        ] {
            assert!(secret.len() > 10, "a secret");
            assert!(!text.contains(secret), "{table}");
        }
    }
}

/// What is no longer good, of a kind.
async fn revoked(world: &World, kind: RevocationKind) -> Vec<String> {
    let request = testing::request(ListRevocationsRequest {}, &service());
    let mut revocations = RevocationsClient::new(world.link.clone());
    let found = revocations.list_revocations(request).await.unwrap();
    let found = found.into_inner().revoked.into_iter();
    found
        .filter(|revoked| revoked.kind() == kind)
        .map(|revoked| revoked.key)
        .collect()
}

#[tokio::test]
async fn a20_what_ends_trust_takes_tokens_back() {
    let (world, email) = with_password().await;
    let person = world.person_id(&email).await;
    let chosen = revoked(&world, RevocationKind::Subject).await;
    assert_eq!(chosen, [person.as_str()], "with the new password");

    let mut browser = signed_in(&world, &email).await;
    let before = list(&world, &person, 9).await;
    browser.account().await;
    browser.sign_out("").await;
    let out = revoked(&world, RevocationKind::Session).await;
    let left = list(&world, &person, 9).await;
    let mut ended: Vec<_> = before
        .into_iter()
        .map(|session| session.session_id)
        .collect();
    ended.retain(|id| left.iter().all(|session| session.session_id != *id));
    assert_eq!(ended.len(), 1);
    assert_eq!(out, ended, "with the session");
}

#[tokio::test]
async fn who_is_disabled_is_nobody() {
    let (world, email) = with_password().await;
    let mut browser = signed_in(&world, &email).await;
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    let disable = sqlx::query("update identity.person set state = 'disabled' where email = $1");
    disable.bind(&email).execute(&mut sql).await.unwrap();
    assert_eq!(browser.account().await.path(), "/sign-in");
    let told = browser.sign_in(&email, PASSWORD).await;
    assert_eq!(told.page().problem, "WRONG_CREDENTIALS");
}

/// Actions and reasons that the feed tells of signing in.
async fn told(world: &World) -> Vec<(String, String)> {
    let about = ["sign_in", "session", "password", "one_time_password"];
    let acts = world.acts().await.into_iter();
    acts.map(|act| (act.action, act.reason))
        .filter(|(action, _)| about.contains(&action.split('.').next().unwrap()))
        .collect()
}

#[tokio::test]
async fn who_came_and_went_and_who_was_refused_is_told() {
    let (world, email) = with_password().await;
    let before = told(&world).await.len();
    let mut browser = Browser::new(&world.link);
    for address in [&*email, "nobody@kunde.example"] {
        for _ in 0..2 {
            browser.sign_in(address, "eight green bottles").await;
        }
        browser.fill("restart", &[]).await;
    }
    let mut browser = signed_in(&world, &email).await;
    browser.account().await;
    browser.sign_out("").await;
    let wanted = [
        ("sign_in.refused", "WRONG_CREDENTIALS"),
        ("sign_in.refused", "WRONG_CREDENTIALS"),
        ("session.started", ""),
        ("session.ended", ""),
    ];
    let found = told(&world).await.split_off(before);
    let found: Vec<_> = found
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(found, wanted, "a refusal once a minute, whoever it is");
}
