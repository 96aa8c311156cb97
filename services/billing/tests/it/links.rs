//! Download links.

use billing::Config;
use chrono::TimeDelta;
use kit::fault::Kind;
use kit::testing;
use proto::billing::v1::{DeleteReportRequest, DownloadReportRequest, Report, ReportType};

use super::world::{World, caller, link_of};

async fn ready(world: &World) -> (kit::id::PartnerId, Report) {
    let partner = world.partner("Partner", None);
    world.settle().await;
    let report = world
        .create(partner, ReportType::Partner, "2026-10-01", "2026-10-31")
        .await
        .unwrap();
    (partner, world.finished(partner, &report.report_id).await)
}

async fn dead(world: &World, link: DownloadReportRequest) {
    let refused = world.download(link).await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.reason.as_str()),
        (Kind::Forbidden, "LINK_INVALID")
    );
}

#[tokio::test]
async fn r1407_a_link_works_for_thirty_minutes_and_each_get_renews_it() {
    let world = World::new().await;
    let (partner, report) = ready(&world).await;
    let link = link_of(&report.download_path);
    assert_eq!(
        link.expires,
        (world.clock.now() + TimeDelta::minutes(30)).timestamp()
    );
    world.clock.advance(TimeDelta::seconds(30 * 60 - 1));
    assert!(
        world
            .download(link.clone())
            .await
            .unwrap()
            .starts_with("PARTNER_NAME,")
    );
    world.clock.advance(TimeDelta::seconds(1));
    dead(&world, link).await;
    let again = world.get(partner, &report.report_id).await.unwrap();
    assert!(world.download(link_of(&again.download_path)).await.is_ok());
}

#[tokio::test]
async fn r1407_a_link_that_was_tampered_with_is_dead() {
    let world = World::new().await;
    let (_, report) = ready(&world).await;
    let link = link_of(&report.download_path);
    let other = world.uuid().to_string();
    let mut signature = link.signature.clone();
    let last = signature.pop().unwrap();
    signature.insert(0, last);
    dead(
        &world,
        DownloadReportRequest {
            expires: link.expires + 1,
            ..link.clone()
        },
    )
    .await;
    dead(
        &world,
        DownloadReportRequest {
            partner_id: other.clone(),
            ..link.clone()
        },
    )
    .await;
    dead(
        &world,
        DownloadReportRequest {
            report_id: other,
            ..link.clone()
        },
    )
    .await;
    dead(
        &world,
        DownloadReportRequest {
            signature,
            ..link.clone()
        },
    )
    .await;
    dead(
        &world,
        DownloadReportRequest {
            signature: String::new(),
            ..link.clone()
        },
    )
    .await;
    dead(
        &world,
        DownloadReportRequest {
            partner_id: "x".to_owned(),
            ..link
        },
    )
    .await;
}

#[tokio::test]
async fn r1406_deleting_a_report_kills_its_link_at_once() {
    let world = World::new().await;
    let (partner, report) = ready(&world).await;
    let link = link_of(&report.download_path);
    assert!(world.download(link.clone()).await.is_ok());
    let request = DeleteReportRequest {
        report_id: report.report_id,
    };
    world
        .reports()
        .delete_report(testing::request(request, &caller(partner)))
        .await
        .unwrap();
    dead(&world, link).await;
    let mut owner = world.owner().await;
    let left: i64 = sqlx::query_scalar("select count(*) from billing.report_chunk")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn r1407_the_secret_of_links_can_be_configured() {
    let config = Config {
        link_secret: Some("correct horse battery staple, twice".to_owned()),
        link_key_id: "k7".to_owned(),
    };
    let world = World::with(config).await;
    let (_, report) = ready(&world).await;
    assert!(report.download_path.ends_with("&Key-Pair-Id=k7"));
    assert!(world.download(link_of(&report.download_path)).await.is_ok());
    let mut owner = world.owner().await;
    let kept: i64 = sqlx::query_scalar("select count(*) from billing.link_key")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(kept, 0);
}
