//! Every call between the contexts and the gateway refuses who may not, in the context itself: nothing
//! rests on the gateway's having looked.

use std::net::{Ipv4Addr, SocketAddr};

use entrepot::{client::Client, config::Config, platform::Platform, token};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, body::Bytes};
use kit::{link::Links, time::Clock};
use prost_reflect::DescriptorPool;
use tonic::{
    Code,
    codegen::{Service as _, http::Request},
};

/// Calls that need no token, as the contexts say it themselves.
const OPEN: &[&str] = &[
    "/entrepot.identity.v1.Tokens/IssueToken",
    "/entrepot.identity.v1.Tokens/ListKeys",
    "/entrepot.identity.v1.SignIn/Begin",
    "/entrepot.identity.v1.SignIn/Continue",
    "/entrepot.identity.v1.SignIn/ReadAccount",
    "/entrepot.identity.v1.SignIn/SignOut",
    "/entrepot.identity.v1.SamlSignOn/ReadServiceProvider",
    "/entrepot.identity.v1.SamlSignOn/ReceiveAssertion",
    "/entrepot.identity.v1.SingleSignOn/Depart",
    "/entrepot.billing.v1.Reports/DownloadReport",
];

/// Calls that need a token and no scope, and why.
const ANY_SCOPE: &[(&str, &str)] = &[
    (
        "/entrepot.identity.v1.Tokens/ActForSubPartner",
        "a token is exchanged for one that can do less",
    ),
    (
        "/entrepot.identity.v1.Members/ReadOwnProfile",
        "a client has no profile, whatever its scopes; people are asked for theirs",
    ),
];

/// A scope, and the one call that it opens: what a token without the scope of all others carries.
const PROBE: (&str, &str) = (
    "platform:catalog_read",
    "/entrepot.provisioning.v1.Catalogue/ListPackages",
);

/// Calls of one context to another, which take the tenant from the request: for services only.
const INTERNAL: &[&str] = &[
    "/entrepot.billing.v1.Events/Follow",
    "/entrepot.compliance.v1.Events/Follow",
    "/entrepot.compliance.v1.Screening/ScreenCustomer",
    "/entrepot.identity.v1.Events/Follow",
    "/entrepot.identity.v1.IdentityProviders/CheckIdentityProvider",
    "/entrepot.identity.v1.Organizations/AttachCustomerOrganization",
    "/entrepot.identity.v1.Organizations/CreateCustomerOrganization",
    "/entrepot.identity.v1.People/CheckEmail",
    "/entrepot.identity.v1.People/CheckEmails",
    "/entrepot.identity.v1.People/EnrolPerson",
    "/entrepot.identity.v1.Revocations/ListRevocations",
    "/entrepot.provisioning.v1.Events/Follow",
    "/entrepot.subscriber.v1.Entitlements/ApplyEntitlement",
    "/entrepot.subscriber.v1.Entitlements/CountHolders",
    "/entrepot.subscriber.v1.Entitlements/RevokeEntitlement",
    "/entrepot.subscriber.v1.Events/Follow",
    "/entrepot.subscriber.v1.Holders/CheckPerson",
];

/// Every call: its context and its path.
fn calls() -> Vec<(String, String)> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).expect("the build wrote them");
    let mut found = Vec::new();
    for service in pool.services() {
        let package = service.package_name();
        let context = package.split('.').nth(1).unwrap_or_default();
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            found.push((context.to_owned(), path));
        }
    }
    assert!(found.len() > 40, "only {} calls", found.len());
    found.sort();
    found
}

async fn platform() -> Platform {
    let url = crate::stage::migrated().await;
    let config = Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        connections: 4,
        ..Config::default()
    };
    Platform::start(config, url, Clock::system(), None)
        .await
        .expect("the platform starts")
}

