//! The platform as its own process: our own binary, `up`. Its memory is its alone, and its start is
//! the whole start.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use kit::BoxError;
use tokio::process::{Child, Command};

use crate::{client::Client, token::Credentials, up::credentials_file};

/// Longest wait for a start or a stop.
const PATIENCE: Duration = Duration::from_mins(2);

/// Resident memory, in kilobytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// Now.
    pub(super) now: u64,
    /// The most there has been.
    pub(super) peak: u64,
}

/// After this time a platform that is ready also listens to signals.
const SETTLED: Duration = Duration::from_millis(300);

/// A running platform.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Where the public REST API is.
    pub(super) base: String,
    /// From the spawn until /readyz said so.
    pub(super) took: Duration,
    /// The first credentials.
    pub(super) credentials: Credentials,
}

impl Running {
    /// Starts it on a data directory; with a private PostgreSQL, or on a running one.
    pub(super) async fn start(data: &Path, url: Option<&str>) -> Result<Self, BoxError> {
        fs::create_dir_all(data)?;
        let log = fs::File::create(data.join("platform.log"))?;
        let (listen, admin) = (free()?, free()?);
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("up")
            .arg("--data")
            .arg(data)
            .args(["--listen", &listen.to_string()])
            .args(["--admin-listen", &admin.to_string()])
            // one client stands for many here
            .env("ENTREPOT_GATEWAY__RATE_PER_SECOND", "1000000")
            .env("ENTREPOT_GATEWAY__BURST", "1000000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        match url {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL"),
        };
        let began = Instant::now();
        let mut child = command.spawn()?;
        let probe = Client::new(&format!("http://{admin}"));
        let mut credentials = None;
        let mut took = None;
        while began.elapsed() < PATIENCE {
            if let Some(status) = child.try_wait()? {
                let log = fs::read_to_string(data.join("platform.log"))?;
                return Err(format!("the platform ended with {status}: {log}").into());
            }
            if took.is_none() && probe.get("/readyz").await.is_ok_and(|a| a.status == 200) {
                took = Some(began.elapsed());
            }
            // written a moment after the surface is up, and again at each start
            if took.is_some() {
                credentials = read_credentials(data, listen);
            }
            if let (Some(took), Some(credentials)) = (took, credentials.take()) {
                tokio::time::sleep(SETTLED).await;
                return Ok(Self {
                    child,
                    base: format!("http://{listen}"),
                    took,
                    credentials,
                });
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the platform did not start".into())
    }

    /// A client that speaks for the first partner.
    pub(super) async fn partner(&self) -> Result<Client, BoxError> {
        let client = Client::new(&self.base);
        let partner = &self.credentials.partner;
        client
            .sign_in(&partner.client_id, &partner.client_secret)
            .await?;
        Ok(client)
    }

    /// The memory of its process, without PostgreSQL.
    pub(super) fn memory(&self) -> Result<Memory, BoxError> {
        let id = self.child.id().ok_or("the platform has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        Ok(Memory {
            now: kilobytes(&status, "VmRSS:").ok_or("no VmRSS")?,
            peak: kilobytes(&status, "VmHWM:").ok_or("no VmHWM")?,
        })
    }

    /// Asks it to end and waits for it.
    pub(super) async fn stop(mut self) -> Result<(), BoxError> {
        if let Some(id) = self.child.id() {
            Command::new("/bin/sh")
                .args(["-c", "kill -TERM \"$1\"", "stop", &id.to_string()])
                .status()
                .await?;
        }
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the platform stopped with {status}").into())
        }
    }
}

/// The credentials, once they name this start's address.
fn read_credentials(data: &Path, listen: SocketAddr) -> Option<Credentials> {
    let bytes = fs::read(credentials_file(data)).ok()?;
    let credentials: Credentials = serde_json::from_slice(&bytes).ok()?;
    credentials
        .base_url
        .ends_with(&listen.to_string())
        .then_some(credentials)
}

/// An address that nobody listens on.
fn free() -> Result<SocketAddr, BoxError> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status() {
        let status = "Name:\tentrepot\nVmHWM:\t  120 kB\nVmRSS:\t   100 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(100));
        assert_eq!(kilobytes(status, "VmHWM:"), Some(120));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }
}
