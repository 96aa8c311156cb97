//! What clients find out by themselves.

use axum::body::Body;
use http::Request;
use proto::identity::v1::{ListKeysRequest, ListKeysResponse, VerificationKey};
use serde_json::{Value, json};

use crate::stage::{Answer, Contexts, Stage};

const ISSUER: &str = "https://api.example.net";
const DOCUMENTS: [&str; 3] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/v1/jwks",
];

fn stage() -> Stage {
    let key = |key_id: &str, algorithm: &str, y: &str| VerificationKey {
        key_id: key_id.to_owned(),
        x: "eA".to_owned(),
        algorithm: algorithm.to_owned(),
        y: y.to_owned(),
    };
    let keys = vec![key("one", "EdDSA", ""), key("two", "ES256", "eQ")];
    Contexts::default()
        .on(
            "/entrepot.identity.v1.Tokens/ListKeys",
            move |_: &ListKeysRequest| {
                Ok(ListKeysResponse {
                    keys: keys.clone(),
                    issuer: ISSUER.to_owned(),
                })
            },
        )
        .stage()
}

async fn get(stage: &Stage, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(Request::get(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    stage.send(request.body(Body::empty()).unwrap()).await
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn a26_the_key_set_may_be_kept_for_five_minutes() {
    let stage = stage();
    let answer = get(&stage, "/v1/jwks", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let wanted = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": "eA"},
        {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "two", "x": "eA", "y": "eQ"},
    ]});
    assert_eq!(body(&answer), wanted);

    for path in DOCUMENTS {
        let answer = get(&stage, path, &[]).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.len() > 40 && tag.starts_with('"'), "{path}: {tag}");
        for known in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = get(&stage, path, &[("if-none-match", &known)]).await;
            assert_eq!(
                (again.status.as_u16(), again.body.len()),
                (304, 0),
                "{path}"
            );
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), "public, max-age=300");
        }
        let other = get(&stage, path, &[("if-none-match", "\"x\"")]).await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a36_no_header_changes_the_issuer() {
    let stage = stage();
    for headers in [
        &[][..],
        &[("host", "evil.example")],
        &[
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
        ],
        &[("forwarded", "host=evil.example;proto=http")],
    ] {
        for path in &DOCUMENTS[..2] {
            let answer = get(&stage, path, headers).await;
            let described = body(&answer);
            assert_eq!(described["issuer"], ISSUER);
            let text = String::from_utf8(answer.body).unwrap();
            assert!(!text.contains("evil"), "{text}");
        }
    }
}

#[tokio::test]
async fn a27_what_is_described_is_there() {
    let stage = stage();
    let described = body(&get(&stage, DOCUMENTS[0], &[]).await);
    assert_eq!(described, body(&get(&stage, DOCUMENTS[1], &[]).await));
    assert_eq!(
        described["grant_types_supported"],
        json!(["client_credentials"])
    );
    let fields = described.as_object().unwrap();
    assert!(!fields.contains_key("authorization_endpoint"));
    for name in ["jwks_uri", "token_endpoint", "service_documentation"] {
        let path = described[name]
            .as_str()
            .unwrap()
            .strip_prefix(ISSUER)
            .unwrap();
        let answer = get(&stage, path, &[]).await;
        assert_ne!(answer.status, 404, "{name}");
    }
}
