//! Lists of what was done.

use chrono::TimeDelta;
use kit::{
    audit,
    auth::{Caller, CallerKind},
    testing,
};
use proto::compliance::v1::{ListAuditEventsRequest, VerifyAuditChainRequest};
use uuid::Uuid;

use super::{feeds::Feeds, world::World};

#[tokio::test]
async fn a_list_is_filtered_and_goes_on_where_it_ended() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    let organization = Uuid::from_u128(5);
    let caller = testing::caller(CallerKind::Partner, partner, &[]);
    let start = world.now();
    for number in 0..25_i64 {
        // several at the same instant
        let at = start + TimeDelta::seconds(number / 5);
        let act = match number % 5 {
            0 => audit::by(&caller, "template.created"),
            1 => audit::system("provisioning", "partner.created").organization(organization),
            _ => audit::by(&caller, "customer.updated").organization(organization),
        };
        feeds
            .provisioning
            .tell(partner, at, act.target("number", number));
    }
    world.chained(partner, 25).await;

    let mut pages = Vec::new();
    let mut request = ListAuditEventsRequest {
        page_size: 4,
        ..ListAuditEventsRequest::default()
    };
    loop {
        let (records, next) = world.listed(partner, request.clone()).await.unwrap();
        assert!(records.len() <= 4);
        pages.extend(records);
        if next.is_empty() {
            break;
        }
        request.page_token = next;
    }
    let mut ids: Vec<_> = pages.iter().map(|record| record.sequence).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=25).collect::<Vec<i64>>(), "each once");
    let times: Vec<_> = pages.iter().map(|record| record.occurred_at).collect();
    let seconds = |at: &Option<prost_types::Timestamp>| at.map(|at| at.seconds);
    assert!(times.iter().map(seconds).rev().is_sorted(), "newest first");

    let count = async |request: ListAuditEventsRequest| {
        world.listed(partner, request).await.unwrap().0.len()
    };
    let all = ListAuditEventsRequest::default();
    let of = |organization: String| ListAuditEventsRequest {
        organization_id: organization,
        ..all.clone()
    };
    assert_eq!(count(of(organization.to_string())).await, 20);
    assert_eq!(count(of(Uuid::from_u128(6).to_string())).await, 0);
    assert_eq!(count(of(partner.to_string())).await, 25, "the tenant's own");
    let by = |actor: &str| ListAuditEventsRequest {
        actor_id: actor.to_owned(),
        ..all.clone()
    };
    assert_eq!(count(by("testing")).await, 20);
    assert_eq!(count(by("svc-provisioning")).await, 5);
    assert_eq!(count(by("nobody")).await, 0);
    let in_category = |category: &str| ListAuditEventsRequest {
        categories: vec![category.to_owned()],
        ..all.clone()
    };
    assert_eq!(count(in_category("TEMPLATES")).await, 5);
    assert_eq!(count(in_category("NONE")).await, 0);
    let between = ListAuditEventsRequest {
        occurred_after: Some(kit::time::to_proto(start + TimeDelta::seconds(1))),
        occurred_before: Some(kit::time::to_proto(start + TimeDelta::seconds(3))),
        ..all.clone()
    };
    assert_eq!(count(between).await, 10);
    let skipping = ListAuditEventsRequest {
        skip: 20,
        ..all.clone()
    };
    assert_eq!(count(skipping).await, 5);
    for bad in [
        of("nothing".to_owned()),
        ListAuditEventsRequest {
            page_token: "nothing".to_owned(),
            ..all.clone()
        },
    ] {
        assert!(world.listed(partner, bad).await.is_err());
    }
}

#[tokio::test]
async fn r1203_who_works_for_a_customer_sees_what_was_done_to_the_customer() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    let (own, other) = (Uuid::from_u128(5), Uuid::from_u128(6));
    let updated = || audit::system("provisioning", "customer.updated");
    for organization in [own, other, own] {
        let act = updated().organization(organization);
        feeds.provisioning.tell(partner, world.now(), act);
    }
    world.chained(partner, 3).await;
    let employee = Caller {
        organization: own,
        ..testing::caller(CallerKind::Customer, partner, &["audit:events_read"])
    };
    let (own, other) = (own.to_string(), other.to_string());
    for (organization, wanted) in [("", 2), (&own, 2), (&other, 0), (&partner.to_string(), 2)] {
        let request = ListAuditEventsRequest {
            organization_id: organization.to_owned(),
            ..ListAuditEventsRequest::default()
        };
        let request = testing::request(request, &employee);
        let list = world.audit().list_audit_events(request).await;
        let records = list.unwrap().into_inner().records;
        assert_eq!(records.len(), wanted, "{organization}");
    }
    let verify = testing::request(VerifyAuditChainRequest::default(), &employee);
    let refused = world.audit().verify_audit_chain(verify).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
}
