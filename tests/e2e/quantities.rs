//! Quantities to the second, on a clock that stands still in between.

use chrono::TimeDelta;
use serde_json::json;

use crate::stage::{Partner, Stage, millionths_of, rows, subscriber};

#[tokio::test]
async fn r1403_half_a_day_is_half_and_every_level_adds_up() {
    let stage = Stage::frozen("2026-02-27T00:00:00Z").await;
    stage.play(quantities).await;
}

async fn quantities(stage: &Stage) {
    let partner = stage.partner().await;
    let packages = ["webex_calling", "webex_suite"];
    let id = partner.provisioned("exact-1", &packages).await;
    let mut paths = Vec::new();
    for number in 0..3 {
        let email = format!("user{number}@exact-1.example");
        let body = subscriber(&id, &email, "webex_calling", number);
        paths.push(Partner::subscriber_path(&partner.subscribed(&body).await));
    }
    // noon: one goes to another package, one is removed
    stage.advance(TimeDelta::hours(12)).await;
    let partner = stage.partner().await;
    let change = json!({ "package": "webex_suite" });
    partner
        .put(&paths[0], &change)
        .await
        .expect_status(200)
        .unwrap();
    partner.delete(&paths[1]).await.expect_status(204).unwrap();
    // a third of a day later, on the last day of the month but one
    stage.advance(TimeDelta::hours(32)).await;
    let partner = stage.partner().await;
    partner.delete(&paths[2]).await.expect_status(204).unwrap();
    stage.settled().await;
    stage.advance(TimeDelta::days(3)).await;
    let partner = stage.partner().await;

    let day = |level, first, last| {
        let partner = &partner;
        async move { rows(&partner.csv(level, first, last).await) }
    };
    for level in ["PARTNER", "CUSTOMER", "USER"] {
        let sum = |rows: &_, name: &str| millionths_of(rows, |row| row["SERVICE_NAME"] == name);
        let first = day(level, "2026-02-27", "2026-02-27").await;
        // 0.5 + 0.5 + 1, and 0.5
        assert_eq!(sum(&first, "WEBEX_CALLING"), 2_000_000, "{level}");
        assert_eq!(sum(&first, "WEBEX_SUITE"), 500_000, "{level}");
        let second = day(level, "2026-02-28", "2026-02-28").await;
        // 20 hours of 24, to the nearest millionth
        assert_eq!(sum(&second, "WEBEX_CALLING"), 833_333, "{level}");
        assert_eq!(sum(&second, "WEBEX_SUITE"), 1_000_000, "{level}");
        let both = day(level, "2026-02-27", "2026-03-01").await;
        assert_eq!(sum(&both, "WEBEX_CALLING"), 2_833_333, "{level}");
        assert_eq!(sum(&both, "WEBEX_SUITE"), 2_500_000, "{level}");
    }
}
