//! `doctor`: checks this machine, and says what to do.

use kit::{BoxError, cluster, link::Links};
use sqlx::Connection as _;

use crate::{config::Config, platform::migrations, say};

/// Checks one thing after the other; fails when one of them needs somebody.
pub(crate) async fn run(config: &Config) -> Result<(), BoxError> {
    let mut wrong = 0;
    let mut check = |name: &str, outcome: Result<String, String>| {
        let (mark, text) = match outcome {
            Ok(text) => ("ok  ", text),
            Err(text) => {
                wrong += 1;
                ("FAIL", text)
            }
        };
        say(&format!("{mark} {name}: {text}"))
    };
    match &config.database_url {
        None => {
            let found = cluster::binaries().map(|path| format!("binaries in {}", path.display()));
            let missing = cluster::ClusterError::NoBinaries.to_string();
            check("private PostgreSQL", found.ok_or(missing))?;
            let free = std::fs::create_dir_all(&config.data).map_err(|error| error.to_string());
            check(
                "data directory",
                free.map(|()| config.data.display().to_string()),
            )?;
        }
        Some(url) => {
            let connected = sqlx::PgConnection::connect(url).await;
            check(
                "database",
                connected
                    .map(|_| "answers".to_owned())
                    .map_err(|e| e.to_string()),
            )?;
            for context in Links::CONTEXTS {
                let outcome = kit::migrate::progress(url, context, migrations(context)).await;
                check(context, behind(outcome))?;
            }
        }
    }
    check("listen", free(config.listen))?;
    if wrong > 0 {
        Err(format!("{wrong} checks failed").into())
    } else {
        Ok(())
    }
}

fn behind(outcome: Result<(i64, i64), sqlx::Error>) -> Result<String, String> {
    match outcome {
        Ok((applied, known)) if applied >= known => Ok(format!("{applied} migrations")),
        Ok((applied, known)) => Err(format!(
            "{applied} of {known} migrations: run `entrepot database migrate`"
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn free(address: std::net::SocketAddr) -> Result<String, String> {
    match std::net::TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) => Err(format!("{address}: {error}; choose another with --port")),
    }
}
