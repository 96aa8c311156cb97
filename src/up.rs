//! `up`: everything in one process.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kit::{
    BoxError,
    cluster::{Cluster, Durability},
    id::Random,
    link::Links,
    time::Clock,
};

use crate::{
    config::Config,
    platform::{Platform, migrations},
    say,
    token::{self, Credentials},
};

/// Runs the platform until it is asked to end.
pub(crate) async fn run(config: Config, renew_credentials: bool) -> Result<(), BoxError> {
    let began = std::time::Instant::now();
    let data = config.data.clone();
    let clock = config.clock();
    let platform = start(config, clock).await?;
    if renew_credentials {
        renew(&platform, &data).await?;
    }
    let credentials = credentials(&platform, &data).await?;
    say(&format!(
        "entrepot is ready at {} after {:.1?}",
        platform.base_url(),
        began.elapsed()
    ))?;
    say(&format!("health and metrics at http://{}", platform.admin))?;
    if credentials.new {
        say(&credentials.shown_once())?;
    } else {
        say(&format!(
            "credentials: {}",
            credentials_file(&data).display()
        ))?;
    }
    platform.wait().await;
    say("stopping")?;
    platform.stop().await
}

/// Starts the database where it is private, brings the schemas up to date, starts the platform.
pub async fn start(mut config: Config, clock: Clock) -> Result<Platform, BoxError> {
    config.identity.seal_key = Some(seal_keys(&config)?);
    let (url, cluster) = if let Some(url) = &config.database_url {
        (url.clone(), None)
    } else {
        let data = config.data.clone();
        let start = move || Cluster::start(&data, Durability::Full);
        let cluster = tokio::task::spawn_blocking(start).await??;
        (cluster.main_url(), Some(cluster))
    };
    migrate(&url).await?;
    Platform::start(config, url, clock, cluster).await
}

/// Brings the schemas of all contexts up to date.
pub async fn migrate(url: &str) -> Result<(), BoxError> {
    for context in Links::CONTEXTS {
        kit::migrate::migrate(url, context, migrations(context)).await?;
    }
    Ok(())
}

/// Where the first credentials are kept.
pub fn credentials_file(data: &Path) -> PathBuf {
    data.join("credentials.json")
}

/// The first credentials: made and written down at the first start, read ever after.
pub async fn credentials(platform: &Platform, data: &Path) -> Result<Credentials, BoxError> {
    let file = credentials_file(data);
    let kept = match fs::read(&file) {
        Ok(bytes) => Some(serde_json::from_slice::<Credentials>(&bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let mut credentials = token::first(&platform.identity, kept, platform.base_url()).await?;
    // written down before anything else can fail: the secrets are not to be had again
    keep(data, &credentials)?;
    token::equip(&platform.links, &mut credentials).await?;
    keep(data, &credentials)?;
    Ok(credentials)
}

/// Writes down new first credentials, in the place of those before.
pub(crate) async fn renew(platform: &Platform, data: &Path) -> Result<(), BoxError> {
    let renewed = token::renew(&platform.identity, platform.base_url()).await?;
    keep(data, &renewed)
}

/// The keys that seal secrets in the database: the one that is set, and the one that lies beside the
/// database and not in it. That one is made at the first start where none is set.
fn seal_keys(config: &Config) -> Result<String, BoxError> {
    let file = config.data.join("seal.key");
    let kept = match fs::read_to_string(&file) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{}: {error}", file.display()).into()),
    };
    match (config.identity.seal_key.clone(), kept) {
        (Some(set), Some(kept)) => Ok(format!("{set},{kept}")),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => {
            let key = STANDARD.encode(Random::system().bytes::<32>());
            fs::create_dir_all(&config.data)?;
            write_private(&file, key.as_bytes())?;
            Ok(key)
        }
    }
}

fn keep(data: &Path, credentials: &Credentials) -> Result<(), BoxError> {
    fs::create_dir_all(data)?;
    write_private(
        &credentials_file(data),
        &serde_json::to_vec_pretty(credentials)?,
    )
}

/// Replaces a file that only its owner may read, at once or not at all.
fn write_private(path: &Path, content: &[u8]) -> Result<(), BoxError> {
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok(())
}
