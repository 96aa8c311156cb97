//! Limits.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo};
use chrono::TimeDelta;
use http::Request;
use kit::{
    fault::{Kind, reason},
    link::Links,
};

use crate::{every_route::contexts, stage::fault};

const URI: &str = "/v1/wholesale/customers";

fn request(token: &str, peer: [u8; 4]) -> Request<Body> {
    let mut request = Request::get(URI).body(Body::empty()).unwrap();
    if !token.is_empty() {
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from((peer, 1))));
    request
}

#[tokio::test]
async fn one_client_is_slowed_down_and_no_other() {
    let stage = contexts().stage_with(|config| {
        config.rate_per_second = 1;
        config.burst = 2;
    });
    let peer = [10, 0, 0, 1];
    assert_eq!(stage.send(request("A", peer)).await.status, 200);
    assert_eq!(stage.send(request("A", peer)).await.status, 200);
    let answer = stage.send(request("A", peer)).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.errors()[""], 900_007);
    assert_eq!(stage.send(request("B", peer)).await.status, 200);
    stage.clock.advance(TimeDelta::seconds(1));
    assert_eq!(stage.send(request("A", peer)).await.status, 200);
}

#[tokio::test]
async fn made_up_tokens_are_charged_to_their_peer() {
    let stage = contexts().stage_with(|config| {
        config.rate_per_second = 1;
        config.burst = 3;
    });
    stage.refuse(fault(Kind::Unauthenticated, reason::TOKEN_INVALID));
    let peer = [10, 0, 0, 1];
    for token in ["A", "B", "C"] {
        assert_eq!(stage.send(request(token, peer)).await.status, 401);
    }
    assert_eq!(stage.send(request("D", peer)).await.status, 429);
    assert_eq!(stage.send(request("D", [10, 0, 0, 2])).await.status, 401);
    assert_eq!(stage.send(request("", peer)).await.status, 429);
}

#[tokio::test]
async fn too_much_at_once_is_told_to_come_back() {
    let stage = contexts().stage_with(|config| config.max_in_flight = 0);
    let answer = stage.send(request("A", [10, 0, 0, 1])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "1");
    answer.errors();
}

#[tokio::test]
async fn an_absent_context_is_a_503_with_retry_after() {
    let mut stage = contexts().stage();
    stage.router = gateway::surface(
        Links::nowhere(),
        gateway::Config::default(),
        stage.clock.clone(),
        kit::id::Random::seeded(1),
    );
    let answer = stage.send(request("A", [10, 0, 0, 1])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.errors()[""], 900_008);
}
