//! S81 to S85: encrypted assertions. With one key everybody can encrypt, so it proves nothing.

use saml_rs::crypto::{construct_saml_signature, enc::encrypt_assertion, keys::load_private_key};

use super::*;

const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

fn encrypted() -> Provider {
    Provider {
        assertions_encrypted: true,
        ..provider()
    }
}

fn encrypt(document: &str, key: &OwnKey, algorithm: &str) -> String {
    encrypt_assertion(document, &key.certificate, algorithm, OAEP, "saml").unwrap()
}

fn sign_response(document: &str, key: &OwnKey) -> String {
    let pem = load_private_key(&key.pem(), None).unwrap();
    construct_saml_signature(
        document,
        true,
        &pem,
        &key.certificate,
        super::forge::RSA_SHA256,
        &[],
        None,
    )
    .unwrap()
}

fn open(document: &str) -> Result<Asserted, Refusal> {
    consume_with(document.as_bytes(), &encrypted(), &expected(), now())
}

#[test]
fn s1_genuine_encrypted_responses() {
    let signed = forge().document(&KEYS.provider);
    for key in [&KEYS.ours, &KEYS.ours_before] {
        let document = encrypt(&signed, key, GCM);
        assert_eq!(open(&document).unwrap().subject.value, "alice-4711");
        for algorithm in [GCM, CBC] {
            let document = sign_response(&encrypt(&signed, key, algorithm), &KEYS.provider);
            assert_eq!(open(&document).unwrap().subject.value, "alice-4711");
        }
    }
    let response_signed = Provider {
        response_signed_only: true,
        ..encrypted()
    };
    for inner in [signed, forge().response(&forge().assertion())] {
        let document = sign_response(&encrypt(&inner, &KEYS.ours, GCM), &KEYS.provider);
        assert!(consume_with(document.as_bytes(), &response_signed, &expected(), now()).is_ok());
    }
}

#[test]
fn s81_encrypted_and_unsigned() {
    let unsigned = forge().response(&forge().assertion());
    let document = encrypt(&unsigned, &KEYS.ours, GCM);
    assert_eq!(open(&document), Err(Refusal::UNSIGNED));
    // signed by somebody, but not by the provider
    let signed = forge().document(&KEYS.attacker);
    assert!(open(&encrypt(&signed, &KEYS.ours, GCM)).is_err());
    // the response is signed, and the assertion in it is not
    let document = sign_response(&encrypt(&unsigned, &KEYS.ours, GCM), &KEYS.provider);
    assert_eq!(open(&document), Err(Refusal::UNSIGNED));
    // who does not want it encrypted gets none
    let document = encrypt(&forge().document(&KEYS.provider), &KEYS.ours, GCM);
    refused(&document, Refusal::ENCRYPTED);
    // and the other way round
    assert_eq!(
        open(&forge().document(&KEYS.provider)),
        Err(Refusal::NOT_ENCRYPTED)
    );
}

#[test]
fn s82_encrypted_to_another_key() {
    let document = encrypt(&forge().document(&KEYS.provider), &KEYS.attacker, GCM);
    assert_eq!(open(&document), Err(Refusal::DECRYPTION));
}

#[test]
fn s83_cbc_without_outer_signature() {
    let document = encrypt(&forge().document(&KEYS.provider), &KEYS.ours, CBC);
    assert_eq!(open(&document), Err(Refusal::UNSIGNED));
    let document = sign_response(&document, &KEYS.attacker);
    assert_eq!(open(&document), Err(Refusal::SIGNATURE));
}

#[test]
fn s84_rsa_1_5() {
    let document = encrypt(&forge().document(&KEYS.provider), &KEYS.ours, GCM)
        .replace(OAEP, "http://www.w3.org/2001/04/xmlenc#rsa-1_5");
    assert_eq!(open(&document), Err(Refusal::ALGORITHM));
    let document = encrypt(&forge().document(&KEYS.provider), &KEYS.ours, CBC)
        .replace(CBC, "http://www.w3.org/2001/04/xmlenc#tripledes-cbc");
    assert_eq!(open(&document), Err(Refusal::ALGORITHM));
}

#[test]
fn s85_a_changed_ciphertext_of_cbc_is_never_decrypted() {
    // Under CBC a padding error could be told from a wrong signature: here the signature is looked at first,
    // so all changes of the ciphertext end alike.
    let document = sign_response(
        &encrypt(&forge().document(&KEYS.provider), &KEYS.ours, CBC),
        &KEYS.provider,
    );
    let at = document.rfind("<xenc:CipherValue>").unwrap() + "<xenc:CipherValue>".len();
    for offset in [0, 20, 40, 100, 400] {
        let mut bytes = document.clone().into_bytes();
        bytes[at + offset] = if bytes[at + offset] == b'A' {
            b'B'
        } else {
            b'A'
        };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(open(&changed), Err(Refusal::SIGNATURE), "{offset}");
    }
}
