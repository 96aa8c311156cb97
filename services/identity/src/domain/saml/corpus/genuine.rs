//! S1 to S12: what is genuine, and what is not signed by whom it should be.

use super::{
    forge::{Shape, behind_issuer, signature, x509_info},
    *,
};

#[test]
fn s1_genuine_responses_of_every_signing_mode() {
    let forge = forge();
    let key = &KEYS.provider;
    let asserted = consume(&forge.document(key)).unwrap();
    assert_eq!(asserted.subject.value, "alice-4711");
    assert_eq!(asserted.email(), Some("alice@acme.example"));
    assert_eq!(asserted.session_index.as_deref(), Some("_session-1"));

    let both = forge.signed_response(&forge.signed_assertion(key), key);
    assert_eq!(consume(&both).unwrap().subject.value, "alice-4711");
    assert!(consume_response_signed(&both).is_ok());

    let response = forge.signed_response(&forge.assertion(), key);
    assert!(consume_response_signed(&response).is_ok());
    // that the assertion itself is signed is the rule
    refused(&response, Refusal::UNSIGNED);
    // an assertion alone is not enough where the response is what is signed, and both would be read otherwise
    assert_eq!(
        consume_response_signed(&forge.document(key)),
        Err(Refusal::UNSIGNED)
    );
}

#[test]
fn s2_nothing_signed() {
    let document = forge().response(&forge().assertion());
    refused(&document, Refusal::UNSIGNED);
    assert_eq!(consume_response_signed(&document), Err(Refusal::UNSIGNED));
}

#[test]
fn s3_signature_stripped() {
    let mut forged = forge();
    forged.name_id = "mallory".to_owned();
    refused(&forged.response(&forged.assertion()), Refusal::UNSIGNED);
}

#[test]
fn s4_one_byte_changed() {
    let genuine = forge().document(&KEYS.provider);
    let in_assertion = [
        ("alice-4711", "alice-4712"),
        ("alice@acme.example", "alice@acme.exampl3"),
        (
            "InResponseTo=\"_request-1\" Not",
            "InResponseTo=\"_request-2\" Not",
        ),
    ];
    for (from, to) in in_assertion {
        let changed = genuine.replacen(from, to, 1);
        assert_ne!(changed, genuine, "{from}");
        refused(&changed, Refusal::SIGNATURE);
    }
    // of the response itself, which nobody signed
    let changed = genuine.replacen(
        "InResponseTo=\"_request-1\"",
        "InResponseTo=\"_request-2\"",
        1,
    );
    refused(&changed, Refusal::IN_RESPONSE_TO);
    let signed = forge().signed_response(&forge().signed_assertion(&KEYS.provider), &KEYS.provider);
    let changed = signed.replacen(
        "InResponseTo=\"_request-1\"",
        "InResponseTo=\"_request-2\"",
        1,
    );
    refused(&changed, Refusal::SIGNATURE);
}

#[test]
fn s6_a_connection_without_certificates_lets_nobody_in() {
    let mut provider = provider();
    provider.certificates.clear();
    for document in [
        forge().document(&KEYS.provider),
        forge().document(&KEYS.attacker),
    ] {
        assert_eq!(
            consume_with(document.as_bytes(), &provider, &expected(), now()),
            Err(Refusal::NO_CERTIFICATE)
        );
    }
}

#[test]
fn s7_an_expired_certificate_is_refused() {
    let mut provider = provider();
    let late = provider.certificates[0].ends_at;
    let ours = ours();
    let forged = Forge::genuine(ISSUER, &ours.acs_url, &ours.entity_id, Some(REQUEST), late);
    let document = forged.document(&KEYS.provider);
    assert_eq!(
        consume_with(document.as_bytes(), &provider, &expected(), late),
        Err(Refusal::CERTIFICATE_EXPIRED)
    );
    // nor is it of use beside a good one
    let mut good = Certificate::parse(&KEYS.attacker.certificate).unwrap();
    good.ends_at += chrono::TimeDelta::days(1);
    provider.certificates.push(good);
    assert_eq!(
        consume_with(document.as_bytes(), &provider, &expected(), late),
        Err(Refusal::SIGNATURE)
    );
}

#[test]
fn s8_attackers_key_in_key_info() {
    refused(&forge().document(&KEYS.attacker), Refusal::SIGNATURE);
    let both = forge().signed_response(&forge().signed_assertion(&KEYS.attacker), &KEYS.provider);
    refused(&both, Refusal::SIGNATURE);
}

#[test]
fn s9_attackers_key_with_the_genuine_certificate() {
    let shape = Shape {
        key_info: Some(x509_info(&KEYS.provider.certificate)),
        ..Shape::default()
    };
    let document = forge().response(&forge().shaped_assertion(&KEYS.attacker, &shape));
    refused(&document, Refusal::SIGNATURE);
}

#[test]
fn s10_key_value_only() {
    let shape = Shape {
        key_info: Some(
            "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus>\
             <ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
                .to_owned(),
        ),
        ..Shape::default()
    };
    let document = forge().response(&forge().shaped_assertion(&KEYS.attacker, &shape));
    refused(&document, Refusal::SIGNATURE);
    // somebody else's address for a key is not followed
    let shape = Shape {
        key_info: Some(
            "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"></ds:RetrievalMethod>\
             </ds:KeyInfo>"
                .to_owned(),
        ),
        ..Shape::default()
    };
    let document = forge().response(&forge().shaped_assertion(&KEYS.provider, &shape));
    refused(&document, Refusal::STRUCTURE);
}

#[test]
fn s11_hmac_with_the_certificate() {
    use aws_lc_rs::hmac;
    let text = forge().assertion();
    let shape = Shape {
        method: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256".to_owned(),
        ..Shape::default()
    };
    let info = super::forge::signed_info(&text, "_assertion-1", &shape).replacen(
        "<ds:SignedInfo>",
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
        1,
    );
    let key = STANDARD.decode(&KEYS.provider.certificate).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), info.as_bytes());
    let signed = signature(&text, "_assertion-1", &KEYS.provider, &shape);
    let (head, rest) = signed.split_once("<ds:SignatureValue>").unwrap();
    let (_, tail) = rest.split_once("</ds:SignatureValue>").unwrap();
    let signed = format!(
        "{head}<ds:SignatureValue>{}</ds:SignatureValue>{tail}",
        STANDARD.encode(tag)
    );
    let document = forge().response(&behind_issuer(&text, &signed));
    refused(&document, Refusal::ALGORITHM);
}

#[test]
fn s12_weak_algorithms() {
    let methods = [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "none",
        "",
    ];
    for method in methods {
        let shape = Shape {
            method: method.to_owned(),
            ..Shape::default()
        };
        let document = forge().response(&forge().shaped_assertion(&KEYS.provider, &shape));
        refused(&document, Refusal::ALGORITHM);
    }
    for digest in [
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
    ] {
        let shape = Shape {
            digest: digest.to_owned(),
            ..Shape::default()
        };
        let document = forge().response(&forge().shaped_assertion(&KEYS.provider, &shape));
        refused(&document, Refusal::ALGORITHM);
    }
}
