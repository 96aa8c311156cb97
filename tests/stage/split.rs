//! Every role as a process of its own, that can be killed and started again.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use entrepot::{client::Client, token::Credentials};
use kit::{id::Random, time::Clock};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::eventually;

/// All of them; the gateway is last.
pub(crate) const ROLES: [&str; 6] = [
    "identity",
    "provisioning",
    "subscriber",
    "billing",
    "compliance",
    "gateway",
];

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_entrepot");
/// Six processes each: more at a time would only slow each other.
static STAGES: Semaphore = Semaphore::const_new(2);
/// Longest wait for a role.
const START: Duration = Duration::from_mins(1);

/// The six processes. Dropped, they are killed.
pub(crate) struct Split {
    children: Mutex<BTreeMap<&'static str, Child>>,
    database: String,
    secret: String,
    /// Two for each role: its service, its health.
    ports: Vec<(u16, u16)>,
    offset: AtomicI64,
    logs: PathBuf,
    _permit: SemaphorePermit<'static>,
}

impl Split {
    /// Starts all roles on a migrated database.
    pub(crate) async fn start(database: &str) -> Self {
        let permit = STAGES.acquire().await.expect("never closed");
        let ports: Vec<_> = ROLES.iter().map(|_| (free_port(), free_port())).collect();
        let logs = std::env::temp_dir().join(format!(
            "entrepot-stage-{}-{}",
            std::process::id(),
            ports[0].0
        ));
        fs::create_dir_all(&logs).expect("a directory for logs");
        let split = Self {
            children: Mutex::default(),
            database: database.to_owned(),
            secret: Random::system().token(),
            ports,
            offset: AtomicI64::new(0),
            logs,
            _permit: permit,
        };
        for role in ROLES {
            split.spawn(role);
        }
        split.all_ready().await;
        split
    }

    /// The first credentials, made as an operator makes them.
    pub(crate) async fn bootstrap(&self) -> Credentials {
        let mut command = tokio::process::Command::new(PROGRAM);
        command.args(["token", "bootstrap"]).envs(self.settings());
        let output = command.output().await.expect("runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        serde_json::from_slice(&output.stdout).expect("prints the credentials")
    }

    /// Where the public API is.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports_of("gateway").0)
    }

    /// The clock of all roles.
    pub(crate) fn clock(&self) -> Clock {
        Clock::shifted(TimeDelta::seconds(self.offset.load(Ordering::Relaxed)))
    }

    /// Moves the clock, by a graceful restart of every role.
    pub(crate) async fn advance(&self, by: TimeDelta) {
        self.offset.fetch_add(by.num_seconds(), Ordering::Relaxed);
        self.stop().await;
        for role in ROLES {
            self.spawn(role);
        }
        self.all_ready().await;
    }

    /// Asks all roles to end; they must end well.
    pub(crate) async fn stop(&self) {
        for role in ROLES {
            self.terminate(role);
        }
        for role in ROLES {
            let well = self.ended(role).await;
            assert!(
                well,
                "{role} did not end well (see {})",
                self.logs.display()
            );
        }
    }

    fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![
            ("DATABASE_URL".to_owned(), self.database.clone()),
            ("ENTREPOT_SERVICE_SECRET".to_owned(), self.secret.clone()),
            ("ENTREPOT_BASE_URL".to_owned(), self.base()),
            ("ENTREPOT_CONNECTIONS".to_owned(), "4".to_owned()),
            ("ENTREPOT_LOG".to_owned(), "info,sqlx=warn".to_owned()),
            (
                "ENTREPOT_CLOCK_OFFSET_SECONDS".to_owned(),
                self.offset.load(Ordering::Relaxed).to_string(),
            ),
            (
                "ENTREPOT_COMPLIANCE__EXPIRY_SECONDS".to_owned(),
                "1".to_owned(),
            ),
        ];
        for (role, (port, _)) in ROLES.iter().zip(&self.ports) {
            if *role != "gateway" {
                let name = format!("ENTREPOT_{}_URL", role.to_uppercase());
                settings.push((name, format!("http://127.0.0.1:{port}")));
            }
        }
        settings
    }

    fn ports_of(&self, role: &str) -> (u16, u16) {
        let place = ROLES.iter().position(|r| *r == role).expect("a role");
        self.ports[place]
    }

    /// Starts a role.
    pub(crate) fn spawn(&self, role: &'static str) {
        let (port, admin) = self.ports_of(role);
        let listen = if role == "gateway" {
            "ENTREPOT_LISTEN"
        } else {
            "ENTREPOT_GRPC_LISTEN"
        };
        let file = || {
            let path = self.logs.join(format!("{role}.log"));
            let open = fs::File::options().create(true).append(true).open(path);
            Stdio::from(open.expect("a log file"))
        };
        let child = Command::new(PROGRAM)
            .args(["serve", role])
            .envs(self.settings())
            .env(listen, format!("127.0.0.1:{port}"))
            .env("ENTREPOT_ADMIN_LISTEN", format!("127.0.0.1:{admin}"))
            .stdin(Stdio::null())
            .stdout(file())
            .stderr(file())
            .spawn()
            .expect("the program starts");
        self.children().insert(role, child);
    }

    fn children(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Child>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `kill -9`.
    pub(crate) fn kill(&self, role: &str) {
        if let Some(mut child) = self.children().remove(role) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks a role to end.
    pub(crate) fn terminate(&self, role: &str) {
        if let Some(child) = self.children().get(role) {
            signal("TERM", child.id());
        }
    }

    /// Waits for a role that was asked to end; whether it ended well.
    pub(crate) async fn ended(&self, role: &'static str) -> bool {
        let ended = eventually(&format!("the end of {role}"), START, async || {
            let mut children = self.children();
            let child = children.get_mut(role).expect("runs");
            child.try_wait().expect("can be waited for")
        })
        .await;
        self.children().remove(role);
        ended.success()
    }

    /// Waits until a role takes requests.
    pub(crate) async fn ready(&self, role: &'static str) {
        let url = format!("http://127.0.0.1:{}/readyz", self.ports_of(role).1);
        eventually(
            &format!("{role} (see {})", self.logs.display()),
            START,
            async || {
                let answer = Client::new("").get(&url).await.ok()?;
                (answer.status == 200).then_some(())
            },
        )
        .await;
    }

    async fn all_ready(&self) {
        for role in ROLES {
            self.ready(role).await;
        }
    }
}

impl Drop for Split {
    fn drop(&mut self) {
        for role in ROLES {
            self.kill(role);
        }
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.logs);
        }
    }
}

/// Sends a signal, by its name.
pub(crate) fn signal(name: &str, pid: u32) {
    let script = format!("kill -{name} {pid}");
    let _ = Command::new("sh").args(["-c", &script]).status();
}

/// A loopback port for a server that may be started again: below those that the system hands out
/// for outgoing connections, or another process could get it in between.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % 100).unwrap_or(0);
    for _ in 0..2000 {
        let port = 12_000 + (process * 100 + NEXT.fetch_add(1, Ordering::Relaxed)) % 18_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port")
}
