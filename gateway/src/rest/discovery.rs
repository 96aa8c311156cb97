//! Who issues tokens, how to get one, and the keys that verify them. What is said is what there is.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
};
use proto::identity::v1::{
    ListKeysRequest, ListKeysResponse, VerificationKey, tokens_client::TokensClient,
};
use serde::Serialize;

use crate::{
    call::{Call, Outcome, empty, ok},
    failure::Failure,
    routes::{Route, handler},
    wire::discovery::{AuthorizationServer, JsonWebKey, JsonWebKeySet},
};

pub(crate) const ROUTES: &[Route] = &[
    Route::open(
        "GET",
        "/.well-known/oauth-authorization-server",
        "describeAuthorizationServer",
        "What the authorization server can do (RFC 8414)",
        handler!(describe),
    )
    .answers::<AuthorizationServer>(),
    Route::open(
        "GET",
        "/.well-known/openid-configuration",
        "describeOpenidProvider",
        "The same under the other name that clients look for",
        handler!(describe),
    )
    .answers::<AuthorizationServer>(),
    Route::open(
        "GET",
        "/v1/jwks",
        "listSigningKeys",
        "The keys that verify tokens (RFC 7517)",
        handler!(keys),
    )
    .answers::<JsonWebKeySet>(),
];

/// A new key is published a day before it signs, so an answer may be kept for a while.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

async fn describe(call: Call) -> Outcome {
    // whatever host the request names: the issuer is where clients reach us
    let issuer = ask(&call).await?.issuer;
    let all = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
    let description = AuthorizationServer {
        jwks_uri: format!("{issuer}/v1/jwks"),
        token_endpoint: format!("{issuer}/v1/access_token"),
        grant_types_supported: all(&["client_credentials"]),
        response_types_supported: Vec::new(),
        token_endpoint_auth_methods_supported: all(&["client_secret_basic", "client_secret_post"]),
        service_documentation: format!("{issuer}/openapi.json"),
        issuer,
    };
    kept(&call, &description)
}

async fn keys(call: Call) -> Outcome {
    let keys = ask(&call).await?.keys.into_iter().map(key).collect();
    kept(&call, &JsonWebKeySet { keys })
}

async fn ask(call: &Call) -> Result<ListKeysResponse, Failure> {
    let mut tokens = TokensClient::new(call.surface.links.identity.clone());
    Ok(tokens.list_keys(ListKeysRequest {}).await?.into_inner())
}

fn key(key: VerificationKey) -> JsonWebKey {
    let (kty, crv, alg) = match key.algorithm.as_str() {
        "ES256" => ("EC", "P-256", "ES256"),
        _ => ("OKP", "Ed25519", "EdDSA"),
    };
    JsonWebKey {
        kty: kty.to_owned(),
        crv: crv.to_owned(),
        alg: alg.to_owned(),
        usage: "sig".to_owned(),
        kid: key.key_id,
        x: key.x,
        y: Some(key.y).filter(|y| !y.is_empty()),
    }
}

/// An answer that may be kept, and need not be sent again to who has it.
fn kept<T: Serialize>(call: &Call, value: &T) -> Outcome {
    let mut response = ok(value)?;
    let text = serde_json::to_string(value).unwrap_or_default();
    let hash = URL_SAFE_NO_PAD.encode(kit::idempotency::fingerprint(&text));
    let tag = format!("\"{hash}\"");
    if has(call, &tag) {
        response = empty(StatusCode::NOT_MODIFIED);
    }
    may_be_kept(&mut response, &tag);
    Ok(response)
}

/// Whether the client has what the tag names (RFC 9110 section 13.1.2).
fn has(call: &Call, tag: &str) -> bool {
    let values = call.headers.get_all(IF_NONE_MATCH).iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == tag
    })
}

fn may_be_kept(response: &mut Response, tag: &str) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, KEPT);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
}
