//! Who may do what, and that nobody sees a neighbour.

use kit::auth::{Caller, CallerKind};
use kit::fault::{Fault, Kind};
use kit::testing;
use proto::billing::v1::events_client::EventsClient;
use proto::billing::v1::{DeleteReportRequest, GetReportRequest, ListReportsRequest, ReportType};
use proto::feed::v1::FollowRequest;

use super::world::{Give, World, caller};

#[tokio::test]
async fn r1203_a_neighbours_report_does_not_exist() {
    let world = World::new().await;
    let (mine, other) = (world.partner("Mine", None), world.partner("Other", None));
    world.settle().await;
    let report = world
        .create(mine, ReportType::Partner, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    world.finished(mine, &report.report_id).await;

    let foreign = world.get(other, &report.report_id).await.unwrap_err();
    let absent = world
        .get(other, &world.uuid().to_string())
        .await
        .unwrap_err();
    let nonsense = world.get(other, "nonsense").await.unwrap_err();
    for fault in [&absent, &nonsense] {
        assert_eq!((foreign.kind, &foreign.reason), (fault.kind, &fault.reason));
        assert_eq!(foreign.message, fault.message);
    }
    let request = DeleteReportRequest {
        report_id: report.report_id.clone(),
    };
    let request = testing::request(request, &caller(other));
    let fault = Fault::from(world.reports().delete_report(request).await.unwrap_err());
    assert_eq!(fault.kind, Kind::Missing);
    let request = testing::request(ListReportsRequest::default(), &caller(other));
    let list = world
        .reports()
        .list_reports(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(list.reports.len(), 0);
    // The neighbour's completed report stands in nobody's way.
    world
        .create(other, ReportType::Partner, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    assert!(world.get(mine, &report.report_id).await.is_ok());
}

#[tokio::test]
async fn r1203_a_report_tells_of_ones_own_customers_only() {
    let world = World::new().await;
    let (mine, other) = (world.partner("Mine", None), world.partner("Other", None));
    let theirs = world.customer(other, "THEIRS");
    world.begin(
        Give::base(theirs, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    let rows = world
        .rows(mine, ReportType::User, "2026-10-01", "2026-10-31")
        .await;
    assert_eq!(rows.len(), 0);
}

#[tokio::test]
async fn r1203_scopes_are_needed() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let bare = testing::caller(CallerKind::Partner, partner, &[]);
    let reader = testing::caller(
        CallerKind::Partner,
        partner,
        &["spark-admin:wholesale_billing_reports_read"],
    );
    let get = |caller: &Caller| {
        testing::request(
            GetReportRequest {
                report_id: String::new(),
            },
            caller,
        )
    };
    let delete = |caller: &Caller| {
        testing::request(
            DeleteReportRequest {
                report_id: String::new(),
            },
            caller,
        )
    };
    let fault = Fault::from(world.reports().get_report(get(&bare)).await.unwrap_err());
    assert_eq!(fault.reason, "SCOPE_MISSING");
    let fault = Fault::from(world.reports().get_report(get(&reader)).await.unwrap_err());
    assert_eq!(fault.reason, "NOT_FOUND");
    let fault = Fault::from(
        world
            .reports()
            .delete_report(delete(&reader))
            .await
            .unwrap_err(),
    );
    assert_eq!(fault.reason, "SCOPE_MISSING");
    let follow = testing::request(FollowRequest::default(), &caller(partner));
    let fault = Fault::from(
        EventsClient::new(world.link.clone())
            .follow(follow)
            .await
            .unwrap_err(),
    );
    assert_eq!(fault.kind, Kind::Forbidden);
}

#[tokio::test]
async fn r1106_a_suspended_partner_gets_its_reports() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let suspended = Caller {
        suspended: true,
        ..caller(partner)
    };
    let request = proto::billing::v1::CreateReportRequest {
        start_date: "2026-10-01".to_owned(),
        end_date: "2026-10-31".to_owned(),
        ..Default::default()
    };
    assert!(
        world
            .reports()
            .create_report(testing::request(request, &suspended))
            .await
            .is_ok()
    );
}
