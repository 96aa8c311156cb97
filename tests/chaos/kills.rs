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

const CUSTOMERS: usize = 60;
/// How long it is stormy.
const STORM: Duration = Duration::from_secs(25);
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
    let work = async {
        office.onboard(CUSTOMERS).await;
        over.store(true, Ordering::Relaxed);
    };
    let began = Instant::now();
    let (kills, ()) = futures::join!(storm(&stage, &mut ground, &random, &over), work);
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

/// Kills one role after the other, and the database once; how many.
async fn storm(stage: &Stage, ground: &mut Ground, random: &Random, over: &AtomicBool) -> usize {
    let began = Instant::now();
    let mut kills = 0;
    let pause = |random: &Random, least: u64| {
        tokio::time::sleep(Duration::from_millis(least + u64::from(random.fraction())))
    };
    // the database once, whether or not the work is done by then
    while kills < 8 || (began.elapsed() < STORM && !over.load(Ordering::Relaxed)) {
        pause(random, 900).await;
        if kills == 4 {
            println!("{:.1?} kill PostgreSQL", began.elapsed());
            ground.kill().await;
        } else {
            let [byte] = random.bytes::<1>();
            let role = ROLES[usize::from(byte) % ROLES.len()];
            println!("{:.1?} kill {role}", began.elapsed());
            stage.processes().kill(role);
            pause(random, 0).await;
            stage.processes().spawn(role);
            let down = Instant::now();
            stage.processes().ready(role).await;
            println!(
                "{:.1?} {role} is back after {:.1?}",
                began.elapsed(),
                down.elapsed()
            );
        }
        kills += 1;
    }
    kills
}

/// The reviewer rejects whatever is open.
async fn reject(office: &BackOffice<'_>, reviewer: &Client) {
    let wanted = CUSTOMERS / 10;
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
    assert_eq!(promises.customers.len(), CUSTOMERS);
    let mut sql = stage.sql().await;
    let customers: Vec<(String, String)> =
        sqlx::query_as("select external_id, status from provisioning.customer")
            .fetch_all(&mut sql)
            .await
            .unwrap();
    assert_eq!(customers.len(), CUSTOMERS, "one for each external id");
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
    let rejected = i64::try_from(CUSTOMERS / 10).unwrap();
    let done = i64::try_from(CUSTOMERS).unwrap() - rejected;
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
