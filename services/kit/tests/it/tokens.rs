//! What passes for an access token, and where the keys come from.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::{
    auth::{Caller, Verifier},
    fault::{Fault, Kind},
    link::Link,
    time::Clock,
};
use proto::identity::v1::{
    ActForSubPartnerRequest, CreateClientRequest, CreatedClient, IssueTokenRequest, IssuedToken,
    ListKeysRequest, ListKeysResponse, VerificationKey,
    tokens_server::{Tokens, TokensServer},
};
use serde_json::{Value, json};
use tonic::{Request, Response, Status, service::Routes};

mod permissions;

const ISSUER: &str = "https://api.example.net";
const NOW: i64 = 1_800_000_000;

/// An identity context that only publishes keys.
#[derive(Clone, Default)]
struct Publisher {
    keys: Arc<Mutex<Vec<VerificationKey>>>,
    asked: Arc<AtomicU32>,
    away: Arc<AtomicBool>,
}

#[tonic::async_trait]
impl Tokens for Publisher {
    async fn issue_token(
        &self,
        _: Request<IssueTokenRequest>,
    ) -> Result<Response<IssuedToken>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn act_for_sub_partner(
        &self,
        _: Request<ActForSubPartnerRequest>,
    ) -> Result<Response<IssuedToken>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_keys(
        &self,
        _: Request<ListKeysRequest>,
    ) -> Result<Response<ListKeysResponse>, Status> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.away.load(Ordering::Relaxed) {
            return Err(Status::unavailable("away"));
        }
        Ok(Response::new(ListKeysResponse {
            keys: self.keys.lock().unwrap().clone(),
            issuer: ISSUER.to_owned(),
        }))
    }

    async fn create_client(
        &self,
        _: Request<CreateClientRequest>,
    ) -> Result<Response<CreatedClient>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

/// A key that signs, published under an id.
struct Key {
    id: &'static str,
    algorithm: Algorithm,
    signer: EncodingKey,
    public: VerificationKey,
}

fn ed25519(id: &'static str) -> Key {
    let pair = Ed25519KeyPair::generate().unwrap();
    Key {
        id,
        algorithm: Algorithm::EdDSA,
        signer: EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref()),
        public: VerificationKey {
            key_id: id.to_owned(),
            x: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            ..VerificationKey::default()
        },
    }
}

fn p256(id: &'static str) -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    Key {
        id,
        algorithm: Algorithm::ES256,
        signer: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()),
        public: VerificationKey {
            key_id: id.to_owned(),
            x: URL_SAFE_NO_PAD.encode(x),
            algorithm: "ES256".to_owned(),
            y: URL_SAFE_NO_PAD.encode(y),
        },
    }
}

struct World {
    publisher: Publisher,
    clock: Clock,
    verifier: Verifier,
    ed: Key,
    ec: Key,
}

impl World {
    fn new() -> Self {
        let (ed, ec) = (ed25519("ed"), p256("ec"));
        let publisher = Publisher::default();
        publisher.publish(&ed);
        publisher.publish(&ec);
        let (link, socket) = Link::here();
        socket.plug(Routes::new(TokensServer::new(publisher.clone())));
        let clock = Clock::manual(DateTime::from_timestamp(NOW, 0).unwrap());
        let verifier = Verifier::new(link, clock.clone());
        Self {
            publisher,
            clock,
            verifier,
            ed,
            ec,
        }
    }

    async fn verify(&self, token: &str) -> Result<Caller, Fault> {
        self.verifier.verify(token).await
    }

    async fn refuses(&self, tokens: Vec<(&str, String)>) {
        for (why, token) in tokens {
            let Err(refusal) = self.verify(&token).await else {
                panic!("{why} passed");
            };
            assert_eq!(refusal.reason, "TOKEN_INVALID", "{why}");
        }
    }

    fn asked(&self) -> u32 {
        self.publisher.asked.load(Ordering::Relaxed)
    }
}

impl Publisher {
    fn publish(&self, key: &Key) {
        self.keys.lock().unwrap().push(key.public.clone());
    }
}

fn header(key: &Key) -> Header {
    let mut header = Header::new(key.algorithm);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key.id.to_owned());
    header
}

