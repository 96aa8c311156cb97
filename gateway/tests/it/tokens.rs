//! The token endpoint.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Request, header::CONTENT_TYPE};
use kit::fault::{Kind, reason};
use proto::identity::v1::{IssueTokenRequest, IssuedToken};

use crate::stage::{Answer, Contexts, Stage, fault};

fn stage() -> Stage {
    Contexts::default()
        .on(
            "/entrepot.identity.v1.Tokens/IssueToken",
            |asked: &IssueTokenRequest| match (
                asked.client_id.as_str(),
                asked.client_secret.as_str(),
            ) {
                ("id", "secret") if asked.scopes.contains(&"nonsense".to_owned()) => {
                    Err(fault(Kind::Invalid, "INVALID_SCOPE"))
                }
                ("id", "secret") => Ok(IssuedToken {
                    access_token: "JWT".to_owned(),
                    expires_at: Some(prost_types::Timestamp {
                        seconds: 1_700_003_600,
                        nanos: 0,
                    }),
                    scopes: vec!["a".to_owned(), "b".to_owned()],
                    suspended: false,
                }),
                _ => Err(fault(Kind::Unauthenticated, "INVALID_CLIENT")),
            },
        )
        .stage()
}

async fn send(stage: &Stage, basic: Option<&str>, form: &str) -> Answer {
    let request = Request::post("/v1/access_token").header(
        CONTENT_TYPE,
        "application/x-www-form-urlencoded;charset=UTF-8",
    );
    let request = match basic {
        Some(plain) => request.header("authorization", format!("Basic {}", STANDARD.encode(plain))),
        None => request,
    };
    stage
        .send(request.body(Body::from(form.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn a_client_gets_a_token_by_form_and_by_header() {
    let stage = stage();
    let form = "grant_type=client_credentials&client_id=id&client_secret=secret&scope=a+b";
    let wanted = r#"{"access_token":"JWT","expires_in":3600,"token_type":"Bearer","scope":"a b"}"#;
    let answer = send(&stage, None, form).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    assert_eq!(stage.asked::<IssueTokenRequest>().scopes, ["a", "b"]);
    let answer = send(&stage, Some("id:secret"), "grant_type=client_credentials").await;
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    assert!(stage.asked::<IssueTokenRequest>().scopes.is_empty());
    let both = send(
        &stage,
        Some("id:secret"),
        "grant_type=client_credentials&client_id=id",
    )
    .await;
    assert_eq!(both.status, 200);
}

#[tokio::test]
async fn refusals_speak_the_standard_and_the_house() {
    let stage = stage();
    let right = "grant_type=client_credentials&client_id=id&client_secret=secret";
    let cases = [
        (
            None,
            "grant_type=client_credentials&client_id=id&client_secret=x",
            401,
            "invalid_client",
        ),
        (
            None,
            "grant_type=client_credentials&client_id=id",
            401,
            "invalid_client",
        ),
        (
            Some("id:x"),
            "grant_type=client_credentials",
            401,
            "invalid_client",
        ),
        (
            Some("nocolon"),
            "grant_type=client_credentials",
            401,
            "invalid_client",
        ),
        (Some("other:secret"), right, 400, "invalid_request"),
        (
            None,
            "client_id=id&client_secret=secret",
            400,
            "invalid_request",
        ),
        (None, "", 400, "invalid_request"),
        (
            None,
            "grant_type=client_credentials&grant_type=client_credentials",
            400,
            "invalid_request",
        ),
        (
            None,
            "grant_type=refresh_token&refresh_token=x",
            400,
            "unsupported_grant_type",
        ),
        (
            None,
            "grant_type=authorization_code&code=x",
            400,
            "unsupported_grant_type",
        ),
        (
            None,
            "grant_type=client_credentials&client_id=id&client_secret=secret&scope=nonsense",
            400,
            "invalid_scope",
        ),
    ];
    for (basic, form, status, code) in cases {
        let answer = send(&stage, basic, form).await;
        assert_eq!(answer.status, status, "{form}");
        answer.errors();
        let body = answer.json();
        assert_eq!(body["error"], code, "{form}");
        assert!(body["error_description"].is_string());
        let challenge = basic.is_some() && status == 401;
        assert_eq!(
            answer.header("www-authenticate").starts_with("Basic"),
            challenge,
            "{form}"
        );
    }
}

#[tokio::test]
async fn a_form_is_a_form() {
    let stage = stage();
    let request = Request::post("/v1/access_token")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(r#"{"grant_type":"client_credentials"}"#));
    let answer = stage.send(request.unwrap()).await;
    assert_eq!(answer.status, 415);
    assert_eq!(answer.json()["error"], "invalid_request");
    stage.refuse(fault(Kind::Unavailable, reason::UNAVAILABLE));
    let answer = send(&stage, Some("id:secret"), "grant_type=client_credentials").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}
