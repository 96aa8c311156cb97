use std::collections::BTreeSet;

use futures::StreamExt as _;
use kit::scope::Scope;
use proto::provisioning::v1::{ListPackagesRequest, Package, PackageKind, event::Kind};

use super::stage::{Stage, packages};

async fn list(stage: &Stage) -> Vec<Package> {
    let request = stage.request(ListPackagesRequest {});
    stage
        .catalogue()
        .list_packages(request)
        .await
        .unwrap()
        .into_inner()
        .packages
}

#[tokio::test]
async fn r102_a_fresh_installation_sells_the_fourteen_published_packages() {
    let stage = Stage::new().await;
    let catalogue = list(&stage).await;
    let names: Vec<&str> = catalogue
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "common_area_calling",
            "webex_calling_standard",
            "webex_voice",
            "webex_calling",
            "cx_essentials",
            "webex_suite",
            "webex_meetings",
            "attendant_console",
            "cisco_calling_plan",
            "cx_premium_agent",
            "cx_standard_agent",
            "cx_voice_ports",
            "cx_ai_assistant",
            "webex_ai_agent",
        ]
    );
    let skus: BTreeSet<&str> = catalogue
        .iter()
        .map(|package| package.sku.as_str())
        .collect();
    assert_eq!(skus.len(), 14);
    let find = |name: &str| {
        catalogue
            .iter()
            .find(|package| package.name == name)
            .unwrap()
    };
    assert!(!find("webex_meetings").calling && find("webex_meetings").meetings);
    assert!(find("webex_voice").calling && !find("webex_voice").meetings);
    assert_eq!(find("common_area_calling").kind(), PackageKind::Customer);
    assert_eq!(
        find("attendant_console").requires_any,
        packages(&["webex_calling", "webex_suite", "cx_essentials"])
    );
}

#[tokio::test]
async fn r105_a_package_that_is_only_data_is_sold_and_announced() {
    let stage = Stage::new().await;
    let mut tx = stage
        .context
        .db
        .begin(Scope::Whole("the operator adds a package"))
        .await
        .unwrap();
    sqlx::query(
        "insert into package (ordinal, name, title, sku, description, kind, calling, meetings, announced_at)
         values (200, 'fax', 'Fax', 'ENT-FAX', 'Fax', 'base', false, false, $1)",
    )
    .bind(stage.context.clock.now())
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(list(&stage).await.last().unwrap().name, "fax");
    let mut request = stage.good().await;
    request.packages = packages(&["fax"]);
    request.parameters = None;
    stage.create(request).await.unwrap();
}

#[tokio::test]
async fn r105_the_catalogue_is_told_once_to_the_other_contexts() {
    let stage = Stage::new().await;
    let told: BTreeSet<String> = stage
        .feed()
        .await
        .take(14)
        .map(|event| {
            let event = event.unwrap();
            assert_eq!(
                event.header.unwrap().partner_id,
                uuid::Uuid::nil().to_string()
            );
            match event.kind.unwrap() {
                Kind::PackageDefined(defined) => defined.package.unwrap().name,
                Kind::CustomerChanged(_) | Kind::Audit(_) => panic!("no customer yet"),
            }
        })
        .collect()
        .await;
    assert_eq!(told.len(), 14);
    // a second start tells nothing again
    let parts = provisioning::parts(stage.context.clone(), provisioning::Config::default());
    let again = kit::testing::serve(parts, &stage.context);
    drop(again);
    let customer = stage.provisioned().await;
    let mut feed = stage.feed().await.skip(14);
    let next = feed.next().await.unwrap().unwrap();
    let Kind::CustomerChanged(changed) = next.kind.unwrap() else {
        panic!("told twice")
    };
    assert_eq!(changed.customer.unwrap().customer_id, customer.customer_id);
}
