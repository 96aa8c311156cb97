//! What becomes of a match: approved, rejected, too late.

use chrono::TimeDelta;
use kit::{fault::Kind, testing};
use proto::compliance::v1::{
    CaseState, DecideCaseRequest, ListCasesRequest, ScreeningDecision, cases_client::CasesClient,
};

use super::world::{LISTED, World, party, reviewer};

#[tokio::test]
async fn r602_no_match_is_clear_and_leaves_a_record() {
    let world = World::new().await;
    let request = world.about(world.partner(), "Bäckerei Sonnenschein GmbH");
    let result = world.screen(&request).await.unwrap();
    assert_eq!(result.decision(), ScreeningDecision::Clear);
    assert_eq!(result.case_id, "");
    assert!(result.hits.is_empty());
    assert!(!result.screening_id.is_empty());
    assert_eq!(result.index_version.len(), 64);
    assert_eq!(
        world
            .count("select count(*) from screening where decision = 'clear'")
            .await,
        1
    );
    assert_eq!(world.count("select count(*) from review_case").await, 0);
    assert_eq!(world.count("select count(*) from index_list").await, 1);
}

#[tokio::test]
async fn r603_a_match_opens_a_case_with_its_evidence() {
    let world = World::new().await;
    let partner = world.partner();
    let request = world.about(partner, "Obsidian Gaet Trading");
    let result = world.screen(&request).await.unwrap();
    assert_eq!(result.decision(), ScreeningDecision::Review);
    let hit = &result.hits[0];
    assert_eq!(
        (hit.list.as_str(), hit.entry_id.as_str()),
        ("DEFAULT", "EX-0016")
    );
    assert!((850..1000).contains(&hit.score), "{hit:?}");
    assert!(
        hit.evidence
            .iter()
            .any(|line| line.contains("\"gaet\" ~ \"gate\"")),
        "{hit:?}"
    );
    assert!(
        hit.evidence
            .iter()
            .any(|line| line.contains("country DE differs from AE")),
        "{hit:?}"
    );

    let case = world.case(&result.case_id).await;
    assert_eq!(case.state(), CaseState::Open);
    assert_eq!(case.partner_id, partner.to_string());
    assert_eq!(case.customer_id, request.customer_id);
    assert_eq!(case.party, request.party);
    assert_eq!(case.hits, result.hits);
    assert_eq!(case.index_version, result.index_version);
    assert_eq!(case.opened_at.unwrap().seconds, world.now().timestamp());
    let deadline = case.deadline.unwrap().seconds - case.opened_at.unwrap().seconds;
    assert_eq!(deadline, 72 * 3600);
    assert_eq!((case.decided_at, case.decided_by.as_str()), (None, ""));
}

#[tokio::test]
async fn r603_a_second_match_adds_to_the_open_case() {
    let world = World::new().await;
    let (mut request, case) = world.matched(world.partner()).await;
    world.context.clock.advance(TimeDelta::hours(1));
    request.party = Some(party("Sable Meridian", "GB"));
    request.idempotency_key = "address changed".to_owned();
    let second = world.screen(&request).await.unwrap();
    assert_eq!(second.case_id, case);
    let case = world.case(&case).await;
    let entries: Vec<_> = case.hits.iter().map(|hit| hit.entry_id.as_str()).collect();
    assert!(
        entries.contains(&"EX-0016") && entries.contains(&"EX-0033"),
        "{entries:?}"
    );
    assert_eq!(case.party, request.party);
    assert_eq!(
        case.deadline.unwrap().seconds,
        world.now().timestamp() + 71 * 3600
    );
}

#[tokio::test]
async fn r604_approval_is_recorded_and_told_once() {
    let world = World::new().await;
    let (request, id) = world.matched(world.partner()).await;
    world.context.clock.advance(TimeDelta::minutes(40));
    let case = world.decide(&id, true).await.unwrap();
    assert_eq!(case.state(), CaseState::Approved);
    assert_eq!(case.decided_by, "rosalind@entrepot.example");
    assert_eq!(case.reason, "compared the passports");
    assert_eq!(case.decided_at.unwrap().seconds, world.now().timestamp());
    assert_eq!(world.case(&id).await, case);

    let again = world.decide(&id, false).await.unwrap_err();
    assert_eq!(
        (again.kind, again.reason.as_str()),
        (Kind::Conflict, "CASE_CLOSED")
    );
    let told = world.closed(1).await;
    assert_eq!(
        (told[0].case_id.as_str(), told[0].state()),
        (id.as_str(), CaseState::Approved)
    );
    assert_eq!(told[0].customer_id, request.customer_id);
    assert_eq!(told[0].decided_by, "rosalind@entrepot.example");
    let kept = "select count(*) from case_decision d join screening s using (case_id)
                where d.outcome = 'approved' and d.index_version = s.index_version";
    assert_eq!(world.count(kept).await, 1);
}

