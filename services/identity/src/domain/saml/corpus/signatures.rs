//! S21 to S38: what else can be done to a signature.

use super::{
    forge::{DSIG, ENVELOPED, EXCLUSIVE, Forge, Shape, behind_issuer, signature, signed_info},
    *,
};

fn evil() -> Forge {
    let mut evil = forge();
    evil.name_id = "mallory".to_owned();
    evil.assertion_id = "_evil".to_owned();
    evil
}

fn good() -> String {
    forge().signed_assertion(&KEYS.provider)
}

/// A document whose assertion the provider itself signed in a way of its own.
fn shaped(shape: &Shape) -> String {
    forge().response(&forge().shaped_assertion(&KEYS.provider, shape))
}

#[test]
fn s21_unsigned_assertion_appended() {
    let document = forge().response(&format!("{}{}", good(), evil().assertion()));
    refused(&document, Refusal::STRUCTURE);
}

#[test]
fn s22_unsigned_assertion_prepended() {
    let document = forge().response(&format!("{}{}", evil().assertion(), good()));
    refused(&document, Refusal::STRUCTURE);
}

#[test]
fn s23_genuine_assertion_hidden() {
    let mut evil = evil();
    evil.assertion_id = "_assertion-1".to_owned();
    let hidden = [
        format!("<samlp:Extensions>{}</samlp:Extensions>", good()),
        format!("<samlp:StatusDetail>{}</samlp:StatusDetail>", good()),
        format!("<x>{}</x>", good()),
    ];
    for hidden in hidden {
        let document = forge().response(&format!("{hidden}{}", evil.assertion()));
        assert!(matches!(
            consume(&document),
            Err(Refusal::STRUCTURE | Refusal::IDENTIFIER)
        ));
    }
    let advice = evil.assertion().replace(
        "<saml:AttributeStatement>",
        &format!(
            "<saml:Advice>{}</saml:Advice><saml:AttributeStatement>",
            good()
        ),
    );
    assert!(consume(&forge().response(&advice)).is_err());
    evil.assertion_id = "_other".to_owned();
    let advice = advice.replacen("ID=\"_assertion-1\"", "ID=\"_other\"", 1);
    refused(&forge().response(&advice), Refusal::STRUCTURE);
}

#[test]
fn s24_duplicate_ids() {
    let document =
        forge()
            .document(&KEYS.provider)
            .replacen("ID=\"_response-1\"", "ID=\"_assertion-1\"", 1);
    refused(&document, Refusal::IDENTIFIER);
    let document = forge().document(&KEYS.provider).replacen(
        "<samlp:Status>",
        "<samlp:Status Id=\"_assertion-1\">",
        1,
    );
    refused(&document, Refusal::IDENTIFIER);
}

#[test]
fn s25_namespaced_id_attribute() {
    for attribute in [
        "samlp:ID=\"_assertion-1\"",
        "xml:id=\"_assertion-1\"",
        "samlp:AssertionID=\"_assertion-1\"",
    ] {
        let document = forge().document(&KEYS.provider).replacen(
            "<samlp:Status>",
            &format!("<samlp:Status {attribute}>"),
            1,
        );
        refused(&document, Refusal::IDENTIFIER);
    }
}

#[test]
fn s26_void_canonicalization() {
    for namespace in ["1", "", "relative/path", "../x", "x:", ":x", "urn:&#97;"] {
        for prefix in ["xmlns:x", "xmlns"] {
            let document = forge().document(&KEYS.provider).replacen(
                "<samlp:Response ",
                &format!("<samlp:Response {prefix}=\"{namespace}\" "),
                1,
            );
            refused(&document, Refusal::NAMESPACE);
        }
    }
    // one prefix, two meanings
    let document = forge().document(&KEYS.provider).replacen(
        "<samlp:Status>",
        "<samlp:Status xmlns:saml=\"urn:other\">",
        1,
    );
    refused(&document, Refusal::NAMESPACE);
}

#[test]
fn s27_signature_hoisted() {
    let text = forge().assertion();
    let signature = signature(&text, "_assertion-1", &KEYS.provider, &Shape::default());
    let document = behind_issuer(&forge().response(&text), &signature);
    refused(&document, Refusal::SIGNATURE_SHAPE);
    assert_eq!(
        consume_response_signed(&document),
        Err(Refusal::SIGNATURE_SHAPE)
    );
}

#[test]
fn s28_two_signatures() {
    let text = forge().assertion();
    let one = signature(&text, "_assertion-1", &KEYS.provider, &Shape::default());
    let two = signature(&text, "_assertion-1", &KEYS.attacker, &Shape::default());
    for both in [format!("{one}{two}"), format!("{two}{one}")] {
        let document = forge().response(&behind_issuer(&text, &both));
        refused(&document, Refusal::SIGNATURE_SHAPE);
    }
}

