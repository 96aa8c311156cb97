//! Safe repeats, crashes, and records that nobody can change.

use std::time::Duration;

use kit::{fault::Kind, scope::Scope};
use proto::compliance::v1::{ListFormat, ScreeningDecision};

use super::world::{LISTED, Start, World, party};

#[tokio::test]
async fn r601_a_repeat_gets_the_first_answer() {
    let world = World::new().await;
    for name in [LISTED, "Green Valley Landscaping LLC"] {
        let request = world.about(world.partner(), name);
        let first = world.screen(&request).await.unwrap();
        let second = world.screen(&request).await.unwrap();
        assert_eq!(first, second);
    }
    assert_eq!(world.count("select count(*) from screening").await, 2);
    assert_eq!(world.count("select count(*) from review_case").await, 1);
}

#[tokio::test]
async fn r601_a_repeat_after_the_lists_changed_and_the_case_was_decided_gets_the_first_answer() {
    let world = World::new().await;
    let (request, case) = world.matched(world.partner()).await;
    let first = world.screen(&request).await.unwrap();
    world.decide(&case, true).await.unwrap();
    let list = b"id,type,name,aliases,country\n1,company,Nobody Known,,\n".to_vec();
    world
        .import_and_wait("OWN", ListFormat::OperatorCsv, vec![list])
        .await;
    assert_eq!(world.screen(&request).await.unwrap(), first);
    assert_eq!(world.count("select count(*) from review_case").await, 1);
}

#[tokio::test]
async fn r601_many_repeats_at_once_are_one_screening() {
    let world = World::new().await;
    let request = world.about(world.partner(), LISTED);
    let calls = (0..8).map(|_| world.screen(&request));
    let results = futures::future::join_all(calls).await;
    let first = results[0].as_ref().unwrap();
    assert!(
        results
            .iter()
            .all(|result| result.as_ref().unwrap() == first)
    );
    assert_eq!(world.count("select count(*) from screening").await, 1);
    assert_eq!(world.count("select count(*) from review_case").await, 1);
}

#[tokio::test]
async fn r603_many_matches_of_a_customer_at_once_are_one_case() {
    let world = World::new().await;
    let request = world.about(world.partner(), LISTED);
    let calls = (0..6).map(|number| {
        let mut request = request.clone();
        request.idempotency_key = format!("key {number}");
        let world = &world;
        async move { world.screen(&request).await.unwrap().case_id }
    });
    let cases = futures::future::join_all(calls).await;
    assert!(cases.iter().all(|case| case == &cases[0]));
    assert_eq!(world.count("select count(*) from screening").await, 6);
}

#[tokio::test]
async fn r601_a_key_with_another_party_is_a_conflict() {
    let world = World::new().await;
    let mut request = world.about(world.partner(), LISTED);
    world.screen(&request).await.unwrap();
    request.party = Some(party("Green Valley Landscaping LLC", "US"));
    let fault = world.screen(&request).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Conflict, "IDEMPOTENCY_KEY_REUSED")
    );
}

/// The caller dies after our commit, or hears nothing of it: it asks again with its key, of whoever
/// serves now.
#[tokio::test]
async fn r603_after_a_crash_the_repeat_finds_the_same_case() {
    let world = World::new().await;
    let request = world.about(world.partner(), LISTED);
    let lost = tokio::time::timeout(Duration::from_millis(1), world.screen(&request)).await;
    drop(lost);
    world.context.tasks.stop();
    let next = world.replica();
    next.ready("").await;
    let (first, second) = (
        next.screen(&request).await.unwrap(),
        next.screen(&request).await.unwrap(),
    );
    assert_eq!(first, second);
    assert_eq!(next.count("select count(*) from screening").await, 1);
    assert_eq!(next.count("select count(*) from review_case").await, 1);
    next.decide(&first.case_id, true).await.unwrap();
    next.closed(1).await;
}

#[tokio::test]
async fn r601_without_a_list_nobody_is_cleared() {
    let world = World::start(Start::Nothing).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let request = world.about(world.partner(), "Green Valley Landscaping LLC");
    for fault in [
        world.screen(&request).await.unwrap_err(),
        world
            .check("Green Valley Landscaping LLC", "US")
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (fault.kind, fault.reason.as_str()),
            (Kind::Unavailable, "LISTS_MISSING")
        );
        assert!(fault.retry_after.is_some());
    }
    assert_eq!(world.count("select count(*) from screening").await, 0);
    // The same request goes through as soon as there is one.
    let list = b"id,type,name,aliases,country\n1,company,Nobody Known,,\n".to_vec();
    world
        .import_and_wait("OWN", ListFormat::OperatorCsv, vec![list])
        .await;
    let result = world.screen(&request).await.unwrap();
    assert_eq!(result.decision(), ScreeningDecision::Clear);
}

#[tokio::test]
async fn r601_a_party_without_a_name_is_an_error() {
    let world = World::new().await;
    let mut request = world.about(world.partner(), "  ");
    request.partner_id = "nonsense".to_owned();
    request.idempotency_key = String::new();
    let fault = world.screen(&request).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Invalid);
    let fields: Vec<_> = fault
        .violations
        .iter()
        .map(|wrong| wrong.field.as_str())
        .collect();
    assert_eq!(fields, ["partnerId", "idempotencyKey", "customerInfo.name"]);
    request = world.about(world.partner(), "x");
    request.party = None;
    assert_eq!(
        world.screen(&request).await.unwrap_err().kind,
        Kind::Invalid
    );
}

#[tokio::test]
async fn r606_the_service_cannot_change_its_records() {
    let world = World::new().await;
    let (_, case) = world.matched(world.partner()).await;
    world.decide(&case, true).await.unwrap();
    for sql in [
        "update screening set decision = 'clear'",
        "delete from screening",
        "update case_decision set outcome = 'rejected'",
        "delete from case_decision",
        "truncate case_decision",
        "update list_version set names = 0",
        "delete from list_file",
        "delete from index_list",
    ] {
        let mut tx = world.context.db.begin(Scope::Whole("test")).await.unwrap();
        let error = sqlx::query(sql).execute(tx.conn()).await.unwrap_err();
        let code = error
            .as_database_error()
            .and_then(|error| error.code().map(|c| c.to_string()));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
}
