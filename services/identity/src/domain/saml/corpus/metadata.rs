//! S5, S7, S88: metadata of providers, and ours.

use super::super::metadata::{BadMetadata, import, of_ours};
use super::*;

const NAMES: &str = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
                     xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

fn key(certificate: &str) -> String {
    format!(
        "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\
         {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}

fn role(name: &str, keys: &str, location: &str) -> String {
    format!(
        "<md:{name} protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{location}\"></md:SingleSignOnService></md:{name}>"
    )
}

fn entity(attributes: &str, inner: &str) -> String {
    format!(
        "<md:EntityDescriptor {NAMES} entityID=\"{ISSUER}\"{attributes}>{inner}</md:EntityDescriptor>"
    )
}

const LOCATION: &str = "https://idp.acme.example/sso";

fn good() -> String {
    entity(
        "",
        &role(
            "IDPSSODescriptor",
            &key(&KEYS.provider.certificate),
            LOCATION,
        ),
    )
}

#[track_caller]
fn refused(document: &str, wrong: BadMetadata) {
    assert_eq!(import(document, false, now()), Err(wrong));
}

#[test]
fn s88_a_plain_description_is_read() {
    let imported = import(&good(), false, now()).unwrap();
    assert_eq!(imported.entity_id, ISSUER);
    assert_eq!(imported.sign_in_url, LOCATION);
    assert_eq!(imported.certificates.len(), 1);
    // people write comments
    let noted = format!("<?xml version=\"1.0\"?>\n<!-- ours -->{}", good());
    assert_eq!(import(&noted, false, now()), Ok(imported));
}

#[test]
fn s5_metadata_without_a_certificate_is_refused() {
    refused(
        &entity("", &role("IDPSSODescriptor", "", LOCATION)),
        BadMetadata::NoCertificate,
    );
    let encryption = key(&KEYS.provider.certificate).replace("signing", "encryption");
    refused(
        &entity("", &role("IDPSSODescriptor", &encryption, LOCATION)),
        BadMetadata::NoCertificate,
    );
    let broken = entity("", &role("IDPSSODescriptor", &key("AAAA"), LOCATION));
    assert!(matches!(
        import(&broken, false, now()),
        Err(BadMetadata::Certificate(_))
    ));
}

#[test]
fn s7_certificates_that_have_ended_are_refused() {
    let late = Certificate::parse(&KEYS.provider.certificate)
        .unwrap()
        .ends_at;
    assert_eq!(
        import(&good(), false, late),
        Err(BadMetadata::CertificatesExpired)
    );
}

#[test]
fn s88_several_providers() {
    let inner = role(
        "IDPSSODescriptor",
        &key(&KEYS.provider.certificate),
        LOCATION,
    );
    let one = entity("", &inner);
    let list = |entities: &str| {
        format!("<md:EntitiesDescriptor {NAMES}>{entities}</md:EntitiesDescriptor>")
    };
    assert!(import(&list(&one), false, now()).is_ok());
    refused(&list(&format!("{one}{one}")), BadMetadata::Several);
    refused(
        &entity("", &format!("{inner}{inner}")),
        BadMetadata::Several,
    );
    refused(&list(""), BadMetadata::WrongRole);
}

#[test]
fn s88_a_huge_file() {
    let huge = good().replace(
        "</md:EntityDescriptor>",
        &format!("{}</md:EntityDescriptor>", " ".repeat(1024 * 1024)),
    );
    refused(&huge, BadMetadata::Unreadable(Refusal::TOO_LARGE));
}

#[test]
fn s88_the_wrong_role() {
    let service = role(
        "SPSSODescriptor",
        &key(&KEYS.provider.certificate),
        LOCATION,
    );
    refused(&entity("", &service), BadMetadata::WrongRole);
    refused("<x/>", BadMetadata::WrongRole);
    let old = good().replace("SAML:2.0:protocol\"", "SAML:1.1:protocol\"");
    refused(&old, BadMetadata::WrongRole);
}

#[test]
fn s88_valid_until_has_passed() {
    let inner = role(
        "IDPSSODescriptor",
        &key(&KEYS.provider.certificate),
        LOCATION,
    );
    let until = |at: &str| entity(&format!(" validUntil=\"{at}\""), &inner);
    refused(&until("2026-11-20T00:00:00Z"), BadMetadata::Expired);
    assert!(import(&until("2026-11-22T00:00:00Z"), false, now()).is_ok());
}

#[test]
fn s88_locations() {
    for location in [
        "http://idp.acme.example/sso",
        "javascript:alert(1)",
        "https://u:p@idp.acme.example/",
        "https://idp.acme.example/#x",
        "data:text/html,x",
        "/sso",
        "",
    ] {
        let inner = role(
            "IDPSSODescriptor",
            &key(&KEYS.provider.certificate),
            location,
        );
        refused(&entity("", &inner), BadMetadata::Location);
    }
    let inner = role(
        "IDPSSODescriptor",
        &key(&KEYS.provider.certificate),
        "http://127.0.0.1:8801/sso",
    );
    assert!(import(&entity("", &inner), true, now()).is_ok());
}

#[test]
fn s88_signed_with_the_wrong_key() {
    use super::forge::{Shape, signature};
    let text = entity(
        " ID=\"_m\"",
        &role(
            "IDPSSODescriptor",
            &key(&KEYS.provider.certificate),
            LOCATION,
        ),
    )
    // in canonical form
    .replace(
        &format!("{NAMES} entityID=\"{ISSUER}\" ID=\"_m\""),
        &format!(
            "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_m\" entityID=\"{ISSUER}\""
        ),
    )
    .replace(
        "<ds:KeyInfo>",
        "<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
    );
    let with = |key: &OwnKey| {
        let signature = signature(&text, "_m", key, &Shape::default());
        let at = text.find('>').unwrap() + 1;
        format!("{}{signature}{}", &text[..at], &text[at..])
    };
    assert!(import(&with(&KEYS.provider), false, now()).is_ok());
    refused(&with(&KEYS.attacker), BadMetadata::Signature);
}

#[test]
fn s88_markup_is_text() {
    let named = good().replace(
        "</md:EntityDescriptor>",
        "<md:Organization><md:OrganizationName>&lt;script&gt;alert(1)&lt;/script&gt;\
         </md:OrganizationName></md:Organization></md:EntityDescriptor>",
    );
    assert!(import(&named, false, now()).is_ok());
    refused(&good().replace(ISSUER, "a b"), BadMetadata::EntityId);
    refused(
        &format!("<!DOCTYPE x>{}", good()),
        BadMetadata::Unreadable(Refusal::MARKUP),
    );
}

#[test]
fn our_description_says_what_a_provider_needs() {
    let keys = [KEYS.ours.clone(), KEYS.ours_before.clone()];
    let text = of_ours(&ours(), &provider(), &keys);
    let root = super::super::xml::parse(text.trim(), super::super::xml::METADATA).unwrap();
    assert_eq!(root.attribute("entityID"), Some(ours().entity_id.as_str()));
    assert_eq!(text.matches("use=\"signing\"").count(), 2);
    assert_eq!(text.matches("use=\"encryption\"").count(), 0);
    assert!(text.contains(&ours().acs_url) && text.contains("AuthnRequestsSigned=\"true\""));
    let encrypting = Provider {
        assertions_encrypted: true,
        ..provider()
    };
    let text = of_ours(&ours(), &encrypting, &keys);
    assert_eq!(text.matches("use=\"encryption\"").count(), 1);
}