#[test]
fn s29_signature_in_a_foreign_namespace() {
    let document = forge()
        .document(&KEYS.provider)
        .replace(DSIG, "http://www.w3.org/2000/09/xmldsig");
    refused(&document, Refusal::STRUCTURE);
}

#[test]
fn s30_two_signed_infos() {
    let info = signed_info(&evil().assertion(), "_evil", &Shape::default());
    let genuine = forge().document(&KEYS.provider);
    for document in [
        genuine.replacen("<ds:SignedInfo>", &format!("{info}<ds:SignedInfo>"), 1),
        genuine.replacen("</ds:SignedInfo>", &format!("</ds:SignedInfo>{info}"), 1),
    ] {
        refused(&document, Refusal::SIGNATURE_SHAPE);
    }
}

#[test]
fn s31_two_references() {
    let more = format!(
        "<ds:Reference URI=\"#_response-1\"><ds:Transforms><ds:Transform \
         Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"{}\"></ds:DigestMethod><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>",
        super::forge::SHA256
    );
    let shape = Shape {
        more,
        ..Shape::default()
    };
    refused(&shaped(&shape), Refusal::SIGNATURE_SHAPE);
}

#[test]
fn s32_no_reference() {
    let genuine = forge().document(&KEYS.provider);
    let (head, rest) = genuine.split_once("<ds:Reference ").unwrap();
    let (_, tail) = rest.split_once("</ds:Reference>").unwrap();
    refused(&format!("{head}{tail}"), Refusal::SIGNATURE_SHAPE);
}

#[test]
fn s33_empty_reference_uri() {
    for uri in ["", "#", "#xpointer(/)", "#xpointer(id('_assertion-1'))"] {
        let shape = Shape {
            uri: Some(uri.to_owned()),
            ..Shape::default()
        };
        refused(&shaped(&shape), Refusal::SIGNATURE_SHAPE);
    }
    let absent = shaped(&Shape::default()).replacen(" URI=\"#_assertion-1\"", "", 1);
    refused(&absent, Refusal::SIGNATURE_SHAPE);
}

#[test]
fn s34_external_reference_calls_nobody() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for uri in [
        format!("http://127.0.0.1:{port}/assertion.xml"),
        "file:///etc/passwd".to_owned(),
        "cid:assertion".to_owned(),
    ] {
        let shape = Shape {
            uri: Some(uri),
            ..Shape::default()
        };
        refused(&shaped(&shape), Refusal::SIGNATURE_SHAPE);
    }
    assert!(listener.accept().is_err(), "nobody was called");
}

#[test]
fn s35_xslt_transform() {
    let shape = Shape {
        transforms: vec![
            "http://www.w3.org/TR/1999/REC-xslt-19991116".to_owned(),
            EXCLUSIVE.to_owned(),
        ],
        ..Shape::default()
    };
    refused(&shaped(&shape), Refusal::ALGORITHM);
    let stuffed = shaped(&Shape::default()).replacen(
        "enveloped-signature\">",
        "enveloped-signature\"><xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>",
        1,
    );
    refused(&stuffed, Refusal::SIGNATURE_SHAPE);
}

#[test]
fn s36_xpath_transform() {
    for transforms in [
        vec!["http://www.w3.org/TR/1999/REC-xpath-19991116", EXCLUSIVE],
        vec![ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"],
    ] {
        let shape = Shape {
            transforms: transforms.into_iter().map(str::to_owned).collect(),
            ..Shape::default()
        };
        refused(&shaped(&shape), Refusal::ALGORITHM);
    }
    for transforms in [
        vec![],
        vec![ENVELOPED],
        vec![ENVELOPED, EXCLUSIVE, EXCLUSIVE],
    ] {
        let shape = Shape {
            transforms: transforms.into_iter().map(str::to_owned).collect(),
            ..Shape::default()
        };
        refused(&shaped(&shape), Refusal::SIGNATURE_SHAPE);
    }
}

#[test]
fn s37_comment_in_digest_value() {
    let document = forge().document(&KEYS.provider).replacen(
        "<ds:DigestValue>",
        "<ds:DigestValue><!--x-->",
        1,
    );
    refused(&document, Refusal::MARKUP);
    let document =
        forge()
            .document(&KEYS.provider)
            .replacen("<ds:DigestValue>", "<ds:DigestValue><x/>", 1);
    refused(&document, Refusal::SIGNATURE_SHAPE);
}

#[test]
fn s38_canonicalization_with_comments() {
    for algorithm in [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
    ] {
        let of_info = Shape {
            canonicalization: algorithm.to_owned(),
            ..Shape::default()
        };
        refused(&shaped(&of_info), Refusal::ALGORITHM);
        let of_reference = Shape {
            transforms: vec![ENVELOPED.to_owned(), algorithm.to_owned()],
            ..Shape::default()
        };
        refused(&shaped(&of_reference), Refusal::ALGORITHM);
    }
}
