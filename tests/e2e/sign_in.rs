//! A person signs in with a browser, is seen where it is signed in, and signs out.

use serde_json::json;

use crate::stage::{Browser, Partner, Stage, on_both_stages, subscriber};

on_both_stages!(
    a_person_gets_a_one_time_password_chooses_its_own_and_signs_out,
    a30_a_stranger_learns_nothing_from_the_pages,
);

const EMAIL: &str = "emily@acme.example";
const PASSWORD: &str = "correct horse battery staple";

/// A person of a customer, with a password that is good once.
async fn person(partner: &Partner) -> String {
    let customer = partner.provisioned("acme", &["webex_calling"]).await;
    let body = subscriber(&customer, EMAIL, "webex_calling", 1);
    let made = partner.subscribe(&body).await.expect_status(200).unwrap();
    let person = made.text_at("/personId").to_owned();
    let customer = partner.get(&Partner::customer_path(&customer)).await;
    let organization = customer.text_at("/orgId");
    let path = format!("/identity/organizations/{organization}/users/{person}/actions/generateOtp");
    let made = partner.post(&path, &json!({})).await;
    let made = made.expect_status(200).unwrap();
    let seconds = made.body["expiresIn"].as_i64().unwrap();
    assert!((60..=7 * 86_400).contains(&seconds), "{}", made.text);
    made.text_at("/oneTimePassword").to_owned()
}

/// Tries a password for an address.
async fn try_password(browser: &mut Browser, email: &str, password: &str) {
    browser.open("/sign-in").await;
    // a sign-in that was left is resumed
    if browser.sees("value=\"restart\"") {
        browser.send("value=\"restart\"", &[]).await;
    }
    browser
        .send("value=\"identify\"", &[("email", email)])
        .await;
    assert!(browser.sees("Enter your password"), "{}", browser.page());
    browser
        .send("value=\"password\"", &[("password", password)])
        .await;
}

async fn a_person_gets_a_one_time_password_chooses_its_own_and_signs_out(stage: &Stage) {
    let partner = stage.partner().await;
    let once = person(&partner).await;

    // the password that is good once leads to one's own
    let mut browser = Browser::new(stage);
    try_password(&mut browser, EMAIL, &once).await;
    assert!(browser.sees("Choose your password"), "{}", browser.page());
    let choose = async |browser: &mut Browser, one: &str, other: &str| {
        let fields = [("new_password", one), ("repeated", other)];
        browser.send("value=\"new_password\"", &fields).await;
    };
    for (one, other, problem) in [
        ("short", "short", "at least 12 characters"),
        (EMAIL, EMAIL, "must not be your email address"),
        (PASSWORD, "another password", "not the same"),
    ] {
        choose(&mut browser, one, other).await;
        assert_eq!(browser.status, 400);
        assert!(browser.sees(problem), "{problem}: {}", browser.page());
    }
    choose(&mut browser, PASSWORD, PASSWORD).await;
    assert_eq!(browser.status, 200);
    assert!(
        browser.sees("Your account") && browser.sees(EMAIL),
        "{}",
        browser.page()
    );
    assert!(browser.sees("Firefox, Linux") && browser.sees("This browser"));

    // a32: good once
    let mut other = Browser::new(stage);
    try_password(&mut other, EMAIL, &once).await;
    assert_eq!(other.status, 400);
    assert!(other.sees("do not match"), "{}", other.page());

    // its own password from now on, in a second browser, which ends the first one's session
    try_password(&mut other, EMAIL, PASSWORD).await;
    assert!(other.sees("Your account"), "{}", other.page());
    other.send("name=\"session_id\"", &[]).await;
    browser.open("/sign-in/account").await;
    assert!(browser.sees("Email address"), "{}", browser.page());

    // a34: the session changes with each sign-in, and a cookie that was kept is worth nothing later
    let before = other.cookies();
    other.open("/sign-in/account").await;
    assert!(other.sees("Your account"));
    other.send("class=\"main\"", &[]).await;
    assert!(other.sees("You are signed out"), "{}", other.page());
    other.set_cookies(before);
    other.open("/sign-in/account").await;
    assert!(other.sees("Email address"), "{}", other.page());
}

async fn a30_a_stranger_learns_nothing_from_the_pages(stage: &Stage) {
    let partner = stage.partner().await;
    person(&partner).await;
    let mut pages = Vec::new();
    for email in [EMAIL, "nobody@nowhere.example"] {
        let mut browser = Browser::new(stage);
        let mut seen = Vec::new();
        for _ in 0..7 {
            try_password(&mut browser, email, "a wrong password").await;
            let page = browser.page().replace(email, "");
            // but for the form's own text, which is random
            let page: Vec<String> = page
                .lines()
                .filter(|line| !line.contains("name=\"form\""))
                .map(str::to_owned)
                .collect();
            seen.push((browser.status, page));
        }
        assert!(browser.sees("Too many tries"), "{}", browser.page());
        pages.push(seen);
    }
    assert_eq!(pages[0], pages[1]);
}