fn claims(at: i64) -> Value {
    json!({
        "iss": ISSUER, "aud": ["entrepot-api"], "sub": "client", "exp": at + 600, "iat": at,
        "nbf": at, "jti": "01900000-0000-7000-8000-000000000001", "client_id": "client",
        "scope": "a b", "partner": "01900000-0000-7000-8000-000000000002", "kind": "partner",
        "org": "01900000-0000-7000-8000-000000000002", "org_kind": "partner",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims(NOW);
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims(NOW);
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn sign(key: &Key, claims: &Value) -> String {
    jsonwebtoken::encode(&header(key), claims, &key.signer).unwrap()
}

/// A token with another header; its signature is a real one of the key, over these bytes.
fn headed(key: &Key, header: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(&claims(NOW)));
    let signature =
        jsonwebtoken::crypto::sign(signed.as_bytes(), &key.signer, key.algorithm).unwrap();
    format!("{signed}.{signature}")
}

#[tokio::test]
async fn a24_an_access_token_of_ours_passes_under_both_algorithms() {
    let world = World::new();
    for key in [&world.ed, &world.ec] {
        let caller = world.verify(&sign(key, &claims(NOW))).await.unwrap();
        assert_eq!(
            (caller.subject.as_str(), caller.scopes.len()),
            ("client", 2)
        );
    }
    let head = json!({"alg": "EdDSA", "typ": "application/AT+JWT", "kid": "ed"});
    assert!(world.verify(&headed(&world.ed, &head)).await.is_ok());
    let mut context = with("kind", json!("service"));
    context["aud"] = json!(["entrepot-internal"]);
    assert!(world.verify(&sign(&world.ed, &context)).await.is_ok());
}

#[tokio::test]
async fn a24_only_a_header_of_ours_passes() {
    let world = World::new();
    let good = sign(&world.ed, &claims(NOW));
    assert!(world.verify(&good).await.is_ok());

    let head = |alg: &str, typ: &str, kid: &str| json!({"alg": alg, "typ": typ, "kid": kid});
    let ed = |header: Value| headed(&world.ed, &header);
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.typ = Some("at+jwt".to_owned());
    hmac.kid = Some("ed".to_owned());
    let public = URL_SAFE_NO_PAD.decode(&world.ed.public.x).unwrap();
    let hmac = |secret: &[u8]| {
        jsonwebtoken::encode(&hmac, &claims(NOW), &EncodingKey::from_secret(secret)).unwrap()
    };
    let none = ed(head("none", "at+jwt", "ed"));
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    let own = |mut header: Value, name: &str, value: Value| {
        header[name] = value;
        ed(header)
    };
    let plain = || head("EdDSA", "at+jwt", "ed");
    let stranger = Key {
        id: "ed",
        ..ed25519("x")
    };

    let refused = vec![
        ("no token", "nonsense".to_owned()),
        ("empty", String::new()),
        ("alg none", none),
        ("alg none without a signature", unsigned),
        ("HS256 with the public key", hmac(&public)),
        (
            "HS256 with the public key as it is published",
            hmac(world.ed.public.x.as_bytes()),
        ),
        ("RS256", ed(head("RS256", "at+jwt", "ed"))),
        ("wrong typ", ed(head("EdDSA", "JWT", "ed"))),
        (
            "typ of an id token",
            ed(head("EdDSA", "id_token+jwt", "ed")),
        ),
        (
            "typ of a logout token",
            ed(head("EdDSA", "logout+jwt", "ed")),
        ),
        ("no typ", ed(json!({"alg": "EdDSA", "kid": "ed"}))),
        ("no kid", ed(json!({"alg": "EdDSA", "typ": "at+jwt"}))),
        ("unknown kid", ed(head("EdDSA", "at+jwt", "../ed"))),
        (
            "kid of the other algorithm",
            ed(head("EdDSA", "at+jwt", "ec")),
        ),
        (
            "algorithm of the other key",
            ed(head("ES256", "at+jwt", "ed")),
        ),
        ("crit", own(plain(), "crit", json!(["x"]))),
        (
            "jwk",
            own(
                plain(),
                "jwk",
                json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
            ),
        ),
        (
            "jku",
            own(plain(), "jku", json!("https://evil.example/jwks")),
        ),
        (
            "x5u",
            own(plain(), "x5u", json!("https://evil.example/x5u")),
        ),
        ("signed by a stranger", sign(&stranger, &claims(NOW))),
        ("signature of another token", {
            let signed = good.rsplit_once('.').unwrap().0;
            let other = sign(&world.ed, &with("sub", json!("other")));
            format!("{signed}.{}", other.rsplit_once('.').unwrap().1)
        }),
    ];
    world.refuses(refused).await;
}

#[tokio::test]
async fn a24_only_claims_of_an_access_token_of_ours_pass() {
    let world = World::new();
    let mut refused = Vec::new();
    for (why, claims) in [
        ("another issuer", with("iss", json!("https://evil.example"))),
        (
            "issuer with a slash",
            with("iss", json!(format!("{ISSUER}/"))),
        ),
        (
            "audience of the other side",
            with("aud", json!(["entrepot-internal"])),
        ),
        (
            "a context's token for the edge",
            with("kind", json!("service")),
        ),
        (
            "both audiences",
            with("aud", json!(["entrepot-api", "entrepot-internal"])),
        ),
        ("another audience", with("aud", json!(["app"]))),
        ("empty audience", with("aud", json!([]))),
        ("it has ended", with("exp", json!(NOW))),
        ("exp as text", with("exp", json!((NOW + 600).to_string()))),
        ("it lives too long", with("exp", json!(NOW + 902))),
        ("it lives for ever", with("exp", json!(i64::MAX))),
        ("nbf ahead", with("nbf", json!(NOW + 31))),
        ("iat ahead", with("iat", json!(NOW + 31))),
        ("iat far behind", with("iat", json!(i64::MIN))),
        ("no subject", with("sub", json!(""))),
        (
            "jti without a time",
            with("jti", json!("b1e1f1a1-0000-4000-8000-000000000001")),
        ),
        ("jti is no id", with("jti", json!("1"))),
        ("unknown kind", with("kind", json!("root"))),
        ("9 KiB", with("scope", json!("x".repeat(9 * 1024)))),
    ] {
        refused.push((why, sign(&world.ed, &claims)));
    }
    for name in [
        "exp", "iat", "nbf", "iss", "aud", "sub", "jti", "partner", "kind", "org",
    ] {
        refused.push((name, sign(&world.ed, &without(name))));
    }
    world.refuses(refused).await;
}

#[tokio::test]
async fn a24_a_token_ends_on_time_though_it_is_remembered() {
    let world = World::new();
    let token = sign(&world.ed, &claims(NOW));
    assert!(world.verify(&token).await.is_ok());
    world.clock.advance(TimeDelta::seconds(599));
    assert!(world.verify(&token).await.is_ok());
    world.clock.advance(TimeDelta::seconds(1));
    let refusal = world.verify(&token).await.unwrap_err();
    assert_eq!(refusal.reason, "TOKEN_INVALID");
    assert_eq!(world.asked(), 1, "the keys were fetched once");
}

#[tokio::test]
async fn a25_an_unknown_key_is_asked_for_at_most_every_30_seconds() {
    let world = World::new();
    assert!(world.verify(&sign(&world.ed, &claims(NOW))).await.is_ok());
    let next = ed25519("next");
    let token = sign(&next, &claims(NOW));
    for _ in 0..100 {
        assert_eq!(
            world.verify(&token).await.unwrap_err().kind,
            Kind::Unauthenticated
        );
    }
    assert_eq!(world.asked(), 1);
    world.publisher.publish(&next);
    world.clock.advance(TimeDelta::seconds(29));
    assert!(world.verify(&token).await.is_err());
    world.clock.advance(TimeDelta::seconds(1));
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a25_keys_are_kept_for_a_day_when_identity_is_away() {
    let world = World::new();
    assert!(world.verify(&sign(&world.ed, &claims(NOW))).await.is_ok());
    world.publisher.away.store(true, Ordering::Relaxed);
    let day = TimeDelta::hours(24);
    world.clock.advance(day);
    let later = NOW + day.num_seconds();
    assert!(world.verify(&sign(&world.ed, &claims(later))).await.is_ok());
    world.clock.advance(TimeDelta::seconds(1));
    let token = sign(&world.ed, &claims(later + 1));
    // not refused: nobody knows whether it is good
    assert_eq!(
        world.verify(&token).await.unwrap_err().kind,
        Kind::Unavailable
    );
    world.publisher.away.store(false, Ordering::Relaxed);
    world.clock.advance(TimeDelta::seconds(1));
    assert!(world.verify(&token).await.is_ok());
}
