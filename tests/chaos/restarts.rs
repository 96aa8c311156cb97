//! `entrepot up` ends in the middle of its work, on request or not, and loses nothing.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::Ordering,
    time::Duration,
};

use entrepot::{client::Client, token::Credentials, up::credentials_file};
use kit::cluster::{Cluster, Durability};
use sqlx::{Connection as _, PgConnection};

use crate::{
    chaos::back_office::BackOffice,
    stage::{PROGRAM, Partner, eventually, free_port, settle, signal},
};

const START: Duration = Duration::from_mins(1);
const CALM: Duration = Duration::from_secs(100);

/// `entrepot up`. Dropped, it is killed.
struct Up {
    child: Child,
    data: PathBuf,
    port: u16,
}

impl Up {
    async fn start(data: &Path, port: (u16, u16)) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let open = std::fs::File::options()
            .create(true)
            .append(true)
            .open(data.join("up.log"));
        let log = open.unwrap();
        let child = Command::new(PROGRAM)
            .args(["up", "--port", &port.0.to_string()])
            .arg("--data")
            .arg(data)
            .env("ENTREPOT_ADMIN_LISTEN", format!("127.0.0.1:{}", port.1))
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("the program starts");
        let up = Self {
            child,
            data: data.to_owned(),
            port: port.0,
        };
        eventually("the platform", START, async || up.sign_in().await).await;
        up
    }

    /// The first partner, once there is one.
    async fn sign_in(&self) -> Option<Partner> {
        let file = std::fs::read(credentials_file(&self.data)).ok()?;
        let credentials: Credentials = serde_json::from_slice(&file).ok()?;
        let client = credentials.partner;
        let api = Client::new(&format!("http://127.0.0.1:{}", self.port));
        api.sign_in(&client.client_id, &client.client_secret)
            .await
            .ok()?;
        Some(Partner {
            api,
            id: client.org_id?.parse().ok()?,
            provisioning_id: client.provisioning_id?,
            subscription_id: client.subscription_id?,
            behalf: None,
        })
    }

    async fn ended(&mut self) -> std::process::ExitStatus {
        let child = &mut self.child;
        eventually("the end", START, async || child.try_wait().unwrap()).await
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_up_is_asked_to_end() {
    interrupted("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_up_is_killed() {
    interrupted("KILL").await;
}

async fn interrupted(by: &str) {
    let name = format!("entrepot-up-{by}-{}", std::process::id());
    let data = std::env::temp_dir().join(name);
    let port = (free_port(), free_port());
    let mut up = Up::start(&data, port).await;
    let partner = up.sign_in().await.expect("ready");
    let office = BackOffice::new(&partner, CALM);
    let pid = up.child.id();
    let stop = async {
        // in the middle of it
        eventually("some work", START, async || {
            let promises = office.promises.lock().unwrap();
            (promises.subscribers.len() >= 10).then_some(())
        })
        .await;
        signal(by, pid);
        let ended = up.ended().await;
        assert_eq!(ended.success(), by == "TERM", "{ended}");
        office.closed.store(true, Ordering::Relaxed);
    };
    futures::join!(
        office.onboard(0, || !office.closed.load(Ordering::Relaxed)),
        stop
    );
    let promises = office.promises.into_inner().unwrap();
    println!(
        "{by}: {} customers and {} users were promised",
        promises.customers.len(),
        promises.subscribers.len()
    );

    // it goes on where it stopped
    let mut up = Up::start(&data, port).await;
    let partner = up.sign_in().await.expect("ready");
    for (external_id, url) in &promises.customers {
        let listed = external_id.ends_with('9');
        let wanted = if listed {
            "pending_rpl_review"
        } else {
            "provisioned"
        };
        eventually(external_id, CALM, async || {
            let customer = partner.get(url).await.expect_status(200).unwrap();
            (customer.text_at("/status") == wanted).then_some(())
        })
        .await;
    }
    for (email, package) in &promises.subscribers {
        let path = format!("/v1/wholesale/subscribers?email={email}");
        let found = partner.get(&path).await.expect_status(200).unwrap();
        let held = found.body["items"][0]["package"].as_str();
        // the last word on a change or a removal may not have reached us
        assert!(
            held == *package || !email.starts_with("user0"),
            "{email}: {}",
            found.text
        );
    }
    // time for the last events
    tokio::time::sleep(Duration::from_secs(2)).await;
    signal("TERM", up.child.id());
    assert!(up.ended().await.success());
    audited(&data).await;
    let _ = std::fs::remove_dir_all(&data);
}

/// The data directory that is left, looked at without the platform.
async fn audited(data: &Path) {
    let directory = data.to_owned();
    let start = move || Cluster::start(&directory, Durability::Full);
    let started = tokio::task::spawn_blocking(start).await.unwrap();
    let cluster = started.expect("PostgreSQL starts");
    let mut sql = PgConnection::connect(&cluster.main_url()).await.unwrap();
    // what waits for a reviewer waits by right: everything else is done
    sqlx::query(
        "update provisioning.operation set state = 'done' where subject_id in
             (select customer_id from provisioning.customer where status = 'pending_rpl_review')",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    sqlx::query(
        "update provisioning.customer set status = 'provisioned' where status = 'pending_rpl_review'",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    settle(&mut sql, Duration::from_secs(1)).await;
    sql.close().await.unwrap();
    tokio::task::spawn_blocking(|| cluster.stop())
        .await
        .unwrap();
}
