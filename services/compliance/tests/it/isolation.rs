//! Who may call what.

use std::collections::BTreeSet;

use kit::{
    auth::{Caller, CallerKind},
    fault::{Fault, Kind},
    scope::Scope,
    testing,
};
use proto::{
    compliance::v1::{
        CheckPartyRequest, DecideCaseRequest, GetCaseRequest, ImportListRequest, ListCasesRequest,
        ListListsRequest, cases_client::CasesClient, events_client::EventsClient,
        lists_client::ListsClient, screening_client::ScreeningClient,
    },
    feed::v1::FollowRequest,
};

use super::world::{LISTED, World, party, reviewer, service};

/// Calls everything; what each call came to.
async fn everything(
    world: &World,
    caller: &Caller,
    case: &str,
) -> Vec<(&'static str, Option<Fault>)> {
    let mut screening = ScreeningClient::new(world.link.clone());
    let mut cases = CasesClient::new(world.link.clone());
    let mut lists = ListsClient::new(world.link.clone());
    let mut events = EventsClient::new(world.link.clone());
    let case_id = case.to_owned();
    let screen = world.about(caller.partner, LISTED);
    let check = CheckPartyRequest {
        party: Some(party(LISTED, "DE")),
    };
    let get = GetCaseRequest {
        case_id: case_id.clone(),
    };
    let decide = DecideCaseRequest {
        case_id,
        approve: true,
        reason: "mine".to_owned(),
    };
    let import = ImportListRequest::default();
    let follow = FollowRequest {
        consumer: "test".to_owned(),
        after_position: 0,
    };
    let fault = |status: tonic::Status| Some(Fault::from(status));
    let screen = screening
        .screen_customer(testing::request(screen, caller))
        .await;
    let check = screening.check_party(testing::request(check, caller)).await;
    let list = cases
        .list_cases(testing::request(ListCasesRequest::default(), caller))
        .await;
    let get = cases.get_case(testing::request(get, caller)).await;
    let decide = cases.decide_case(testing::request(decide, caller)).await;
    let import = lists.import_list(testing::request(import, caller)).await;
    let read = lists
        .list_lists(testing::request(ListListsRequest {}, caller))
        .await;
    let follow = events.follow(testing::request(follow, caller)).await;
    vec![
        ("screen", screen.err().and_then(fault)),
        ("check", check.err().and_then(fault)),
        ("list", list.err().and_then(fault)),
        ("get", get.err().and_then(fault)),
        ("decide", decide.err().and_then(fault)),
        ("import", import.err().and_then(fault)),
        ("read", read.err().and_then(fault)),
        ("follow", follow.err().and_then(fault)),
    ]
}

#[tokio::test]
async fn r1203_partners_see_and_do_nothing_here() {
    let world = World::new().await;
    let partner = world.partner();
    let (_, case) = world.matched(partner).await;
    // Not even with scopes that a partner's token cannot carry.
    let scopes = [
        "platform:screening_read",
        "platform:screening_write",
        "internal",
    ];
    let caller = testing::caller(CallerKind::Partner, partner, &scopes);
    for (call, fault) in everything(&world, &caller, &case).await {
        assert_eq!(
            fault.map(|fault| fault.kind),
            Some(Kind::Forbidden),
            "{call}"
        );
    }
    assert_eq!(world.count("select count(*) from screening").await, 1);
}

#[tokio::test]
async fn r1203_each_call_needs_its_scope_and_kind() {
    let world = World::new().await;
    let (_, case) = world.matched(world.partner()).await;
    let refused = |calls: Vec<(&'static str, Option<Fault>)>| -> Vec<&'static str> {
        let refused = calls.into_iter().filter(|(_, fault)| {
            fault
                .as_ref()
                .is_some_and(|fault| fault.kind == Kind::Forbidden)
        });
        refused.map(|(call, _)| call).collect()
    };
    let nobody = Caller {
        scopes: BTreeSet::new(),
        ..reviewer()
    };
    let calls = everything(&world, &nobody, &case).await;
    assert_eq!(refused(calls).len(), 8);
    let reader = Caller {
        scopes: ["platform:screening_read".to_owned()].into(),
        ..reviewer()
    };
    let calls = everything(&world, &reader, &case).await;
    assert_eq!(refused(calls), ["screen", "decide", "import", "follow"]);
    // A reviewer decides, but the lists are the operator's.
    let calls = everything(&world, &reviewer(), &case).await;
    assert_eq!(refused(calls), ["screen", "import", "follow"]);
    let calls = everything(&world, &service(), &case).await;
    assert_eq!(
        refused(calls),
        ["check", "list", "get", "decide", "import", "read"]
    );
}

#[tokio::test]
async fn r1203_what_is_no_case_is_not_found() {
    let world = World::new().await;
    for case_id in ["nonsense".to_owned(), world.context.ids.uuid().to_string()] {
        let mut cases = CasesClient::new(world.link.clone());
        let get = GetCaseRequest {
            case_id: case_id.clone(),
        };
        let get = cases
            .get_case(testing::request(get, &reviewer()))
            .await
            .unwrap_err();
        let decided = world.decide(&case_id, true).await.unwrap_err();
        for fault in [Fault::from(get), decided] {
            assert_eq!(
                (fault.kind, fault.reason.as_str()),
                (Kind::Missing, "NOT_FOUND")
            );
        }
    }
}

#[tokio::test]
async fn r1203_rows_of_another_partner_are_invisible_in_the_database() {
    let world = World::new().await;
    let (mine, other) = (world.partner(), world.partner());
    let (_, case) = world.matched(mine).await;
    world.decide(&case, true).await.unwrap();
    for (partner, rows) in [(mine, 1_i64), (other, 0)] {
        for sql in [
            "select count(*) from screening",
            "select count(*) from review_case",
            "select count(*) from case_decision",
        ] {
            let mut tx = world
                .context
                .db
                .begin(Scope::Partner(partner))
                .await
                .unwrap();
            let seen: i64 = sqlx::query_scalar(sql).fetch_one(tx.conn()).await.unwrap();
            assert_eq!(seen, rows, "{sql}");
        }
    }
}
