//! The attacks of the checklist (S1 to S85), against guard, library and policy as they stand together.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};

use super::{
    certificate::{Certificate, OwnKey},
    consumer::{Consumer, SamlRs},
    guard::{self, Message},
    refusal::Refusal,
    settings::{Asserted, Expected, Ours, Provider},
};

mod encryption;
mod forge;
mod genuine;
mod logout;
mod metadata;
mod semantics;
mod signatures;
mod time;
mod wrapping;
mod xml;

use forge::Forge;

const ISSUER: &str = "https://idp.acme.example/metadata";
const REQUEST: &str = "_request-1";

/// Keys take long to make, so there are four.
struct Keys {
    provider: OwnKey,
    attacker: OwnKey,
    ours: OwnKey,
    ours_before: OwnKey,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let make = |name, serial| OwnKey::make(name, [serial; 16], now()).unwrap();
    Keys {
        provider: make("provider", 1),
        attacker: make("provider", 2),
        ours: make("entrepot", 3),
        ours_before: make("entrepot", 4),
    }
});

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn ours() -> Ours {
    Ours::new("https://platform.example", uuid::Uuid::from_u128(7))
}

fn provider() -> Provider {
    Provider {
        entity_id: ISSUER.to_owned(),
        sign_in_url: "https://idp.acme.example/sso".to_owned(),
        sign_out_url: Some("https://idp.acme.example/slo".to_owned()),
        sign_out_response_url: None,
        certificates: vec![Certificate::parse(&KEYS.provider.certificate).unwrap()],
        response_signed_only: false,
        assertions_encrypted: false,
        unsolicited_allowed: false,
        force_authentication: false,
    }
}

fn response_signed_only() -> Provider {
    Provider {
        response_signed_only: true,
        ..provider()
    }
}

fn expected() -> Expected {
    Expected {
        request_id: Some(REQUEST.to_owned()),
        fresh_since: None,
    }
}

fn forge() -> Forge {
    let ours = ours();
    Forge::genuine(ISSUER, &ours.acs_url, &ours.entity_id, Some(REQUEST), now())
}

/// All that happens to a document.
fn consume_with(
    document: &[u8],
    provider: &Provider,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<Asserted, Refusal> {
    let plain = guard::posted(&STANDARD.encode(document), Message::Response)?;
    let keys = [KEYS.ours.clone(), KEYS.ours_before.clone()];
    SamlRs.consume(provider, &ours(), &keys, expected, &plain, now)
}

fn consume(document: &str) -> Result<Asserted, Refusal> {
    consume_with(document.as_bytes(), &provider(), &expected(), now())
}

fn consume_response_signed(document: &str) -> Result<Asserted, Refusal> {
    consume_with(
        document.as_bytes(),
        &response_signed_only(),
        &expected(),
        now(),
    )
}

#[track_caller]
fn refused(document: &str, refusal: Refusal) {
    assert_eq!(consume(document), Err(refusal));
}