/// Calls with an empty message; the answer's code.
async fn call(links: &Links, context: &str, path: &str, token: Option<&str>) -> Code {
    let body = Full::new(Bytes::from_static(&[0; 5]));
    let mut request = Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request
        .body(tonic::body::Body::new(body))
        .expect("a request");
    let answer = links.get(context).call(request).await;
    let (head, body) = answer.expect("the link holds").into_parts();
    if let Some(status) = head.headers.get("grpc-status") {
        return Code::from_bytes(status.as_bytes());
    }
    // a feed has no end
    let read = tokio::time::timeout(std::time::Duration::from_secs(2), body.collect());
    let read = read.await.ok().and_then(Result::ok);
    let trailers = read.and_then(|read| read.trailers().cloned());
    let status = trailers.and_then(|trailers| trailers.get("grpc-status").cloned());
    status.map_or(Code::Unknown, |status| Code::from_bytes(status.as_bytes()))
}

#[tokio::test]
async fn r1203_every_call_refuses_a_request_without_a_token() {
    let platform = platform().await;
    let calls = calls();
    for (context, path) in &calls {
        for token in [None, Some("x"), Some("a.b.c")] {
            let code = call(&platform.links, context, path, token).await;
            if !OPEN.contains(&path.as_str()) {
                assert_eq!(code, Code::Unauthenticated, "{path} with {token:?}");
            }
        }
    }
    let keys = call(&platform.links, "identity", OPEN[1], None).await;
    assert_eq!(keys, Code::Ok, "nobody could verify a token");
    for open in OPEN {
        assert!(
            calls.iter().any(|(_, path)| path == open),
            "{open} is no call"
        );
    }
    platform.stop().await.expect("stops");
}

/// A token of a client, with these scopes only or with all that it may have.
async fn token_of(base: &str, client: &token::Client, scopes: &str) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={scopes}",
        client.client_id, client.client_secret
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let api = Client::new(base);
    let sent = api.send(Method::POST, "/v1/access_token", &headers, form.into());
    let answer = sent.await.unwrap().expect_status(200).unwrap();
    answer.text_at("/access_token").to_owned()
}

#[tokio::test]
async fn r1203_every_call_refuses_a_token_without_its_scope() {
    let platform = platform().await;
    let base = platform.base_url();
    let first = token::ensure(&platform.identity, &platform.links, None, base.clone()).await;
    let first = first.expect("first credentials");
    let mut wrong = Vec::new();
    for client in [&first.partner, &first.operator] {
        let token = token_of(&base, client, PROBE.0).await;
        for (context, path) in calls() {
            let free = ANY_SCOPE.iter().any(|(known, _)| *known == path);
            if free || path == PROBE.1 || OPEN.contains(&path.as_str()) {
                continue;
            }
            let code = call(&platform.links, &context, &path, Some(&token)).await;
            if code != Code::PermissionDenied {
                wrong.push(format!("{path} by {}: {code:?}", client.client_id));
            }
        }
    }
    assert!(wrong.is_empty(), "not refused\n{}", wrong.join("\n"));
    platform.stop().await.expect("stops");
}

#[tokio::test]
async fn r1203_what_contexts_ask_of_each_other_nobody_else_may_ask() {
    let platform = platform().await;
    let base = platform.base_url();
    let first = token::ensure(&platform.identity, &platform.links, None, base.clone()).await;
    let first = first.expect("first credentials");
    let mut tokens = Vec::new();
    for client in [&first.partner, &first.operator, &first.reviewer] {
        tokens.push(token_of(&base, client, "").await);
    }
    let mut closed = Vec::new();
    for (context, path) in calls() {
        let mut refused = 0;
        for token in &tokens {
            let code = call(&platform.links, &context, &path, Some(token)).await;
            refused += usize::from(code == Code::PermissionDenied);
        }
        if refused == tokens.len() && !OPEN.contains(&path.as_str()) {
            closed.push(path);
        }
    }
    assert_eq!(closed, INTERNAL, "whom is a new call for?");
    platform.stop().await.expect("stops");
}
