//! Bodies that cannot be read, and what else a request can get wrong.

use axum::body::Body;
use http::{Request, header::CONTENT_TYPE};

use crate::{every_route::contexts, stage::Answer};

const URI: &str = "/v1/wholesale/customers";

async fn send(media: Option<&str>, body: impl Into<Body>) -> Answer {
    let request = Request::post(URI).header("authorization", "Bearer T");
    let request = match media {
        Some(media) => request.header(CONTENT_TYPE, media),
        None => request,
    };
    let stage = contexts().stage();
    let answer = stage.send(request.body(body.into()).unwrap()).await;
    assert_eq!(stage.seen().is_empty(), !answer.status.is_success());
    answer
}

async fn send_json(body: impl Into<Body>) -> Answer {
    send(Some("application/json"), body).await
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    for body in [
        "",
        "{",
        "[]",
        "null",
        "5",
        "\"x\"",
        "{\"a\":1}x",
        "{'a':1}",
        "{\"a\":NaN}",
        "\u{feff}{}",
    ] {
        let answer = send_json(body.to_owned()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.errors()[""], 900_012, "{body}");
    }
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let body = format!("{{\"externalId\":\"{}\"}}", "x".repeat(1024 * 1024));
    let answer = send_json(body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.errors()[""], 900_012);
}

#[tokio::test]
async fn a_deep_body_is_refused_wherever_it_is_deep() {
    for (before, after) in [("{\"unknown\":", "}"), ("{\"packages\":", "}"), ("", "")] {
        let body = format!(
            "{before}{}{}{after}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        let answer = send_json(body).await;
        assert_eq!(answer.status, 400);
        answer.errors();
    }
    let body = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert_eq!(send_json(body).await.status, 400);
}

#[tokio::test]
async fn invalid_utf_8_is_refused() {
    let body: &[u8] = b"{\"externalId\":\"\xff\xfe\"}";
    assert_eq!(send_json(body).await.status, 400);
    assert_eq!(send_json(&b"\xff"[..]).await.status, 400);
    let lone_surrogate = r#"{"externalId":"\ud800"}"#;
    assert_eq!(send_json(lone_surrogate).await.status, 400);
}

#[tokio::test]
async fn a_wrong_type_names_its_field() {
    let cases = [
        (r#"{"externalId": 5}"#, "externalId"),
        (r#"{"packages": "webex_calling"}"#, "packages"),
        (r#"{"packages": ["webex_calling", 7]}"#, "packages[1]"),
        (r#"{"address": ["Main Street"]}"#, "address"),
        (r#"{"customerInfo": {"name": true}}"#, "customerInfo.name"),
        (
            r#"{"provisioningParameters": {"calling": {"location": {"address": {"city": {}}}}}}"#,
            "provisioningParameters.calling.location.address.city",
        ),
        (
            r#"{"provisioningParameters": {"packages": {"limits": {"webex_suite": "5"}}}}"#,
            "provisioningParameters.packages.limits.webex_suite",
        ),
    ];
    for (body, field) in cases {
        let answer = send_json(body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.errors().get(field), Some(&900_101), "{body}");
    }
}

#[tokio::test]
async fn wrong_values_are_told_together() {
    let body = r#"{"provisioningId": "?", "orgId": "x", "billingStartDate": "soon",
        "provisioningParameters": {"packages": {"limits": {"a": -1, "b": 1.5, "c": 1e99, "d": 5.0}}}}"#;
    let errors = send_json(body).await.errors();
    let fields: Vec<&str> = errors.keys().map(String::as_str).collect();
    let limits = "provisioningParameters.packages.limits";
    let wanted = [
        "billingStartDate",
        "orgId",
        "provisioningId",
        &format!("{limits}.a"),
        &format!("{limits}.b"),
        &format!("{limits}.c"),
    ];
    assert_eq!(fields, wanted);
}

#[tokio::test]
async fn a_nul_never_reaches_a_context() {
    let answer = send_json(r#"{"customerInfo": {"name": "a\u0000b"}}"#).await;
    assert_eq!(answer.status, 400);
    assert!(answer.errors().contains_key("customerInfo.name"));
    let stage = contexts().stage();
    let answer = stage.get("/v1/wholesale/customers?externalId=a%00b").await;
    assert_eq!(answer.status, 400);
    assert!(answer.errors().contains_key("externalId"));
}

#[tokio::test]
async fn unknown_fields_and_nulls_are_ignored() {
    let body = r#"{"externalId": null, "provisioningParameters": {"calling": {"location":
        {"numbers": ["+1"], "mainNumber": "+1"}}}, "later": {"x": [1, {"y": 2}]}}"#;
    assert_eq!(send_json(body).await.status, 202);
}

#[tokio::test]
async fn the_media_type_must_be_json() {
    for media in [
        None,
        Some("text/plain"),
        Some("application/xml"),
        Some("application/json; charset=latin-1"),
        Some(""),
    ] {
        let answer = send(media, "{}").await;
        assert_eq!(answer.status, 415, "{media:?}");
        assert_eq!(answer.errors()[""], 900_011);
    }
    for media in [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON;charset=\"utf-8\"",
    ] {
        assert_eq!(send(Some(media), "{}").await.status, 202, "{media}");
    }
}

#[tokio::test]
async fn repeated_slashes_are_one() {
    let stage = contexts().stage();
    for uri in [
        "//v1/wholesale/customers",
        "/v1//wholesale///customers",
        "//v1/wholesale/customers?max=5",
    ] {
        assert_eq!(stage.get(uri).await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn an_unknown_route_has_the_usual_error_body() {
    let stage = contexts().stage();
    for uri in [
        "/",
        "/v1",
        "/v1/wholesale/customers/",
        "/v1/wholesale/customer",
        "/v2/wholesale/customers",
        "/%ff",
    ] {
        let answer = stage.get(uri).await;
        assert_eq!(answer.status, 404, "{uri}");
        assert_eq!(answer.errors()[""], 900_004);
    }
}

#[tokio::test]
async fn the_tracking_id_is_echoed_or_made() {
    let stage = contexts().stage();
    let send = |id: &str| {
        Request::get(URI)
            .header("trackingid", id)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(
        stage.send(send("MSP_1234")).await.header("trackingid"),
        "MSP_1234"
    );
    let long = "x".repeat(300);
    for bad in ["", "a b", &long] {
        let answer = stage.send(send(bad)).await;
        assert!(
            answer.header("trackingid").starts_with("ENTREPOT_"),
            "{bad}"
        );
    }
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = Request::get(URI)
        .header("traceparent", trace)
        .body(Body::empty())
        .unwrap();
    let answer = stage.send(request).await;
    assert_eq!(
        answer.header("trackingid"),
        "ENTREPOT_0af76519-16cd-43dd-8448-eb211c80319c"
    );
}
