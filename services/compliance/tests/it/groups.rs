//! Clears that a partner asks for at the same time are recorded together.

use std::{collections::BTreeSet, time::Duration};

use futures::{FutureExt as _, future::join_all};
use kit::fault::{Fault, Kind};
use proto::compliance::v1::{ScreenCustomerRequest, ScreeningDecision, ScreeningResult};
use sqlx::Connection as _;

use super::world::{LISTED, World, party};

const HONEST: &str = "Green Valley Landscaping LLC";

type Results = Vec<Result<ScreeningResult, Fault>>;

/// Asks for all of them while nothing can be written, so that they wait together.
async fn together(world: &World, requests: &[ScreenCustomerRequest]) -> Results {
    let mut owner = sqlx::PgConnection::connect(&world.url).await.unwrap();
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table compliance.screening in share mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let mut calls = join_all(requests.iter().map(|request| world.screen(request))).boxed_local();
    let early = tokio::time::timeout(Duration::from_millis(500), &mut calls).await;
    assert!(early.is_err(), "answered before it was recorded");
    held.rollback().await.unwrap();
    calls.await
}

/// Transactions that recorded something.
async fn commits(world: &World) -> i64 {
    world
        .count("select count(distinct xmin::text) from screening")
        .await
}

fn reasons(results: &[Result<ScreeningResult, Fault>]) -> Vec<&str> {
    let faults = results.iter().map(|result| result.as_ref().err());
    faults
        .map(|fault| fault.map_or("", |fault| fault.reason.as_str()))
        .collect()
}

#[tokio::test]
async fn r601_clears_that_wait_together_are_recorded_together() {
    let world = World::new().await;
    let (one, other) = (world.partner(), world.partner());
    let requests: Vec<_> = (0..80)
        .map(|number| world.about(if number % 2 == 0 { one } else { other }, HONEST))
        .collect();
    let results = together(&world, &requests).await;
    let ids: BTreeSet<_> = results
        .iter()
        .map(|result| {
            let result = result.as_ref().unwrap();
            assert_eq!(result.decision(), ScreeningDecision::Clear);
            assert!(result.hits.is_empty() && result.case_id.is_empty());
            result.screening_id.clone()
        })
        .collect();
    assert_eq!(ids.len(), requests.len());
    assert_eq!(world.count("select count(*) from screening").await, 80);
    // Each partner: who came first, then the others; some more when the machine is slow.
    assert!(commits(&world).await <= 8);
    let mixed = "select count(*) from (select 1 from screening group by xmin::text
        having count(distinct partner_id) > 1) as mixed";
    assert_eq!(world.count(mixed).await, 0);
    // Each answer is of the record about its own customer.
    for (request, result) in requests.iter().zip(results) {
        assert_eq!(world.screen(request).await.unwrap(), result.unwrap());
    }
    assert_eq!(world.count("select count(*) from screening").await, 80);
}

