//! Sub-partners' usage rolls up to the parent.

use kit::fault::Kind;
use proto::billing::v1::{ReportStatus, ReportType};

use super::world::{Give, World, link_of, rows_of};

const DAYS: (&str, &str) = ("2026-10-01", "2026-10-10");

struct Tree {
    world: World,
    parent: kit::id::PartnerId,
    child: kit::id::PartnerId,
    stranger: kit::id::PartnerId,
}

async fn tree() -> Tree {
    let world = World::new().await;
    let parent = world.partner("Parent", None);
    let child = world.partner("Child", Some(parent));
    let sibling = world.partner("Sibling", Some(parent));
    let stranger = world.partner("Stranger", None);
    for (partner, name) in [(parent, "P"), (child, "C"), (sibling, "S"), (stranger, "X")] {
        let customer = world.customer(partner, name);
        world.begin(
            Give::base(customer, world.uuid(), "webex_calling"),
            "2026-10-01 00:00:00",
        );
    }
    Tree {
        world,
        parent,
        child,
        stranger,
    }
}

async fn about(tree: &Tree, asks: kit::id::PartnerId, about: kit::id::PartnerId) -> String {
    let level = ReportType::User;
    let report = tree
        .world
        .create_about(asks, level, DAYS.0, DAYS.1, about.to_string())
        .await
        .unwrap();
    let report = tree.world.finished(asks, &report.report_id).await;
    assert_eq!(report.status(), ReportStatus::Completed);
    tree.world
        .download(link_of(&report.download_path))
        .await
        .unwrap()
}

#[tokio::test]
async fn r1404_the_parents_report_covers_its_sub_partners() {
    let tree = tree().await;
    let rows = tree
        .world
        .rows(tree.parent, ReportType::Partner, DAYS.0, DAYS.1)
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["PARTNER_NAME"], "Parent");
    assert_eq!(rows[0]["QUANTITY"], "30");
    let rows = tree
        .world
        .rows(tree.parent, ReportType::Customer, DAYS.0, DAYS.1)
        .await;
    let mut names: Vec<_> = rows
        .iter()
        .map(|row| row["CUSTOMER_EXTERNAL_ID"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["C", "P", "S"]);
}

#[tokio::test]
async fn r1101_a_sub_partner_sees_its_own_only() {
    let tree = tree().await;
    let rows = tree
        .world
        .rows(tree.child, ReportType::User, DAYS.0, DAYS.1)
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["PARTNER_NAME"], "Child");
    assert_eq!(rows[0]["CUSTOMER_EXTERNAL_ID"], "C");
}

#[tokio::test]
async fn r1103_the_parent_gets_the_report_of_one_sub_partner() {
    let tree = tree().await;
    let own = tree
        .world
        .file(tree.child, ReportType::User, DAYS.0, DAYS.1)
        .await;
    let asked = about(&tree, tree.parent, tree.child).await;
    assert_eq!(asked, own);
    assert_eq!(rows_of(&asked).len(), 1);
    // A report about one sub-partner does not stand in the way of one about all.
    tree.world
        .create(tree.parent, ReportType::User, DAYS.0, DAYS.1)
        .await
        .unwrap();
}

#[tokio::test]
async fn r1203_somebody_elses_sub_partner_does_not_exist() {
    let tree = tree().await;
    tree.world.settle().await;
    let unknown = tree.world.uuid().to_string();
    for (asks, about) in [
        (tree.stranger, tree.child.to_string()),
        (tree.parent, tree.stranger.to_string()),
        (tree.parent, tree.parent.to_string()),
        (tree.child, tree.parent.to_string()),
        (tree.parent, unknown),
        (tree.parent, "nonsense".to_owned()),
    ] {
        let refused = tree
            .world
            .create_about(asks, ReportType::Partner, DAYS.0, DAYS.1, about)
            .await
            .unwrap_err();
        assert_eq!(
            (refused.kind, refused.reason.as_str()),
            (Kind::Missing, "NOT_FOUND")
        );
    }
}
