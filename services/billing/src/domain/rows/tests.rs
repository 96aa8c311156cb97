//! Rows against an oracle that keeps everything and rounds once per group.

use proptest::prelude::*;

use super::*;
use crate::domain::usage::DAY;

/// customer, location, subscriber, package, seconds
type Fact = (u128, Option<u128>, u128, u8, i64);

fn slice((customer, location, subscriber, package, seconds): Fact) -> Slice {
    Slice {
        site: Site {
            customer: Uuid::from_u128(customer),
            organization: None,
            external_id: customer.to_string(),
            location: location.map(Uuid::from_u128),
        },
        user: User {
            subscriber: Uuid::from_u128(subscriber),
            person: None,
            workspace: None,
        },
        pool: Pool {
            subscription_id: "Sub1".to_owned(),
            package: package.to_string(),
        },
        seconds: Seconds::new(seconds).unwrap(),
    }
}

fn rows(level: Level, facts: &[Fact]) -> Vec<Row> {
    let mut found = Vec::new();
    let mut rows = Rows::new(level);
    let mut emit = |row| {
        found.push(row);
        Ok::<_, Overflow>(())
    };
    for fact in facts {
        rows.push(slice(*fact), &mut emit).unwrap();
    }
    rows.finish(&mut emit).unwrap();
    found
}

/// A printed quantity back as millionths.
fn millionths(quantity: Quantity) -> i128 {
    let text = quantity.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    whole.parse::<i128>().unwrap() * 1_000_000 + format!("{decimals:0<6}").parse::<i128>().unwrap()
}

type Key = (Option<(Uuid, Option<Uuid>)>, String);

/// Printed sums per site (or none) and package.
fn sums(rows: &[Row], by_site: bool) -> BTreeMap<Key, i128> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let site = row.site.as_ref().map(|site| (site.customer, site.location));
        let key = (site.filter(|_| by_site), row.pool.package.clone());
        *sums.entry(key).or_default() += millionths(row.quantity);
    }
    sums
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact = (
        0_u128..5,
        proptest::option::of(0_u128..3),
        0_u128..9,
        0_u8..3,
        0_i64..3_000_000,
    );
    proptest::collection::vec(fact, 0..120).prop_map(|mut facts| {
        facts.sort_by_key(|fact| (fact.0, fact.1, fact.2));
        facts
    })
}

proptest! {
    #[test]
    fn r1409_users_sum_to_customers_and_those_to_partners(facts in facts()) {
        let users = rows(Level::User, &facts);
        let customers = rows(Level::Customer, &facts);
        let partners = rows(Level::Partner, &facts);
        prop_assert_eq!(sums(&users, true), sums(&customers, true));
        prop_assert_eq!(sums(&customers, false), sums(&partners, false));
    }

    #[test]
    fn r1403_a_partner_row_is_the_rounded_sum_of_all_seconds(facts in facts()) {
        for row in rows(Level::Partner, &facts) {
            let exact: i128 = facts
                .iter()
                .filter(|fact| fact.3.to_string() == row.pool.package)
                .map(|fact| i128::from(fact.4))
                .sum();
            let error = millionths(row.quantity) * i128::from(DAY) - exact * 1_000_000;
            prop_assert!(2 * error.abs() <= i128::from(DAY));
        }
    }

    #[test]
    fn each_group_has_one_row_for_each_package(facts in facts()) {
        let customers = rows(Level::Customer, &facts);
        prop_assert_eq!(sums(&customers, true).len(), customers.len());
        let partners = rows(Level::Partner, &facts);
        prop_assert_eq!(sums(&partners, false).len(), partners.len());
    }
}
