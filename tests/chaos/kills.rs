//! Every role and the database are killed while a partner works.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use entrepot::{client::Client, up};
use kit::{
    cluster::{Cluster, Durability},
    id::Random,
};
use serde_json::json;

use crate::{
    chaos::back_office::{BackOffice, Promises},
    stage::{ROLES, Stage, seed, settle, signal},
};

/// Customers at least; more come as long as it is stormy.
const CUSTOMERS: usize = 60;
/// How long it is stormy at least, and how many kills.
const STORM: Duration = Duration::from_secs(20);
const KILLS: usize = 12;
/// A killed role's operations are free again after a minute.
const CALM: Duration = Duration::from_secs(100);

/// A cluster of the test's own, whose commits are on disk, and its directory.
struct Ground {
    directory: std::path::PathBuf,
    cluster: Option<Cluster>,
}

impl Ground {
    async fn new() -> Self {
        let name = format!("entrepot-chaos-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let mut ground = Self {
            directory,
            cluster: None,
        };
        ground.start().await;
        ground
    }

    async fn start(&mut self) {
        let directory = self.directory.clone();
        let start = move || Cluster::start(&directory, Durability::Full);
        let started = tokio::task::spawn_blocking(start).await.unwrap();
        self.cluster = Some(started.expect("PostgreSQL starts"));
    }

    fn url(&self) -> String {
        self.cluster.as_ref().expect("runs").main_url()
    }

    /// `kill -9` of the server, and a new start on what it left.
    async fn kill(&mut self) {
        let cluster = self.cluster.take().expect("runs");
        let pid = cluster.server_pid().expect("a server");
        signal("KILL", pid);
        tokio::time::sleep(Duration::from_millis(700)).await;
        tokio::task::spawn_blocking(|| cluster.stop())
            .await
            .unwrap();
        self.start().await;
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        drop(self.cluster.take());
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariants_hold_when_roles_and_the_database_are_killed_under_load() {
    let random = Random::seeded(seed());
    let mut ground = Ground::new().await;
    up::migrate(&ground.url()).await.expect("migrates");
    let stage = Stage::split_on(ground.url()).await;
    let partner = stage.partner().await;
    let reviewer = stage.reviewer().await;

    let office = BackOffice::new(&partner, CALM);
    let over = AtomicBool::new(false);
    let stormy = async {
        let kills = storm(&stage, &mut ground, &random).await;
        over.store(true, Ordering::Relaxed);
        kills
    };
    let work = office.onboard(CUSTOMERS, || !over.load(Ordering::Relaxed));
    let began = Instant::now();
    let (kills, ()) = futures::join!(stormy, work);
    println!("{kills} kills, all work done after {:.1?}", began.elapsed());
    reject(&office, &reviewer).await;

    let mut sql = stage.sql().await;
    settle(&mut sql, CALM).await;
    println!("settled after {:.1?}", began.elapsed());
    let promises = office.promises.into_inner().unwrap();
    kept(&stage, &promises).await;
    let first_day = stage.first_day().await;
    stage.advance(TimeDelta::days(3)).await;
    let partner = stage.partner().await;
    stage.three_levels(&partner, first_day).await;
    drop(stage);
}

/// Kills roles, sometimes two at once, and the database once; how many.
async fn storm(stage: &Stage, ground: &mut Ground, random: &Random) -> usize {
    let began = Instant::now();
    let pause = |least: u64| {
        let more = u64::from(random.fraction());
        tokio::time::sleep(Duration::from_millis(least + more))
    };
    let processes = stage.processes();
    let (mut kills, mut database) = (0, false);
    while kills < KILLS || began.elapsed() < STORM {
        pause(700).await;
        if kills >= KILLS / 3 && !database {
            database = true;
            println!("{:.1?} kill PostgreSQL", began.elapsed());
            ground.kill().await;
            kills += 1;
            continue;
        }
        let [first, second, both] = random.bytes::<3>().map(usize::from);
        let mut roles = vec![ROLES[first % ROLES.len()]];
        if both % 4 == 0 && ROLES[second % ROLES.len()] != roles[0] {
            roles.push(ROLES[second % ROLES.len()]);
        }
        println!("{:.1?} kill {}", began.elapsed(), roles.join(" and "));
        for role in &roles {
            processes.kill(role);
            kills += 1;
        }
        pause(0).await;
        for role in &roles {
            processes.spawn(role);
        }
        for role in &roles {
            processes.ready(role).await;
        }
    }
    kills
}

fn listed(promises: &Promises) -> usize {
    let names = promises.customers.keys();
    names.filter(|name| name.ends_with('9')).count()
}

/// The reviewer rejects whatever is open.
async fn reject(office: &BackOffice<'_>, reviewer: &Client) {
    let wanted = {
        let promises = office.promises.lock().unwrap();
        listed(&promises)
    };
    let mut rejected = 0;
    let began = Instant::now();
    while rejected < wanted {
        let path = "/platform/v1/screening/cases?status=open";
        let ask = async || reviewer.get(path).await;
        let open = office.answer(ask).await.expect("open");
        for case in open.body["items"].as_array().cloned().unwrap_or_default() {
            let path = format!(
                "/platform/v1/screening/cases/{}/decide",
                case["id"].as_str().unwrap()
            );
            let body = json!({ "decision": "reject", "reason": "is the listed party" });
            let ask = async || reviewer.post(&path, &body).await;
            let decided = office.answer(ask).await.expect("open");
            assert_eq!(decided.status, 200, "{}", decided.text);
            rejected += 1;
        }
        assert!(began.elapsed() < CALM, "{rejected} of {wanted} cases");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(rejected, wanted);
}

/// What was promised is there, once, and nothing else.
async fn kept(stage: &Stage, promises: &Promises) {
    println!(
        "{} customers, {} subscribers",
        promises.customers.len(),
        promises.subscribers.len()
    );
    let mut sql = stage.sql().await;
    let customers: Vec<(String, String)> =
        sqlx::query_as("select external_id, status from provisioning.customer")
            .fetch_all(&mut sql)
            .await
            .unwrap();
    assert_eq!(
        customers.len(),
        promises.customers.len(),
        "one for each external id"
    );
    for (external_id, status) in &customers {
        let listed = external_id.ends_with('9');
        let wanted = if listed { "error" } else { "provisioned" };
        assert_eq!(status, wanted, "{external_id}");
    }
    // exactly once: one operation for each customer, no second one
    let operations: Vec<(String, i64)> = sqlx::query_as(
        "select state, count(*) from provisioning.operation group by state order by state",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    let rejected = i64::try_from(listed(promises)).unwrap();
    let done = i64::try_from(promises.customers.len()).unwrap() - rejected;
    let wanted = [("done".to_owned(), done), ("undone".to_owned(), rejected)];
    assert_eq!(operations, wanted);

    let held: Vec<(String, Option<String>)> = sqlx::query_as(
        "select s.email, a.package from subscriber.subscriber s
         left join subscriber.assignment a
           on a.subscriber_id = s.subscriber_id and a.slot = 'base' and a.ended_at is null",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    assert_eq!(
        held.len(),
        promises.subscribers.len(),
        "one for each address"
    );
    for (email, package) in &held {
        assert_eq!(package.as_deref(), promises.subscribers[email], "{email}");
    }
}
