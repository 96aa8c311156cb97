//! S13 to S20: the eight ways of wrapping, each with the assertion signed and with the response signed. In
//! each the genuine signature still verifies, over an element that has been moved.

use super::{
    forge::{Forge, behind_issuer, signature},
    *,
};

/// Mallory, in an assertion of another id.
fn evil() -> Forge {
    let mut evil = forge();
    evil.name_id = "mallory".to_owned();
    evil.assertion_id = "_evil".to_owned();
    evil
}

fn genuine_assertion() -> String {
    forge().signed_assertion(&KEYS.provider)
}

/// The signature of the genuine assertion alone.
fn genuine_signature() -> String {
    signature(
        &forge().assertion(),
        "_assertion-1",
        &KEYS.provider,
        &forge::Shape::default(),
    )
}

fn genuine_response() -> String {
    forge().signed_response(&forge().assertion(), &KEYS.provider)
}

fn response_signature() -> String {
    signature(
        &forge().response(&forge().assertion()),
        "_response-1",
        &KEYS.provider,
        &forge::Shape::default(),
    )
}

/// An evil response around something.
fn evil_response(inner: &str) -> String {
    let mut evil = evil();
    evil.response_id = "_evil-response".to_owned();
    evil.response(inner)
}

#[track_caller]
fn refused_in_both(document: &str) {
    for result in [consume(document), consume_response_signed(document)] {
        let refusal = result.expect_err("nobody gets in");
        assert!(
            [
                Refusal::STRUCTURE,
                Refusal::SIGNATURE_SHAPE,
                Refusal::IDENTIFIER,
                Refusal::SIGNATURE,
                Refusal::UNSIGNED
            ]
            .contains(&refusal),
            "{refusal}"
        );
    }
}

#[test]
fn s13_wrapping_1() {
    // an evil response whose signature holds the genuine response behind itself
    let signature = response_signature().replace(
        "</ds:Signature>",
        &format!("{}</ds:Signature>", forge().response(&forge().assertion())),
    );
    let document = behind_issuer(&evil_response(&evil().assertion()), &signature);
    refused(&document, Refusal::STRUCTURE);
    refused_in_both(&document);
}

#[test]
fn s14_wrapping_2() {
    // the signature before the genuine response, both within the evil one
    let inner = format!(
        "{}{}{}",
        response_signature(),
        forge().response(&forge().assertion()),
        evil().assertion()
    );
    refused_in_both(&evil_response(&inner));
}

#[test]
fn s15_wrapping_3() {
    // the evil assertion before the genuine one
    let document = forge().response(&format!("{}{}", evil().assertion(), genuine_assertion()));
    refused(&document, Refusal::STRUCTURE);
    refused_in_both(&document);
}

#[test]
fn s16_wrapping_4() {
    // the genuine assertion as a child of the evil one
    let inner = evil().assertion().replace(
        "</saml:Assertion>",
        &format!("{}</saml:Assertion>", genuine_assertion()),
    );
    refused_in_both(&forge().response(&inner));
}

#[test]
fn s17_wrapping_5() {
    // the evil assertion carries the genuine signature, the genuine assertion stands at the end
    let inner = format!(
        "{}{}",
        behind_issuer(&evil().assertion(), &genuine_signature()),
        forge().assertion()
    );
    refused_in_both(&forge().response(&inner));
}

#[test]
fn s18_wrapping_6() {
    // evil assertion, in it the signature, in that the genuine assertion
    let signature = genuine_signature().replace(
        "</ds:Signature>",
        &format!("{}</ds:Signature>", forge().assertion()),
    );
    refused_in_both(&forge().response(&behind_issuer(&evil().assertion(), &signature)));
}

#[test]
fn s19_wrapping_7() {
    // the evil assertion in Extensions, which no schema looks into
    for element in ["samlp:Extensions", "Extensions"] {
        let inner = format!(
            "<{element}>{}</{element}>{}",
            evil().assertion(),
            genuine_assertion()
        );
        refused_in_both(&forge().response(&inner));
    }
}

#[test]
fn s20_wrapping_8() {
    // the genuine assertion in an Object of the signature of the evil one
    let signature = genuine_signature().replace(
        "</ds:Signature>",
        &format!(
            "<ds:Object>{}</ds:Object></ds:Signature>",
            forge().assertion()
        ),
    );
    refused_in_both(&forge().response(&behind_issuer(&evil().assertion(), &signature)));
    let response = genuine_response();
    let signature = response_signature().replace(
        "</ds:Signature>",
        &format!("<ds:Object>{response}</ds:Object></ds:Signature>"),
    );
    refused_in_both(&behind_issuer(
        &evil_response(&evil().assertion()),
        &signature,
    ));
}
