//! Many entitlements at once.

use std::time::Duration;

use futures::future::join_all;
use kit::{db::Tx, scope::Scope};
use proto::subscriber::v1::{ApplyEntitlementRequest, EntitledPackage};
use sqlx::Row as _;
use uuid::Uuid;

use super::world::{World, conflict, packages, partner, place, verdict};

const MANY: u128 = 40;

fn customer(number: u128) -> Uuid {
    Uuid::from_u128(0xd00 + number)
}

fn without(name: &str) -> Vec<EntitledPackage> {
    let mut packages = packages();
    packages.retain(|package| package.name != name);
    packages
}

/// What is stored of a customer.
#[derive(Debug, PartialEq)]
struct Stored {
    external_id: String,
    revoked: bool,
    began_with: Vec<String>,
    began_calling: bool,
    packages: Vec<String>,
    /// In order of their places, which count from 1.
    locations: Vec<Uuid>,
}

impl World {
    async fn stored(&self, customer: Uuid) -> Stored {
        let sql = "select external_id, revoked_at is not null revoked, began_with, began_calling,
                       array(select name from entitled_package p
                             where p.partner_id = c.partner_id and p.customer_id = c.customer_id
                             order by name) packages,
                       array(select location_id from location l
                             where l.partner_id = c.partner_id and l.customer_id = c.customer_id
                             order by place) locations,
                       array(select place from location l
                             where l.partner_id = c.partner_id and l.customer_id = c.customer_id
                             order by place) places
                   from customer c
                   where customer_id = $1";
        let scope = Scope::Partner(self.partner.partner);
        let mut tx = self.context.db.begin(scope).await.unwrap();
        let row = sqlx::query(sql)
            .bind(customer)
            .fetch_one(tx.conn())
            .await
            .unwrap();
        let locations: Vec<Uuid> = row.get("locations");
        let places: Vec<i32> = row.get("places");
        let counted = 1..=i32::try_from(locations.len()).unwrap();
        assert_eq!(places, counted.collect::<Vec<_>>());
        Stored {
            external_id: row.get("external_id"),
            revoked: row.get("revoked"),
            began_with: row.get("began_with"),
            began_calling: row.get("began_calling"),
            packages: row.get("packages"),
            locations,
        }
    }

    /// A customer that is being written.
    async fn unfinished(&self, customer: Uuid) -> Tx {
        let sql = "insert into customer (partner_id, customer_id, organization_id, external_id,
                                         began_calling, began_with, created_at)
                   values ($1, $2, $2, 'unfinished', true, '{}', $3)";
        let scope = Scope::Partner(self.partner.partner);
        let mut tx = self.context.db.begin(scope).await.unwrap();
        sqlx::query(sql)
            .bind(self.partner.partner.uuid())
            .bind(customer)
            .bind(self.clock.now())
            .execute(tx.conn())
            .await
            .unwrap();
        tx
    }

    /// How many transactions wrote the customers that there are.
    async fn writers(&self) -> i64 {
        let scope = Scope::Partner(self.partner.partner);
        let mut tx = self.context.db.begin(scope).await.unwrap();
        sqlx::query_scalar("select count(distinct xmin::text) from customer")
            .fetch_one(tx.conn())
            .await
            .unwrap()
    }
}

fn as_applied(request: &ApplyEntitlementRequest) -> Stored {
    let bases = |package: &&EntitledPackage| package.base && package.assignable;
    let name = |package: &EntitledPackage| package.name.clone();
    let mut packages: Vec<_> = request.packages.iter().map(name).collect();
    packages.sort();
    Stored {
        external_id: request.external_id.clone(),
        revoked: false,
        began_with: request.packages.iter().filter(bases).map(name).collect(),
        began_calling: request.packages.iter().filter(bases).all(|one| one.calling),
        packages,
        locations: vec![place(request.customer_id.parse().unwrap())],
    }
}

#[tokio::test]
async fn many_new_customers_at_once_are_written_in_few_transactions() {
    let world = World::new().await;
    let requests: Vec<_> = (0..MANY)
        .map(|n| {
            let names = ["scarce", "meet", "plan"];
            let mut packages = packages();
            packages.retain(|package| n % 3 > 0 || !names.contains(&package.name.as_str()));
            world.entitlement(customer(n), packages)
        })
        .collect();
    let calls = requests.iter().cloned().map(|one| world.entitle(one));
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    for request in &requests {
        let stored = world.stored(request.customer_id.parse().unwrap()).await;
        assert_eq!(stored, as_applied(request));
    }
    // the one of the beginning, who came first, and those who came while that one was served
    let writers = world.writers().await;
    assert!(writers <= 6, "{writers}");
}

