//! S54, S86: logout messages, and what is signed in an address.

use chrono::TimeDelta;

use super::super::{
    consumer::verify_message,
    logout::{read_request, read_response},
    request::{
        Parameter, Redirected, authn_request, logout_request, logout_response, redirect_url,
    },
    settings::Subject,
};
use super::{
    forge::{Shape, behind_issuer, signature},
    *,
};

/// The provider, as a sender: names and places the other way round.
fn theirs() -> Ours {
    Ours {
        entity_id: ISSUER.to_owned(),
        acs_url: String::new(),
        slo_url: String::new(),
    }
}

fn alice() -> Subject {
    Subject {
        value: "alice-4711".to_owned(),
        format: super::forge::PERSISTENT.to_owned(),
        name_qualifier: None,
        sp_name_qualifier: None,
    }
}

fn request() -> String {
    let at = ours().slo_url;
    logout_request(
        &theirs(),
        &at,
        "_logout-1",
        &alice(),
        Some("_session-1"),
        now(),
    )
}

fn query(message: &str, parameter: Parameter, key: &OwnKey) -> String {
    let url = redirect_url("https://x.example/", parameter, message, Some("state"), key).unwrap();
    url.split_once('?').unwrap().1.to_owned()
}

fn receive(query: &str) -> Result<super::super::logout::Wish, Refusal> {
    let received = Redirected::read(query, Parameter::Request, Message::LogoutRequest)?;
    received.verify(&provider(), now())?;
    read_request(&received.document, &provider(), &ours(), now())
}

#[test]
fn s87_a_signed_wish_is_read() {
    let wish = receive(&query(&request(), Parameter::Request, &KEYS.provider)).unwrap();
    assert_eq!(wish.subject, alice());
    assert_eq!(wish.session_indexes, ["_session-1"]);
}

#[test]
fn s86_bad_logout_requests() {
    let good = query(&request(), Parameter::Request, &KEYS.provider);
    // unsigned, or signed by another
    let unsigned = good.split_once("&SigAlg=").unwrap().0;
    assert_eq!(receive(unsigned), Err(Refusal::UNSIGNED));
    let (head, _) = good.split_once("&Signature=").unwrap();
    assert_eq!(receive(head), Err(Refusal::UNSIGNED));
    let attackers = query(&request(), Parameter::Request, &KEYS.attacker);
    assert_eq!(receive(&attackers), Err(Refusal::SIGNATURE));
    // over something else
    assert_eq!(
        receive(&good.replace("RelayState=state", "RelayState=other")),
        Err(Refusal::SIGNATURE)
    );
    assert_eq!(
        receive(&good.replace("rsa-sha256", "rsa-sha1")),
        Err(Refusal::ALGORITHM)
    );
    let (message, _) = good.split_once("&RelayState").unwrap();
    assert_eq!(
        receive(&format!("{good}&{message}")),
        Err(Refusal::STRUCTURE)
    );
    // of another, to another, too late
    let saying = |from: &str, to: &str| {
        receive(&query(
            &request().replace(from, to),
            Parameter::Request,
            &KEYS.provider,
        ))
    };
    assert_eq!(
        saying(ISSUER, "https://other.example"),
        Err(Refusal::ISSUER)
    );
    assert_eq!(
        saying(&ours().slo_url, "https://other.example"),
        Err(Refusal::DESTINATION)
    );
    assert_eq!(
        saying("2026-11-21T10:0", "2026-11-21T08:0"),
        Err(Refusal::TIME)
    );
    assert_eq!(
        saying("2026-11-21T10:00:00", "2026-11-21T12:00:00"),
        Err(Refusal::TIME)
    );
    assert_eq!(
        saying("Version=\"2.0\"", "Version=\"1.1\""),
        Err(Refusal::VERSION)
    );
}

#[test]
fn s54_deflate_bomb() {
    let bomb = format!("<x>{}</x>", " ".repeat(50 * 1024 * 1024));
    let query = query(&bomb, Parameter::Request, &KEYS.provider);
    assert!(query.len() < 256 * 1024);
    assert_eq!(receive(&query), Err(Refusal::TOO_LARGE));
    assert_eq!(
        receive("SAMLRequest=AAAA&SigAlg=x&Signature=AAAA"),
        Err(Refusal::ALGORITHM)
    );
}

#[test]
fn s86_posted_requests_are_signed_within() {
    // in canonical form, so that it can be signed here
    let saml = super::forge::SAML;
    let text = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"{}\" Destination=\"{}\" ID=\"_l\" \
         IssueInstant=\"2026-11-21T10:00:00Z\" Version=\"2.0\">{}<saml:NameID \
         xmlns:saml=\"{saml}\">alice-4711</saml:NameID></samlp:LogoutRequest>",
        super::forge::SAMLP,
        ours().slo_url,
        Forge::issuer(ISSUER),
    );
    let read = |text: &str| {
        let plain = guard::posted(&STANDARD.encode(text), Message::LogoutRequest)?;
        verify_message(&provider(), &plain, now())?;
        read_request(&plain, &provider(), &ours(), now())
    };
    let with = |key| behind_issuer(&text, &signature(&text, "_l", key, &Shape::default()));
    assert!(read(&with(&KEYS.provider)).is_ok());
    assert_eq!(read(&text), Err(Refusal::UNSIGNED));
    assert_eq!(read(&with(&KEYS.attacker)), Err(Refusal::SIGNATURE));
    assert_eq!(
        read(&with(&KEYS.provider).replace("alice-4711", "alice-4712")),
        Err(Refusal::SIGNATURE)
    );
}

#[test]
fn s87_an_answer_answers_what_was_asked() {
    let text = logout_response(&theirs(), &ours().slo_url, "_answer", "_ours-1", now());
    let query = query(&text, Parameter::Response, &KEYS.provider);
    let received = Redirected::read(&query, Parameter::Response, Message::LogoutResponse).unwrap();
    received.verify(&provider(), now()).unwrap();
    let read = |id| read_response(&received.document, &provider(), &ours(), id, now());
    assert_eq!(read("_ours-1"), Ok(true));
    assert_eq!(read("_ours-2"), Err(Refusal::IN_RESPONSE_TO));
    let late = now() + TimeDelta::hours(1);
    assert_eq!(
        read_response(&received.document, &provider(), &ours(), "_ours-1", late),
        Err(Refusal::TIME)
    );
}

#[test]
fn s93_our_requests_are_signed() {
    let forcing = Provider {
        force_authentication: true,
        ..provider()
    };
    let text = authn_request(&ours(), &forcing, "_id", now());
    assert!(text.contains("ForceAuthn=\"true\""));
    assert!(!authn_request(&ours(), &provider(), "_id", now()).contains("ForceAuthn"));
    let url = redirect_url(
        &forcing.sign_in_url,
        Parameter::Request,
        &text,
        Some("s"),
        &KEYS.ours,
    )
    .unwrap();
    let query = url.split_once('?').unwrap().1;
    let (signed, signature) = query.split_once("&Signature=").unwrap();
    let signature: String = form_urlencoded::parse(format!("s={signature}").as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned();
    let certificate = Certificate::parse(&KEYS.ours.certificate).unwrap();
    assert!(certificate.verifies(signed.as_bytes(), &STANDARD.decode(signature).unwrap()));
}
