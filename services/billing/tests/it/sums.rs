//! Rows add up, on random data, through the whole path.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proto::billing::v1::ReportType;
use uuid::Uuid;

use super::world::{Give, Row, World, at};

const DAYS: (&str, &str) = ("2026-10-01", "2026-10-31");
const PACKAGES: [&str; 2] = ["webex_calling", "webex_suite"];

/// The same random data each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX generator; the high bits are good enough here.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Exact seconds in the window by package.
type Oracle = BTreeMap<String, i64>;

/// Gives every user a chain of packages over some weeks around the window.
fn fill(world: &World, dice: &mut Dice, customers: &[super::world::Cust]) -> Oracle {
    let (from, to) = (at("2026-10-01 00:00:00"), at("2026-11-01 00:00:00"));
    let mut oracle = Oracle::new();
    for customer in customers {
        let locations = [None, Some(world.uuid()), Some(world.uuid())];
        for _ in 0..=dice.roll(6) {
            let user = world.uuid();
            let mut now = at("2026-09-20 00:00:00") + seconds(dice, 20);
            for _ in 0..=dice.roll(4) {
                let package = PACKAGES[usize::try_from(dice.roll(2)).unwrap()];
                let location = locations[usize::try_from(dice.roll(3)).unwrap()];
                let give = Give {
                    location,
                    ..Give::base(*customer, user, package)
                };
                let end = now + seconds(dice, 25);
                let held = world.begin_at(give, now);
                let open = dice.roll(5) == 0;
                let length = if open { to } else { end }.min(to) - now.max(from);
                *oracle.entry(package.to_uppercase()).or_default() += length.num_seconds().max(0);
                if open {
                    break;
                }
                world.end_at(held, end);
                now = end + seconds(dice, 3);
            }
        }
    }
    oracle
}

fn seconds(dice: &mut Dice, days: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(dice.roll(days * 86_400)).unwrap())
}

fn millionths(row: &Row) -> i128 {
    let (whole, decimals) = row["QUANTITY"]
        .split_once('.')
        .unwrap_or((&row["QUANTITY"], ""));
    assert!(decimals.len() <= 6 && !decimals.ends_with('0'));
    whole.parse::<i128>().unwrap() * 1_000_000 + format!("{decimals:0<6}").parse::<i128>().unwrap()
}

fn sums(rows: &[Row], columns: &[&str]) -> BTreeMap<Vec<String>, i128> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let key = columns.iter().map(|column| row[*column].clone()).collect();
        *sums.entry(key).or_default() += millionths(row);
    }
    sums
}

#[tokio::test]
async fn r1409_user_rows_sum_to_customer_rows_and_those_to_partner_rows() {
    let world = World::new().await;
    let mut dice = Dice(20_261_121);
    let parent = world.partner("Parent", None);
    let child = world.partner("Child", Some(parent));
    let customers: Vec<_> = (0..24)
        .map(|n| world.customer(if n % 3 == 0 { child } else { parent }, &format!("C{n}")))
        .collect();
    let oracle = fill(&world, &mut dice, &customers);

    let users = world.rows(parent, ReportType::User, DAYS.0, DAYS.1).await;
    let customers = world
        .rows(parent, ReportType::Customer, DAYS.0, DAYS.1)
        .await;
    let partners = world
        .rows(parent, ReportType::Partner, DAYS.0, DAYS.1)
        .await;
    assert!(users.len() > customers.len() && customers.len() > 24);

    let site = [
        "PARTNER_ORG_ID",
        "CUSTOMER_ORG_ID",
        "LOCATION_ID",
        "SUBSCRIPTION_ID",
        "SKU",
    ];
    assert_eq!(sums(&users, &site), sums(&customers, &site));
    let partner = ["PARTNER_ORG_ID", "SUBSCRIPTION_ID", "SKU"];
    assert_eq!(sums(&customers, &partner), sums(&partners, &partner));
    assert_eq!(partners.len(), oracle.len());
    for row in &partners {
        let exact = i128::from(oracle[&row["SERVICE_NAME"]]) * 1_000_000;
        assert!((2 * (millionths(row) * 86_400 - exact)).abs() <= 86_400);
    }
    // Each user's day counts at most once: 31 days.
    for sum in sums(&users, &["SUBSCRIBER_ID"]).values() {
        assert!(*sum <= 31_000_001);
    }
}

#[tokio::test]
async fn r1405_a_large_report_comes_in_many_pieces() {
    let world = World::new().await;
    let partner = world.partner("Partner", None);
    let customer = world.customer(partner, "ACME");
    for n in 0..3_000_u128 {
        let user = Uuid::from_u128(n + 1);
        world.begin(
            Give::base(customer, user, "webex_calling"),
            "2026-10-01 00:00:00",
        );
    }
    let rows = world
        .rows(partner, ReportType::User, "2026-10-01", "2026-10-02")
        .await;
    assert_eq!(rows.len(), 3_000);
    assert!(rows.iter().all(|row| row["QUANTITY"] == "2"));
    let mut owner = world.owner().await;
    let chunks: i64 = sqlx::query_scalar("select count(*) from billing.report_chunk")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(chunks > 2);
}
