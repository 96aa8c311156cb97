//! `bench`: what the platform does in a second, beside what the machine gives at most in the same run.
//!
//! The platform runs as its own process, so its memory is its alone; the load, the raw limits and
//! PostgreSQL share the machine with it. Raw limits and platform use the same private cluster, with
//! every commit flushed to the disk.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use kit::{
    BoxError,
    cluster::{Cluster, Durability},
    time::Clock,
};

use crate::{cli, config::Config, say};

mod child;
mod database;
mod load;
mod machine;
mod meter;
mod raw;
mod report;

use child::{Memory, Running};
use database::Owner;
use load::{Load, Onboarding, Reads};
use machine::Machine;
use meter::Sample;

/// How much is measured.
#[derive(Debug)]
struct Size {
    /// Clients of the closed loops.
    clients: usize,
    /// How long each raw limit is measured.
    raw: Duration,
    /// Customers of the small list; creating them warms everything up.
    few: u64,
    /// Customers of the measured round.
    customers: u64,
    /// Subscribers created.
    subscribers: u64,
    /// Customers of the large list.
    many: u64,
    /// Single reads.
    reads: u64,
    /// Warm starts; the median counts.
    starts: usize,
}

const FULL: Size = Size {
    clients: 16,
    raw: Duration::from_secs(4),
    few: 1_000,
    customers: 4_000,
    subscribers: 4_000,
    many: 100_000,
    reads: 8_000,
    starts: 3,
};

const QUICK: Size = Size {
    clients: 8,
    raw: Duration::from_millis(300),
    few: 40,
    customers: 80,
    subscribers: 80,
    many: 1_000,
    reads: 120,
    starts: 1,
};

/// Everything that was measured.
#[derive(Debug)]
struct Findings {
    machine: Machine,
    cold: Duration,
    warm: Duration,
    warm_many: Duration,
    limits: raw::Limits,
    idle: Memory,
    loaded: Memory,
    onboarding: Onboarding,
    /// What the database did for each customer of the measured round.
    work: String,
    subscribers: Sample,
    reads_few: Reads,
    reads_many: Reads,
    /// Customers onboarded while there are many.
    onboarding_many: Onboarding,
}

/// Runs the benchmark.
pub(crate) async fn run(config: Config, options: cli::Bench) -> Result<(), BoxError> {
    if config.database_url.is_some() {
        return Err("the benchmark runs on a private PostgreSQL; unset DATABASE_URL".into());
    }
    let size = if options.quick { QUICK } else { FULL };
    // beside the real data, so that the same disk is measured
    let directory = config.data.join(format!("bench-{}", std::process::id()));
    let outcome = measure(&directory, &size).await;
    let findings = match outcome {
        Ok((findings, cluster_directory)) => {
            remove(&directory, &cluster_directory)?;
            findings
        }
        Err(error) => {
            let shown = directory.display();
            return Err(format!("{}; left in {shown}", kit::fault::chain(&*error)).into());
        }
    };
    let lines = report::lines(&findings, &size);
    say(&report::table(&lines))?;
    say(&report::story(&findings, &size))?;
    if let Some(file) = &options.out {
        report::write(file, &findings, &size, &lines)?;
    }
    Ok(())
}

async fn measure(directory: &Path, size: &Size) -> Result<(Findings, PathBuf), BoxError> {
    say("start-up: cold, then warm")?;
    let platform = Running::start(directory, None).await?;
    let cold = platform.took;
    platform.stop().await?;
    let mut warm = Vec::new();
    for _ in 0..size.starts {
        let platform = Running::start(directory, None).await?;
        warm.push(platform.took);
        platform.stop().await?;
    }
    warm.sort();
    let warm = warm.get(warm.len() / 2).copied().unwrap_or_default();

    let start = {
        let directory = directory.to_owned();
        move || Cluster::start(&directory, Durability::Full)
    };
    let cluster = tokio::task::spawn_blocking(start).await??;
    let url = cluster.main_url();
    let mut owner = Owner::new(&url).await?;
    let machine = Machine::look(&Clock::system(), owner.version().await?);
    let cluster_directory = owner.directory().await?;

    say("raw limits of this machine")?;
    owner.create("raw_limits").await?;
    let limits = raw::measure(&cluster.url("raw_limits"), size).await?;
    owner.drop("raw_limits").await?;

    let platform = Running::start(directory, Some(&url)).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = platform.memory()?;
    let partner = &platform.credentials.partner;
    let provisioning_id = partner.provisioning_id.clone().unwrap_or_default();
    let load = Load::new(platform.partner().await?, provisioning_id, size.clients).await?;

    say(&format!("the first {} customers, and reads", size.few))?;
    load.customers(&mut owner, 0, size.few).await?;
    let known = owner.known().await?;
    let reads_few = load.reads(&known, size.reads).await?;

    say(&format!("{} customers more", size.customers))?;
    let before = owner.work().await?;
    let onboarding = load.customers(&mut owner, size.few, size.customers).await?;
    let work = owner.work().await?.since(before, size.customers);
    let (accepted, provisioned) = (onboarding.accepted.per_second(), onboarding.provisioned);
    say(&format!(
        "  {accepted} accepted and {provisioned} provisioned a second, {} through the thin chain",
        limits.chain.per_second(),
    ))?;

    say(&format!("{} subscribers", size.subscribers))?;
    let known = owner.known().await?;
    let subscribers = load.subscribers(&known, size.subscribers).await?;

    say(&format!("filled up to {} customers, and reads", size.many))?;
    owner.fill(size.many).await?;
    let known = owner.known().await?;
    let reads_many = load.reads(&known, size.reads).await?;
    let onboarding_many = load
        .customers(&mut owner, size.few + size.customers, size.few)
        .await?;
    let loaded = platform.memory()?;
    platform.stop().await?;
    tokio::task::spawn_blocking(move || cluster.stop()).await?;

    let platform = Running::start(directory, None).await?;
    let warm_many = platform.took;
    platform.stop().await?;
    let findings = Findings {
        machine,
        cold,
        warm,
        warm_many,
        limits,
        idle,
        loaded,
        onboarding,
        work,
        subscribers,
        reads_few,
        reads_many,
        onboarding_many,
    };
    Ok((findings, cluster_directory))
}

/// Removes what was made: the directory, and the cluster's where it had to lie elsewhere.
fn remove(directory: &Path, cluster_directory: &Path) -> Result<(), BoxError> {
    fs::remove_dir_all(directory)?;
    if cluster_directory.exists()
        && let Some(home) = cluster_directory.parent()
    {
        fs::remove_dir_all(home)?;
    }
    Ok(())
}
