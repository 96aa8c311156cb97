//! One trace from the request to the last event it leads to.

use hyper::{Method, body::Bytes};

use crate::stage::{Partner, Stage, on_both_stages, public_id, subscriber};

on_both_stages!(one_trace_id_from_the_request_to_the_operation_and_its_events);

async fn one_trace_id_from_the_request_to_the_operation_and_its_events(stage: &Stage) {
    let partner = stage.partner().await;

    // the client's own trace
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
    let body = partner.customer("traced-1", &["webex_calling"]);
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", traceparent.as_str()),
    ];
    let body = Bytes::from(body.to_string());
    let sent = partner
        .api
        .send(Method::POST, "/v1/wholesale/customers", &headers, body)
        .await;
    let accepted = sent.unwrap().expect_status(202).unwrap();
    let tracking = "ENTREPOT_0af76519-16cd-43dd-8448-eb211c80319c";
    assert_eq!(accepted.header("trackingid"), tracking);
    partner
        .until(accepted.header("location"), "provisioned")
        .await;
    stage.settled().await;
    followed(stage, trace, "traced-1").await;

    // a subscriber's request, up to the event that billing meters by
    let customers = partner.get("/v1/wholesale/customers").await;
    let id = customers.text_at("/items/0/id");
    let body = subscriber(id, "one@traced-1.example", "webex_calling", 1);
    let made = partner.subscribe(&body).await.expect_status(200).unwrap();
    let part = format!("00-{}-%", trace_of(made.header("trackingid")));
    let events: i64 =
        sqlx::query_scalar("select count(*) from subscriber.feed_entry where traceparent like $1")
            .bind(&part)
            .fetch_one(&mut stage.sql().await)
            .await
            .unwrap();
    // and the one of the audit
    assert_eq!(events, 2);

    // a trace of our own
    let accepted = partner
        .create(&partner.customer("traced-2", &["webex_calling"]))
        .await;
    let tracking = accepted.header("trackingid").to_owned();
    partner
        .until(accepted.header("location"), "provisioned")
        .await;
    stage.settled().await;
    followed(stage, &trace_of(&tracking), "traced-2").await;
    told(stage, &partner, "traced-2").await;

    // a client's own tracking id is echoed, also by an error
    let headers = [("trackingid", "CLIENT_42")];
    let path = "/v1/wholesale/customers/nonsense";
    let missing = partner
        .api
        .send(Method::GET, path, &headers, Bytes::new())
        .await;
    let missing = missing.unwrap();
    assert_eq!(missing.header("trackingid"), "CLIENT_42");
    assert_eq!(missing.text_at("/trackingId"), "CLIENT_42");
}

/// The trace id that a tracking id of ours stands for.
fn trace_of(tracking: &str) -> String {
    let id = tracking.strip_prefix("ENTREPOT_").expect("ours");
    id.replace('-', "")
}

/// The trace stands at the operation, and at the events it led to.
async fn followed(stage: &Stage, trace: &str, external_id: &str) {
    let mut sql = stage.sql().await;
    let part = format!("00-{trace}-%");
    let operations: i64 = sqlx::query_scalar(
        "select count(*) from provisioning.operation o
         join provisioning.customer c on c.customer_id = o.subject_id
         where c.external_id = $1 and o.traceparent like $2",
    )
    .bind(external_id)
    .bind(&part)
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert_eq!(operations, 1);
    let events: i64 = sqlx::query_scalar(
        "select count(*) from provisioning.feed_entry where traceparent like $1",
    )
    .bind(&part)
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert!(events >= 2, "accepted and provisioned: {events}");
}

/// What the partner sees of its operation.
async fn told(stage: &Stage, partner: &Partner, external_id: &str) {
    let operation: uuid::Uuid =
        sqlx::query_scalar("select operation_id from provisioning.customer where external_id = $1")
            .bind(external_id)
            .fetch_one(&mut stage.sql().await)
            .await
            .unwrap();
    let id = public_id("OPERATION", operation);
    let path = format!("/platform/v1/operations/{id}");
    let told = partner.get(&path).await.expect_status(200).unwrap();
    assert_eq!(told.text_at("/state"), "done");
    let steps = told.body["events"].as_array().unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|event| event["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["screen", "organization", "entitle", "finish"]);
    let stranger = stage.other_partner().await;
    stranger.get(&path).await.expect_status(404).unwrap();
}