#[tokio::test]
async fn r601_in_a_group_everybody_gets_the_own_answer() {
    let world = World::new().await;
    let partner = world.partner();
    let earlier = world.about(partner, HONEST);
    let earlier_answer = world.screen(&earlier).await.unwrap();
    let (reviewed, _) = world.matched(partner).await;

    let fresh = world.about(partner, HONEST);
    let mut reused = earlier.clone();
    reused.party = Some(party("Bakkerij van Dijk", "NL"));
    // The key of a review, now with a party that is cleared.
    let mut whitewashed = reviewed.clone();
    whitewashed.party = Some(party(HONEST, "DE"));
    let mut nameless = world.about(partner, "  ");
    nameless.customer_id = fresh.customer_id.clone();
    // The same key for another customer is another key.
    let mut neighbour = world.about(partner, HONEST);
    neighbour.idempotency_key = fresh.idempotency_key.clone();
    let listed = world.about(partner, LISTED);
    let mut requests = vec![
        fresh.clone(),
        earlier,
        fresh.clone(),
        reused,
        neighbour,
        whitewashed,
        nameless,
        listed,
        fresh,
    ];
    requests.extend((0..32).map(|_| world.about(partner, HONEST)));

    let results = together(&world, &requests).await;
    let mut wanted = vec![""; requests.len()];
    wanted[3] = "IDEMPOTENCY_KEY_REUSED";
    wanted[5] = "IDEMPOTENCY_KEY_REUSED";
    wanted[6] = "INVALID_ARGUMENT";
    assert_eq!(reasons(&results), wanted);
    let answer = |place: usize| results[place].as_ref().unwrap();
    assert_eq!(answer(1), &earlier_answer);
    assert_eq!(answer(0), answer(2));
    assert_eq!(answer(0), answer(8));
    assert_eq!(answer(7).decision(), ScreeningDecision::Review);
    assert!(!answer(7).case_id.is_empty());
    let clear = (9..requests.len()).map(|place| answer(place).screening_id.clone());
    let also = [0, 4].map(|place| answer(place).screening_id.clone());
    let ids: BTreeSet<_> = clear.chain(also).collect();
    assert_eq!(ids.len(), 34);
    // Before: a clear and a review. Now 34 clears and a review.
    assert_eq!(world.count("select count(*) from screening").await, 37);
    assert_eq!(world.count("select count(*) from review_case").await, 2);
    assert!(commits(&world).await <= 2 + 4 + 1);
}

/// Of two requests with one key and different content one is recorded, and only one.
#[tokio::test]
async fn r601_a_key_with_two_parties_in_one_group_is_a_conflict_for_one() {
    let world = World::new().await;
    let partner = world.partner();
    let requests: Vec<_> = (0..20)
        .flat_map(|_| {
            let first = world.about(partner, HONEST);
            let mut second = first.clone();
            second.party = Some(party("Bakkerij van Dijk", "NL"));
            [first, second]
        })
        .collect();
    let results = together(&world, &requests).await;
    for pair in reasons(&results).chunks(2) {
        let pair: BTreeSet<_> = pair.iter().copied().collect();
        assert_eq!(pair, BTreeSet::from(["", "IDEMPOTENCY_KEY_REUSED"]));
    }
    assert_eq!(world.count("select count(*) from screening").await, 20);
}

/// The gateway lets no such address through; PostgreSQL would not take it.
#[tokio::test]
async fn r601_what_cannot_be_recorded_is_no_clear_and_spoils_nothing() {
    let world = World::new().await;
    let partner = world.partner();
    let mut requests: Vec<_> = (0..10).map(|_| world.about(partner, HONEST)).collect();
    let party = requests[4].party.as_mut().unwrap();
    party.address.as_mut().unwrap().line1 = "\0".to_owned();
    let results = together(&world, &requests).await;
    for (place, result) in results.iter().enumerate() {
        match result {
            Ok(result) => assert_eq!(result.decision(), ScreeningDecision::Clear),
            Err(fault) => assert_eq!((place, fault.kind), (4, Kind::Internal)),
        }
    }
    assert!(results[4].is_err());
    assert_eq!(world.count("select count(*) from screening").await, 9);
}

#[tokio::test]
async fn r601_replicas_that_get_the_same_requests_in_another_order_agree() {
    let world = World::new().await;
    let replica = world.replica();
    replica.ready("").await;
    let partner = world.partner();
    for _ in 0..5 {
        let requests: Vec<_> = (0..40).map(|_| world.about(partner, HONEST)).collect();
        let there = requests.iter().rev().map(|request| replica.screen(request));
        let (here, mut there) = tokio::join!(
            join_all(requests.iter().map(|request| world.screen(request))),
            join_all(there)
        );
        there.reverse();
        for (here, there) in here.into_iter().zip(there) {
            assert_eq!(here.unwrap(), there.unwrap());
        }
    }
    assert_eq!(world.count("select count(*) from screening").await, 200);
}
