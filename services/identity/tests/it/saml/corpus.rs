//! Attacks of each kind through the database: nobody comes in, the browser hears one word, and the audit has
//! the reason. All of the checklist is tried beside the code (`domain::saml::corpus`).

use chrono::TimeDelta;

use super::{
    forge::Forge,
    registry::{ATTACKER, Bound, PROVIDER},
    visitor::Visitor,
};
use crate::it::world::World;

/// Writes what an attacker sends, from what the provider would say.
type Write = Box<dyn Fn(&mut Forge) -> String>;

const ALICE: &str = "alice@acme.example";

#[tokio::test]
async fn s2_to_s85_nobody_comes_in_and_the_audit_has_the_reason() {
    let world = World::new().await;
    let bound = Bound::new(&world, "acme").await;
    world.enrol(&bound.customer, ALICE).await.unwrap();
    let now = world.context.clock.now();
    let evil = |answer: &Forge| {
        let mut evil = answer.clone();
        "mallory".clone_into(&mut evil.name_id);
        "_evil".clone_into(&mut evil.assertion_id);
        evil
    };
    let signed = |change: fn(&mut Forge)| -> Write {
        Box::new(move |answer| {
            change(answer);
            answer.document(&PROVIDER)
        })
    };
    let cases: Vec<(&str, Write)> = vec![
        ("UNSIGNED", Box::new(|a| a.response(&a.assertion()))),
        ("SIGNATURE", Box::new(|a| a.document(&ATTACKER))),
        (
            "SIGNATURE",
            Box::new(|a| a.document(&PROVIDER).replace("alice-4711", "alice-4712")),
        ),
        (
            "STRUCTURE",
            Box::new(move |a| {
                let both = format!("{}{}", evil(a).assertion(), a.signed_assertion(&PROVIDER));
                a.response(&both)
            }),
        ),
        (
            "MARKUP",
            Box::new(|a| format!("<!DOCTYPE x>{}", a.document(&PROVIDER))),
        ),
        (
            "MARKUP",
            signed(|a| "admin<!---->.evil".clone_into(&mut a.name_id)),
        ),
        (
            "ALGORITHM",
            Box::new(|a| a.document(&PROVIDER).replace("rsa-sha256", "rsa-sha1")),
        ),
        ("AUDIENCE", signed(|a| a.audiences.clear())),
        (
            "ISSUER",
            signed(|a| "https://other.example".clone_into(&mut a.response_issuer)),
        ),
        (
            "IN_RESPONSE_TO",
            signed(|a| a.in_response_to = Some("_other".to_owned())),
        ),
        ("STATUS", signed(|a| "urn:no".clone_into(&mut a.status))),
        ("AUTHENTICATION", signed(|a| a.authenticated = None)),
        (
            "TIME",
            signed(|a| a.not_on_or_after = a.now - TimeDelta::hours(1)),
        ),
        ("MALFORMED", Box::new(|_| "\u{0}".repeat(3))),
    ];
    for (reason, write) in cases {
        let mut visitor = Visitor::new(&world);
        let asked = visitor.leave(ALICE).await;
        let mut answer = bound.answer(Some(&asked.id), now);
        let document = write(&mut answer);
        let next = visitor
            .post(bound.id(), &document, &asked.relay_state)
            .await;
        let reason = if reason == "ENCODING" {
            "MALFORMED"
        } else {
            reason
        };
        world.expect_refused(next, reason).await;
        // and nobody tries twice with one round trip
        let genuine = bound.answer(Some(&asked.id), now).document(&PROVIDER);
        let next = visitor.post(bound.id(), &genuine, &asked.relay_state).await;
        world.expect_refused(next, "ROUND_TRIP").await;
    }
}
