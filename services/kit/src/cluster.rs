//! A private PostgreSQL from the machine's own binaries, for `up` and for tests.
//!
//! It listens on a socket only. PostgreSQL refuses to run as root, so root drops to the user
//! `postgres`, else `nobody`. A small shell watches a pipe from us: when our process ends, even by
//! SIGKILL, the pipe closes and PostgreSQL is shut down; none is left behind.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Why there is no private PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The binaries are not on this machine.
    #[error(
        "PostgreSQL is not installed: install the package `postgresql` (Debian, Ubuntu: apt-get install -y postgresql), \
         or set DATABASE_URL to a server"
    )]
    NoBinaries,
    /// Root has nobody to drop to.
    #[error("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")]
    NoUser,
    /// The data was made by another major version.
    #[error(
        "the data directory was made by PostgreSQL {found}, but the binaries are version {binaries}"
    )]
    Version {
        /// Of the data.
        found: String,
        /// Of the binaries.
        binaries: String,
    },
    /// A command failed.
    #[error("{command} failed: {output}")]
    Command {
        /// Which.
        command: &'static str,
        /// What it printed.
        output: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL did not start within {0:?}; see {1}")]
    Late(Duration, PathBuf),
    /// The file system.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// How careful the cluster is with data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on disk.
    Full,
    /// For tests: a crash of the machine may lose data, a crash of the process does not. The data
    /// directory is removed at the end.
    Throwaway,
}

/// A running private cluster. Dropped, it is stopped.
#[derive(Debug)]
pub struct Cluster {
    watcher: Child,
    socket: PathBuf,
    data: PathBuf,
}

/// Longest wait for a start; a crash recovery takes a while.
const START: Duration = Duration::from_mins(1);
/// The name of the owner and of the database.
const OWNER: &str = "entrepot";

impl Cluster {
    /// Starts the cluster under a directory, making it when there is none.
    pub fn start(directory: &Path, durability: Durability) -> Result<Self, ClusterError> {
        let binaries = binaries().ok_or(ClusterError::NoBinaries)?;
        fs::create_dir_all(directory)?;
        let directory = directory.canonicalize()?;
        let user = user()?;
        let home = home(&directory, user)?;
        let data = home.join("pg");
        let socket = home.join("s");
        for path in [&data, &socket] {
            fs::create_dir_all(path)?;
            if let Some((uid, gid)) = user {
                chown(path, Some(uid), Some(gid))?;
            }
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
        if data.join("PG_VERSION").exists() {
            check_version(&binaries, &data)?;
            wait_for_former(&data);
        } else {
            initialise(&binaries, &data, user, durability)?;
        }
        let watcher = launch(&binaries, &data, &socket, user, durability)?;
        let cluster = Self {
            watcher,
            socket,
            data,
        };
        cluster.wait_until_ready(&binaries, user)?;
        Ok(cluster)
    }

    /// The URL of a database of the cluster.
    pub fn url(&self, database: &str) -> String {
        let socket: String = self
            .socket
            .to_string_lossy()
            .chars()
            .map(|c| match c {
                '%' => "%25".to_owned(),
                ' ' => "%20".to_owned(),
                '&' => "%26".to_owned(),
                c => c.to_string(),
            })
            .collect();
        format!("postgresql://{OWNER}@localhost/{database}?host={socket}")
    }

    /// The URL of the main database.
    pub fn main_url(&self) -> String {
        self.url(OWNER)
    }

    /// The process id of the server, for tests that kill it.
    pub fn server_pid(&self) -> Option<u32> {
        let file = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok()
    }

    /// Stops the server and waits for it.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }

    fn wait_until_ready(
        &self,
        binaries: &Path,
        user: Option<(u32, u32)>,
    ) -> Result<(), ClusterError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(10);
        while began.elapsed() < START {
            // the server writes its state into the last line of its pid file
            let file = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
            let ready = file
                .lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready");
            // a server that was killed leaves its file behind, with the same last line
            if ready && server_of(&file).is_some() {
                return create_database(binaries, &self.socket, user);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
        Err(ClusterError::Late(START, self.data.join("server.log")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Where the server's binaries are: the newest that the distribution installed, else on the path.
pub fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    versions.sort();
    if let Some((_, path)) = versions.pop() {
        return Some(path);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the search path is the machine's, not configuration"
    )]
    let path = std::env::var("PATH").ok()?;
    std::env::split_paths(&path)
        .find(|path| path.join("initdb").exists() && path.join("postgres").exists())
}

/// The user to drop to: none unless we are root.
fn user() -> Result<Option<(u32, u32)>, ClusterError> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let line = users
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .map(Some)
        .ok_or(ClusterError::NoUser)
}

/// The directory of the cluster: below `directory`, unless the user cannot get there or the socket's
/// path would be too long; then below `/var/lib/entrepot`, under a name made from the directory.
fn home(directory: &Path, user: Option<(u32, u32)>) -> Result<PathBuf, ClusterError> {
    let Some((uid, _)) = user else {
        return Ok(short_enough(directory).unwrap_or_else(|| elsewhere(directory)));
    };
    // our own directory may be opened for passing through; its parents may not
    let mode = fs::metadata(directory)?.permissions().mode();
    fs::set_permissions(directory, fs::Permissions::from_mode(mode | 0o011))?;
    let reachable = directory.ancestors().all(|path| {
        fs::metadata(path).is_ok_and(|meta| meta.mode() & 0o001 != 0 || meta.uid() == uid)
    });
    let home = short_enough(directory).filter(|_| reachable);
    let home = home.unwrap_or_else(|| elsewhere(directory));
    fs::create_dir_all(&home)?;
    let mode = fs::metadata(&home)?.permissions().mode();
    fs::set_permissions(&home, fs::Permissions::from_mode(mode | 0o011))?;
    Ok(home)
}

/// A Unix socket's path has at most 107 bytes.
fn short_enough(directory: &Path) -> Option<PathBuf> {
    (directory.as_os_str().len() + "/s/.s.PGSQL.5432".len() <= 107).then(|| directory.to_owned())
}

fn elsewhere(directory: &Path) -> PathBuf {
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        directory.as_os_str().as_encoded_bytes(),
    );
    let name = hex::encode(digest.as_ref().get(..8).unwrap_or_default());
    Path::new("/var/lib/entrepot").join(name)
}

fn command(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", "/usr/bin:/bin");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn check_version(binaries: &Path, data: &Path) -> Result<(), ClusterError> {
    let found = fs::read_to_string(data.join("PG_VERSION"))?
        .trim()
        .to_owned();
    let output = Command::new(binaries.join("postgres"))
        .arg("--version")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let binaries = version
        .and_then(|word| word.split('.').next())
        .unwrap_or_default()
        .to_owned();
    if binaries.starts_with(&found) {
        Ok(())
    } else {
        Err(ClusterError::Version { found, binaries })
    }
}

/// The running server that a pid file names.
fn server_of(file: &str) -> Option<u32> {
    let pid = file.lines().next()?.trim().parse().ok()?;
    // another process may have got the number of one that is gone
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.starts_with("postgres").then_some(pid)
}

/// The server of a former run may still be shutting down.
fn wait_for_former(data: &Path) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        let file = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if server_of(&file).is_none() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn initialise(
    binaries: &Path,
    data: &Path,
    user: Option<(u32, u32)>,
    durability: Durability,
) -> Result<(), ClusterError> {
    let mut initdb = command(&binaries.join("initdb"), user);
    initdb
        .arg("-D")
        .arg(data)
        .args(["-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8"])
        .args(["--auth-local=trust", "--auth-host=reject"]);
    if durability == Durability::Throwaway {
        initdb.arg("--no-sync");
    }
    checked("initdb", initdb)
}

fn create_database(
    binaries: &Path,
    socket: &Path,
    user: Option<(u32, u32)>,
) -> Result<(), ClusterError> {
    let mut createdb = command(&binaries.join("createdb"), user);
    createdb.arg("-h").arg(socket).args(["-U", OWNER, OWNER]);
    match checked("createdb", createdb) {
        Err(ClusterError::Command { output, .. }) if output.contains("already exists") => Ok(()),
        other => other,
    }
}

fn checked(name: &'static str, mut command: Command) -> Result<(), ClusterError> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ClusterError::Command {
        command: name,
        output,
    })
}

