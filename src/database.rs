//! `database`: schemas, as their owner; and the query caches that a build needs.

use std::{path::Path, process::Command};

use kit::{
    BoxError,
    cluster::{Cluster, Durability},
    link::Links,
};

use crate::{cli, config::Config, platform::migrations, say, up};

/// Runs a `database` command.
pub(crate) async fn run(config: &Config, command: cli::Database) -> Result<(), BoxError> {
    match command {
        cli::Database::Migrate => {
            up::migrate(url(config)?).await?;
            say("all schemas are up to date")
        }
        cli::Database::Status => status(url(config)?).await,
        cli::Database::Prepare => prepare().await,
    }
}

fn url(config: &Config) -> Result<&str, BoxError> {
    config
        .database_url
        .as_deref()
        .ok_or_else(|| "DATABASE_URL is not set".into())
}

async fn status(url: &str) -> Result<(), BoxError> {
    let mut behind = 0;
    for context in Links::CONTEXTS {
        let (applied, known) = kit::migrate::progress(url, context, migrations(context)).await?;
        say(&format!(
            "{context:<14} {applied} of {known} migrations applied"
        ))?;
        behind += known - applied;
    }
    if behind > 0 {
        Err("some migrations are missing".into())
    } else {
        Ok(())
    }
}

/// Writes `.sqlx` of every crate with queries, from the schemas of a throwaway cluster.
async fn prepare() -> Result<(), BoxError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = std::env::temp_dir().join(format!("entrepot-prepare-{}", std::process::id()));
    let start = move || Cluster::start(&directory, Durability::Throwaway);
    let cluster = tokio::task::spawn_blocking(start).await??;
    up::migrate(&cluster.main_url()).await?;
    for name in ["kit"].into_iter().chain(Links::CONTEXTS) {
        // kit's own tables are in every schema
        let schema = if name == "kit" { "identity" } else { name };
        let folder = root.join("services").join(name);
        let cache = folder.join(".sqlx");
        let _ = std::fs::remove_dir_all(&cache);
        std::fs::create_dir_all(&cache)?;
        let source = folder.join("src/lib.rs");
        // a new time stamp makes the macros run again
        std::fs::File::options()
            .append(true)
            .open(&source)?
            .set_modified(modified())?;
        let url = format!("{}&options=-csearch_path%3D{schema}", cluster.main_url());
        let status = Command::new("cargo")
            .args(["check", "--quiet", "--package", name])
            .current_dir(root)
            .env("SQLX_OFFLINE_DIR", &cache)
            .env(format!("{}_DATABASE_URL", name.to_uppercase()), url)
            .status()?;
        if !status.success() {
            return Err(format!("cargo check of {name} failed").into());
        }
        say(&format!(
            "{name}: {} queries",
            std::fs::read_dir(&cache)?.count()
        ))?;
    }
    tokio::task::spawn_blocking(|| cluster.stop()).await?;
    Ok(())
}

fn modified() -> std::time::SystemTime {
    std::time::UNIX_EPOCH
        + std::time::Duration::from_secs(
            u64::try_from(kit::time::Clock::system().now().timestamp()).unwrap_or(0),
        )
}