#[tokio::test]
async fn r309_in_a_group_each_gets_its_own_answer() {
    let world = World::new().await;
    world
        .create(world.calling("a@example.com", &["suite", "desk"], "100"))
        .await
        .unwrap();
    let changed = customer(1000);
    let mut before = world.entitlement(changed, without("meet"));
    world.entitle(before.clone()).await.unwrap();
    before.packages = packages();
    before.external_id = "renamed".to_owned();
    before.location.as_mut().unwrap().location_id = Uuid::from_u128(0xb0).to_string();

    let mut requests = Vec::new();
    for n in 0..MANY {
        let new = world.entitlement(customer(n), packages());
        requests.push(new.clone());
        match n % 10 {
            // the same twice, and three times
            0 => requests.push(new),
            1 => requests.extend([new.clone(), new]),
            // refused, whatever else is in the group
            2 => {
                let mut refused = world.entitlement(world.customer, without("suite"));
                refused.external_id = "never".to_owned();
                requests.push(refused);
            }
            3 => requests.push(before.clone()),
            // refused before it comes to a group
            4 => requests.push(ApplyEntitlementRequest {
                external_id: String::new(),
                ..new
            }),
            _ => {}
        }
    }
    let answers = join_all(requests.iter().cloned().map(|one| world.entitle(one))).await;
    for (request, answer) in requests.iter().zip(answers) {
        if request.external_id == "never" {
            let fault = answer.unwrap_err();
            assert_eq!(fault.violations.len(), 1);
            assert!(
                fault.message.contains("1 subscribers hold suite"),
                "{fault:?}"
            );
            assert_eq!(verdict::<()>(Err(fault)), conflict("PACKAGE_IN_USE"));
        } else if request.external_id.is_empty() {
            assert_eq!(answer.unwrap_err().violations[0].field, "externalId");
        } else {
            answer.unwrap();
        }
    }
    for n in 0..MANY {
        let request = world.entitlement(customer(n), packages());
        assert_eq!(world.stored(customer(n)).await, as_applied(&request), "{n}");
    }
    // nothing of what was refused is left
    let kept = world.entitlement(world.customer, packages());
    assert_eq!(world.stored(world.customer).await, as_applied(&kept));
    // what exists is changed, but for what it began with
    let stored = world.stored(changed).await;
    assert_eq!(
        (stored.external_id.as_str(), stored.packages.len()),
        ("renamed", packages().len())
    );
    assert_eq!(stored.locations, [place(changed), Uuid::from_u128(0xb0)]);
    assert!(!stored.began_with.contains(&"meet".to_owned()));
}

#[tokio::test]
async fn an_entitlement_without_location_and_packages_makes_none() {
    let world = World::new().await;
    let mut request = world.entitlement(customer(1), Vec::new());
    request.location = None;
    for _ in 0..2 {
        world.entitle(request.clone()).await.unwrap();
        let stored = world.stored(customer(1)).await;
        assert_eq!((stored.packages.len(), stored.locations.len()), (0, 0));
    }
}

#[tokio::test]
async fn groups_of_two_replicas_never_wait_for_each_other_in_a_circle() {
    let world = World::new().await;
    let other = world.replica();
    // both groups are held up in the middle
    let middle = world.unfinished(customer(MANY / 2)).await;
    let request = |n| world.entitlement(customer(n), packages());
    let here = join_all((0..MANY).map(|n| world.entitle(request(n))));
    let there = join_all(
        (0..MANY)
            .rev()
            .map(|n| world.entitle_at(&other, request(n))),
    );
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        middle.commit().await.unwrap();
    };
    let (here, there, ()) = tokio::join!(here, there, release);
    for answer in here.into_iter().chain(there) {
        answer.unwrap();
    }
    // a group that was broken off would have been served one by one
    let writers = world.writers().await;
    assert!(writers <= 6, "{writers}");
}

#[tokio::test]
async fn r1203_groups_are_of_one_partner() {
    let world = World::new().await;
    let stranger = partner(0xb);
    let requests = (0..MANY).map(|n| {
        let mut request = world.entitlement(customer(n / 2), packages());
        if n % 2 > 0 {
            request.partner_id = stranger.partner.to_string();
            request.external_id = "theirs".to_owned();
            request.packages = without("voice");
        }
        request
    });
    for answer in join_all(requests.map(|one| world.entitle(one))).await {
        answer.unwrap();
    }
    for n in 0..MANY / 2 {
        let request = world.entitlement(customer(n), packages());
        assert_eq!(world.stored(customer(n)).await, as_applied(&request));
    }
}
