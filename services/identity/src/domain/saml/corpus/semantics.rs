//! S61 to S80: genuine signatures under what is meant for others, or means something else.

use super::{forge::BEARER, *};

fn saying(change: impl FnOnce(&mut Forge)) -> String {
    let mut forged = forge();
    change(&mut forged);
    forged.document(&KEYS.provider)
}

/// The same, with the response signed as well, so that nothing can be put right on the way.
fn both_saying(change: impl FnOnce(&mut Forge)) -> String {
    let mut forged = forge();
    change(&mut forged);
    forged.signed_response(&forged.signed_assertion(&KEYS.provider), &KEYS.provider)
}

#[track_caller]
fn refused_for(change: impl Fn(&mut Forge), refusals: &[Refusal]) {
    for document in [saying(&change), both_saying(&change)] {
        let refusal = consume(&document).expect_err("not for us");
        assert!(refusals.contains(&refusal), "{refusal}");
    }
}

fn other() -> String {
    Ours::new("https://platform.example", uuid::Uuid::from_u128(8)).acs_url
}

#[test]
fn s61_wrong_audience() {
    refused_for(
        |f| f.audiences = vec!["https://other.example".to_owned()],
        &[Refusal::AUDIENCE],
    );
}

#[test]
fn s62_no_audience() {
    refused_for(|f| f.audiences.clear(), &[Refusal::AUDIENCE]);
}

#[test]
fn s63_two_audience_restrictions() {
    refused_for(
        |f| f.audiences.push("https://other.example".to_owned()),
        &[Refusal::AUDIENCE],
    );
    refused_for(
        |f| f.audiences.insert(0, "https://other.example".to_owned()),
        &[Refusal::AUDIENCE],
    );
    assert!(consume(&saying(|f| f.audiences.push(f.audiences[0].clone()))).is_ok());
}

const CONFIRMATION: [Refusal; 2] = [Refusal::CONFIRMATION, Refusal::RECIPIENT];

#[test]
fn s64_wrong_recipient() {
    refused_for(
        |f| f.recipient = Some("https://other.example/acs".to_owned()),
        &CONFIRMATION,
    );
}

#[test]
fn s65_no_recipient() {
    refused_for(|f| f.recipient = None, &CONFIRMATION);
}

#[test]
fn s66_wrong_destination() {
    refused_for(
        |f| f.destination = Some("https://other.example/acs".to_owned()),
        &[Refusal::DESTINATION],
    );
    // who signs the response says where it goes
    let silent = |f: &mut Forge| f.destination = None;
    assert_eq!(consume(&both_saying(silent)), Err(Refusal::DESTINATION));
    assert!(consume(&saying(silent)).is_ok());
}

#[test]
fn s67_acs_of_another_tenant() {
    refused_for(
        |f| {
            f.recipient = Some(other());
            f.destination = Some(other());
        },
        &[Refusal::DESTINATION],
    );
    refused_for(|f| f.recipient = Some(other()), &CONFIRMATION);
}

#[test]
fn s68_in_response_to_of_another() {
    let refusals = [Refusal::IN_RESPONSE_TO, Refusal::CONFIRMATION];
    for request in [None, Some("_request-2".to_owned())] {
        refused_for(|f| f.in_response_to = request.clone(), &refusals);
        refused_for(|f| f.confirmed_for = request.clone(), &refusals);
        refused_for(
            |f| {
                f.in_response_to = request.clone();
                f.confirmed_for = request.clone();
            },
            &refusals,
        );
    }
}

#[test]
fn s69_unsolicited() {
    let nobody = Expected {
        request_id: None,
        fresh_since: None,
    };
    let document = saying(|f| {
        f.in_response_to = None;
        f.confirmed_for = None;
    });
    let consume_as = |document: &str, provider: &Provider| {
        consume_with(document.as_bytes(), provider, &nobody, now())
    };
    assert_eq!(
        consume_as(&document, &provider()),
        Err(Refusal::UNSOLICITED)
    );
    let allowing = Provider {
        unsolicited_allowed: true,
        ..provider()
    };
    assert!(consume_as(&document, &allowing).is_ok());
    // an answer to somebody's request is not one that nobody asked for
    assert_eq!(
        consume_as(&saying(|_| {}), &allowing),
        Err(Refusal::IN_RESPONSE_TO)
    );
}

#[test]
fn s73_wrong_assertion_issuer() {
    refused_for(
        |f| f.assertion_issuer = "https://other.example".to_owned(),
        &[Refusal::ISSUER],
    );
}

#[test]
fn s74_wrong_response_issuer() {
    refused_for(
        |f| f.response_issuer = "https://other.example".to_owned(),
        &[Refusal::ISSUER],
    );
}

#[test]
fn s75_status_is_no_success() {
    refused_for(
        |f| f.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned(),
        &[Refusal::STATUS],
    );
    let denied = forge().response("").replace(
        super::forge::SUCCESS,
        "urn:oasis:names:tc:SAML:2.0:status:Requester",
    );
    refused(&denied, Refusal::STATUS);
}

#[test]
fn s76_version_1_1() {
    let refusals = [Refusal::VERSION, Refusal::PROTOCOL];
    refused_for(|f| f.response_version = "1.1".to_owned(), &refusals);
    refused_for(|f| f.assertion_version = "1.1".to_owned(), &refusals);
}

#[test]
fn s77_unknown_condition() {
    for condition in [
        "<saml:Condition></saml:Condition>",
        "<x:Mine xmlns:x=\"urn:x\"></x:Mine>",
    ] {
        refused_for(
            |f| f.more_conditions = condition.to_owned(),
            &[Refusal::CONDITION],
        );
    }
    let known =
        |f: &mut Forge| "<saml:OneTimeUse></saml:OneTimeUse>".clone_into(&mut f.more_conditions);
    assert!(consume(&saying(known)).is_ok());
}

#[test]
fn s78_no_authn_statement() {
    refused_for(|f| f.authenticated = None, &[Refusal::AUTHENTICATION]);
}

#[test]
fn s79_holder_of_key_only() {
    refused_for(
        |f| f.method = BEARER.replace("bearer", "holder-of-key"),
        &[Refusal::CONFIRMATION],
    );
}

#[test]
fn s80_two_genuine_assertions() {
    let mut second = forge();
    second.assertion_id = "_assertion-2".to_owned();
    let document = forge().response(&format!(
        "{}{}",
        forge().signed_assertion(&KEYS.provider),
        second.signed_assertion(&KEYS.provider)
    ));
    refused(&document, Refusal::STRUCTURE);
}

#[test]
fn a_name_that_changes_each_time_names_nobody() {
    let text = forge()
        .assertion()
        .replace(super::forge::PERSISTENT, super::super::settings::TRANSIENT);
    let signature = super::forge::signature(
        &text,
        "_assertion-1",
        &KEYS.provider,
        &super::forge::Shape::default(),
    );
    let document = forge().response(&super::forge::behind_issuer(&text, &signature));
    refused(&document, Refusal::TRANSIENT);
}

#[test]
fn names_must_be_clean() {
    for name in [
        " alice",
        "alice ",
        "",
        "al\u{200b}ice\u{7}",
        &"a".repeat(257),
    ] {
        let document = saying(|f| f.name_id = name.to_owned());
        assert!(consume(&document).is_err(), "{name:?}");
    }
}
