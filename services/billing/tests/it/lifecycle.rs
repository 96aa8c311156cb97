//! Asking for reports, listing and deleting them.

use std::time::Duration;

use kit::fault::Kind;
use kit::testing;
use proto::billing::v1::{
    DeleteReportRequest, ListReportsRequest, ReportOrder, ReportStatus, ReportType,
};

use super::world::{Give, World, caller, link_of};

#[tokio::test]
async fn r1405_today_and_more_than_five_years_ago_are_refused() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let refused = world
        .create(partner, ReportType::Partner, "2021-11-20", "2026-11-21")
        .await
        .unwrap_err();
    assert_eq!(refused.kind, Kind::Invalid);
    let found: Vec<_> = refused
        .violations
        .iter()
        .map(|v| (v.field.as_str(), v.reason.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("billingEndDate", "NOT_BEFORE_TODAY"),
            ("billingStartDate", "TOO_OLD")
        ]
    );
    let accepted = world
        .create(partner, ReportType::Unspecified, "2021-11-21", "2026-11-20")
        .await;
    let accepted = accepted.unwrap();
    assert_eq!(accepted.report_type(), ReportType::Partner);
    assert_eq!(accepted.status(), ReportStatus::InProgress);
    assert_eq!(accepted.created_by, "testing");
    assert_eq!(accepted.download_path, "");
}

#[tokio::test]
async fn r1406_a_completed_report_must_be_deleted_first() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    world.settle().await;
    let days = ("2026-10-01", "2026-10-31");
    let first = world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap();
    // In progress does not stand in the way; both are written.
    let second = world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap();
    assert_ne!(first.report_id, second.report_id);
    for report in [&first, &second] {
        let report = world.finished(partner, &report.report_id).await;
        assert_eq!(report.status(), ReportStatus::Completed);
    }
    let refused = world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind, refused.reason.as_str()),
        (Kind::Conflict, "REPORT_EXISTS")
    );
    // Another type or period is another report.
    world
        .create(partner, ReportType::User, days.0, days.1)
        .await
        .unwrap();
    world
        .create(partner, ReportType::Partner, days.0, "2026-10-30")
        .await
        .unwrap();

    for report in [first, second] {
        let request = DeleteReportRequest {
            report_id: report.report_id.clone(),
        };
        world
            .reports()
            .delete_report(testing::request(request, &caller(partner)))
            .await
            .unwrap();
        assert_eq!(
            world
                .get(partner, &report.report_id)
                .await
                .unwrap_err()
                .kind,
            Kind::Missing
        );
    }
    world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap();
}

#[tokio::test]
async fn r1406_a_failed_report_can_be_asked_for_again() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    // Usage of a customer that provisioning never tells of: the report cannot be right.
    let customer = super::world::Cust {
        partner,
        id: world.uuid(),
    };
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    world.settle().await;
    let days = ("2026-10-01", "2026-10-31");
    let report = world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap();
    // The last of many tries, without waiting for the others.
    let mut owner = world.owner().await;
    for _ in 0..1_000 {
        let spent = sqlx::query(
            "update billing.operation set attempt = 1000, due_at = '2026-01-01'
             where state = 'running' and step = 'write' and last_error is not null",
        )
        .execute(&mut owner)
        .await
        .unwrap();
        if spent.rows_affected() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let failed = world.finished(partner, &report.report_id).await;
    assert_eq!(failed.status(), ReportStatus::Failed);
    assert_eq!(failed.errors.len(), 1);
    assert_eq!(failed.errors[0].reason, "REPORT_FAILED");
    assert_eq!(failed.download_path, "");

    sqlx::query("delete from billing.usage_open")
        .execute(&mut owner)
        .await
        .unwrap();
    let again = world
        .create(partner, ReportType::Partner, days.0, days.1)
        .await
        .unwrap();
    let again = world.finished(partner, &again.report_id).await;
    assert_eq!(again.status(), ReportStatus::Completed);
}