/// The shell waits for the pipe to close, in the foreground, and for the server, in the background.
const WATCH: &str = r#"
dir=$1; keep=$2; shift 2
"$@" >>"$dir/server.log" 2>&1 </dev/null &
server=$!
read -r _ || :
kill -INT "$server" 2>/dev/null
wait "$server"
[ "$keep" = keep ] || rm -rf "$dir"/*
"#;

fn launch(
    binaries: &Path,
    data: &Path,
    socket: &Path,
    user: Option<(u32, u32)>,
    durability: Durability,
) -> Result<Child, ClusterError> {
    let mut settings = vec![
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", socket.display()),
        "max_connections=200".to_owned(),
        "shared_buffers=256MB".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "log_min_messages=warning".to_owned(),
        // plans made while a table was empty take any index that begins with the tenant; statistics
        // put them right, and they must not wait a minute while a first import runs
        "autovacuum_naptime=5s".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if durability == Durability::Throwaway {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(str::to_owned),
        );
    }
    let mut watcher = command(Path::new("/bin/sh"), user);
    let keep = if durability == Durability::Full {
        "keep"
    } else {
        "remove"
    };
    let program: OsString = binaries.join("postgres").into();
    watcher
        .args(["-c", WATCH, "entrepot-postgres"])
        .arg(data)
        .arg(keep)
        .arg(program);
    watcher.arg("-D").arg(data);
    for setting in settings {
        watcher.arg("-c").arg(setting);
    }
    // its own process group: an interrupt from the terminal reaches us first
    Ok(watcher
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_directory_moves_the_cluster_elsewhere() {
        let long = PathBuf::from(format!("/{}", "x".repeat(120)));
        assert_eq!(short_enough(&long), None);
        assert!(elsewhere(&long).starts_with("/var/lib/entrepot"));
        assert_eq!(elsewhere(&long), elsewhere(&long));
    }
}