#[tokio::test]
async fn r604_rejection_ends_it_and_a_new_match_opens_another_case() {
    let world = World::new().await;
    let (mut request, id) = world.matched(world.partner()).await;
    assert_eq!(
        world.decide(&id, false).await.unwrap().state(),
        CaseState::Rejected
    );
    assert_eq!(world.closed(1).await[0].state(), CaseState::Rejected);
    request.idempotency_key = "another".to_owned();
    let next = world.screen(&request).await.unwrap();
    assert!(!next.case_id.is_empty());
    assert_ne!(next.case_id, id);
}

#[tokio::test]
async fn r604_undecided_cases_expire_after_72_hours() {
    let world = World::new().await;
    let (first, second) = (world.partner(), world.partner());
    let (_, a) = world.matched(first).await;
    let (_, b) = world.matched(second).await;
    world.context.clock.advance(TimeDelta::hours(71));
    let (_, young) = world.matched(first).await;
    world.context.clock.advance(TimeDelta::hours(1));
    let told = world.closed(2).await;
    let mut cases: Vec<_> = told.iter().map(|event| event.case_id.clone()).collect();
    cases.sort();
    let mut expected = vec![a.clone(), b];
    expected.sort();
    assert_eq!(cases, expected);
    assert!(told.iter().all(|event| event.state() == CaseState::Expired));
    assert!(told.iter().all(|event| event.decided_by.is_empty()));
    let case = world.case(&a).await;
    assert_eq!(case.state(), CaseState::Expired);
    assert!(case.decided_at.is_some());
    assert_eq!(world.case(&young).await.state(), CaseState::Open);
    assert_eq!(
        world
            .count("select count(*) from case_decision where outcome = 'expired'")
            .await,
        2
    );
}

#[tokio::test]
async fn r604_a_late_approval_loses_even_before_the_case_is_marked() {
    let world = World::new().await;
    let (mut request, id) = world.matched(world.partner()).await;
    // No worker of ours may be quicker than the reviewer here.
    world.context.tasks.stop();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    world.context.clock.advance(TimeDelta::hours(72));
    let late = world.decide(&id, true).await.unwrap_err();
    assert_eq!(
        (late.kind, late.reason.as_str()),
        (Kind::Conflict, "CASE_CLOSED")
    );
    assert_eq!(world.case(&id).await.state(), CaseState::Open);

    // Nor does the old case swallow a new match.
    request.idempotency_key = "another".to_owned();
    let next = world.screen(&request).await.unwrap().case_id;
    assert_ne!(next, id);
    assert_eq!(world.case(&id).await.state(), CaseState::Expired);
    assert_eq!(world.case(&next).await.state(), CaseState::Open);
}

#[tokio::test]
async fn r604_of_two_deciders_one_wins() {
    let world = World::new().await;
    for round in 0..5 {
        let (_, id) = world.matched(world.partner()).await;
        let (yes, no) = tokio::join!(world.decide(&id, true), world.decide(&id, false));
        assert_eq!(
            u8::from(yes.is_ok()) + u8::from(no.is_ok()),
            1,
            "round {round}"
        );
        let lost = yes.err().or(no.err()).unwrap();
        assert_eq!(lost.reason, "CASE_CLOSED");
    }
    world.closed(5).await;
    assert_eq!(world.count("select count(*) from case_decision").await, 5);
}

#[tokio::test]
async fn r604_a_decision_needs_a_reason() {
    let world = World::new().await;
    let (_, case_id) = world.matched(world.partner()).await;
    let request = DecideCaseRequest {
        case_id: case_id.clone(),
        approve: true,
        reason: " ".into(),
    };
    let mut cases = CasesClient::new(world.link.clone());
    let status = cases
        .decide_case(testing::request(request, &reviewer()))
        .await
        .unwrap_err();
    let fault = kit::fault::Fault::from(status);
    assert_eq!(fault.kind, Kind::Invalid);
    assert_eq!(fault.violations[0].field, "reason");
    assert_eq!(world.case(&case_id).await.state(), CaseState::Open);
}

#[tokio::test]
async fn r603_reviewers_page_through_the_cases_of_all_partners() {
    let world = World::new().await;
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(world.matched(world.partner()).await.1);
        world.context.clock.advance(TimeDelta::minutes(1));
    }
    world.decide(&opened[1], true).await.unwrap();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCasesRequest {
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let (cases, next) = world.cases(request).await;
        assert!(cases.len() <= 2);
        seen.extend(cases.into_iter().map(|case| case.case_id));
        if next.is_empty() {
            break;
        }
        page_token = next;
    }
    assert_eq!(seen, opened);
    let open = ListCasesRequest {
        state: CaseState::Open.into(),
        ..Default::default()
    };
    let (open, _) = world.cases(open).await;
    assert_eq!(open.len(), 4);
    assert!(open.iter().all(|case| case.hits[0].score == 1000));
    let customer_id = open[0].customer_id.clone();
    let (one, _) = world
        .cases(ListCasesRequest {
            customer_id,
            ..Default::default()
        })
        .await;
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].party.as_ref().unwrap().name, LISTED);
}