#[tokio::test]
async fn r1408_filters_are_exact_and_pages_follow_each_other() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    world.settle().await;
    let mut made = Vec::new();
    for (level, first, last) in [
        (ReportType::Partner, "2026-10-01", "2026-10-31"),
        (ReportType::User, "2026-10-01", "2026-10-31"),
        (ReportType::Partner, "2026-10-05", "2026-10-10"),
        (ReportType::Partner, "2026-09-01", "2026-11-10"),
        (ReportType::Customer, "2026-08-01", "2026-08-31"),
    ] {
        let report = world.create(partner, level, first, last).await.unwrap();
        made.push(report.report_id);
    }
    for report_id in &made {
        world.finished(partner, report_id).await;
    }
    let list = async |request: ListReportsRequest| {
        let request = testing::request(request, &caller(partner));
        world
            .reports()
            .list_reports(request)
            .await
            .unwrap()
            .into_inner()
    };
    let days = ListReportsRequest {
        start_date: "2026-10-01".to_owned(),
        end_date: "2026-10-31".to_owned(),
        ..ListReportsRequest::default()
    };
    assert_eq!(list(days.clone()).await.reports.len(), 2);
    let users = ListReportsRequest {
        report_type: ReportType::User.into(),
        ..days.clone()
    };
    assert_eq!(list(users).await.reports.len(), 1);
    let failed = ListReportsRequest {
        status: ReportStatus::Failed.into(),
        ..days
    };
    assert_eq!(list(failed).await.reports.len(), 0);

    for (order, key) in [
        (ReportOrder::Unspecified, "start"),
        (ReportOrder::EndDate, "end"),
        (ReportOrder::Id, "id"),
        (ReportOrder::Status, "status"),
    ] {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListReportsRequest {
                order: order.into(),
                page_size: 2,
                page_token,
                ..ListReportsRequest::default()
            };
            let page = list(request).await;
            assert!(page.reports.len() <= 2);
            found.extend(page.reports.into_iter().map(|report| {
                let key = match key {
                    "start" => report.start_date,
                    "end" => report.end_date,
                    "status" => report.status.to_string(),
                    _ => report.report_id.clone(),
                };
                (key, report.report_id)
            }));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let ids: std::collections::BTreeSet<_> = found.iter().map(|(_, id)| id).collect();
        assert_eq!((found.len(), ids.len()), (5, 5));
        assert!(found.is_sorted());
    }
}

#[tokio::test]
async fn r1408_filters_that_make_no_sense_are_named() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let request = ListReportsRequest {
        start_date: "October".to_owned(),
        page_token: "%".to_owned(),
        ..ListReportsRequest::default()
    };
    let status = world
        .reports()
        .list_reports(testing::request(request, &caller(partner)))
        .await
        .unwrap_err();
    let fault = kit::fault::Fault::from(status);
    let fields: Vec<_> = fault.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["billingStartDate", "cursor"]);
}

#[tokio::test]
async fn r1406_a_report_can_be_deleted_while_it_is_written() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    world.settle().await;
    let report = world
        .create(partner, ReportType::Partner, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    let request = DeleteReportRequest {
        report_id: report.report_id.clone(),
    };
    world
        .reports()
        .delete_report(testing::request(request, &caller(partner)))
        .await
        .unwrap();
    assert_eq!(
        world
            .get(partner, &report.report_id)
            .await
            .unwrap_err()
            .kind,
        Kind::Missing
    );
    let mut owner = world.owner().await;
    for _ in 0..1_000 {
        let live: i64 =
            sqlx::query_scalar("select count(*) from billing.operation where state <> 'done'")
                .fetch_one(&mut owner)
                .await
                .unwrap();
        if live == 0 {
            return;
        }
        world.clock.advance(chrono::TimeDelta::seconds(1));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the operation does not end");
}

#[tokio::test]
async fn r1405_a_report_is_written_once_whatever_is_repeated() {
    let world = World::new().await;
    // A second replica on the same database.
    let replica = testing::serve(
        billing::parts(world.context.clone(), billing::Config::default()),
        &world.context,
    );
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    world.begin(
        Give::base(customer, world.uuid(), "webex_calling"),
        "2026-10-01 00:00:00",
    );
    world.settle().await;
    let mut files = Vec::new();
    let report = world
        .create(partner, ReportType::User, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    let mut owner = world.owner().await;
    for crash in [
        None,
        // after the file was written, before it was recorded
        Some("update billing.report set state = 'IN_PROGRESS'"),
        // before the file was written
        Some(
            "with gone as (delete from billing.report_chunk)
              update billing.report set state = 'IN_PROGRESS', chunks = null",
        ),
    ] {
        if let Some(crash) = crash {
            sqlx::query(crash).execute(&mut owner).await.unwrap();
            sqlx::query("update billing.operation set state = 'running', lease = lease + 1")
                .execute(&mut owner)
                .await
                .unwrap();
        }
        let report = world.finished(partner, &report.report_id).await;
        assert_eq!(report.status(), ReportStatus::Completed);
        files.push(
            world
                .download(link_of(&report.download_path))
                .await
                .unwrap(),
        );
    }
    assert!(files[0].contains(",31,"));
    assert!(files.iter().all(|file| *file == files[0]));
    drop(replica);
}
