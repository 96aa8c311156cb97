//! The stage: the whole platform on a database of its own, in one process or in six, and the people
//! who use it.

mod books;
mod browser;
mod forms;
mod partner;
mod reports;
mod seed;
mod split;

use std::{
    net::{Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use entrepot::{client::Client, config::Config, platform::Platform, token, token::Credentials, up};
use futures::FutureExt as _;
use kit::time::Clock;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

pub(crate) use books::{everything_counted, settle};
pub(crate) use browser::Browser;
pub(crate) use forms::{
    codes, customer, fields, listed_customer, millionths_of, provider, public_id, rows, subscriber,
    uuid_of,
};
pub(crate) use partner::Partner;
pub(crate) use seed::seed;
pub(crate) use split::{PROGRAM, ROLES, Split, free_port, signal};

/// A journey as two tests: everything in one process, and every role in a process of its own.
macro_rules! on_both_stages {
    ($($journey:ident),+ $(,)?) => {$(
        mod $journey {
            #[tokio::test]
            async fn in_one_process() {
                let stage = crate::stage::Stage::new().await;
                stage.play(async |stage| super::$journey(stage).await).await;
            }

            #[tokio::test]
            async fn in_six_processes() {
                let stage = crate::stage::Stage::split().await;
                stage.play(async |stage| super::$journey(stage).await).await;
            }
        }
    )+};
}
pub(crate) use on_both_stages;

/// The platform, ready for its first customer.
pub(crate) struct Stage {
    house: House,
    base: String,
    /// As the database's owner sees it.
    database: String,
    credentials: Credentials,
    next: AtomicU32,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each test")]
enum House {
    One { platform: Platform, clock: Clock },
    Six(Split),
}

impl Stage {
    /// Everything in this process; its clock is right until it is moved.
    pub(crate) async fn new() -> Self {
        Self::one(Clock::shifted(TimeDelta::zero())).await
    }

    /// Everything in this process, at a moment that stands still until it is moved.
    pub(crate) async fn frozen(at: &str) -> Self {
        let at = DateTime::parse_from_rfc3339(at).expect("an instant");
        Self::one(Clock::manual(at.to_utc())).await
    }

    async fn one(clock: Clock) -> Self {
        let database = migrated().await;
        let mut config = Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            admin_listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            connections: 4,
            ..Config::default()
        };
        config.compliance.expiry_seconds = 1;
        let platform = Platform::start(config, database.clone(), clock.clone(), None)
            .await
            .expect("the platform starts");
        let base = platform.base_url();
        let credentials = token::ensure(&platform.identity, &platform.links, None, base.clone())
            .await
            .expect("first credentials");
        let house = House::One { platform, clock };
        Self::of(house, base, database, credentials)
    }

    /// Every role in a process of its own.
    pub(crate) async fn split() -> Self {
        Self::split_on(migrated().await).await
    }

    /// Every role in a process of its own, on a migrated database.
    pub(crate) async fn split_on(database: String) -> Self {
        let split = Split::start(&database).await;
        let credentials = split.bootstrap().await;
        let base = split.base();
        Self::of(House::Six(split), base, database, credentials)
    }

    fn of(house: House, base: String, database: String, credentials: Credentials) -> Self {
        Self {
            house,
            base,
            database,
            credentials,
            next: AtomicU32::new(1),
        }
    }

    /// Plays a journey, then stops the platform, which must end well. A platform whose parts know
    /// each other does not go away by being dropped, and its connections would be missed by others.
    pub(crate) async fn play(self, journey: impl AsyncFnOnce(&Self)) {
        let played = AssertUnwindSafe(journey(&self)).catch_unwind().await;
        match self.house {
            House::One { platform, .. } => {
                let stopped = platform.stop().await;
                if played.is_ok() {
                    stopped.expect("ends well");
                }
            }
            House::Six(split) if played.is_ok() => split.stop().await,
            House::Six(_) => {}
        }
        if let Err(panic) = played {
            std::panic::resume_unwind(panic);
        }
    }

    /// The processes, where there are several.
    pub(crate) fn processes(&self) -> &Split {
        match &self.house {
            House::Six(split) => split,
            House::One { .. } => panic!("everything is in one process"),
        }
    }

    /// The platform's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match &self.house {
            House::One { clock, .. } => clock.now(),
            House::Six(split) => split.clock().now(),
        }
    }

    /// Moves the platform's time. Tokens may end by it: sign in again.
    pub(crate) async fn advance(&self, by: TimeDelta) {
        match &self.house {
            House::One { clock, .. } => clock.advance(by),
            House::Six(split) => split.advance(by).await,
        }
    }

    /// A name that is new on this stage.
    pub(crate) fn fresh(&self, stem: &str) -> String {
        format!("{stem}-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// A client of the API that has not signed in.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.base)
    }

    async fn client(&self, client: &token::Client) -> Client {
        let api = self.nobody();
        api.sign_in(&client.client_id, &client.client_secret)
            .await
            .expect("signs in");
        api
    }

    /// The first partner.
    pub(crate) async fn partner(&self) -> Partner {
        let client = &self.credentials.partner;
        Partner {
            api: self.client(client).await,
            id: client.org_id.as_deref().unwrap().parse().unwrap(),
            provisioning_id: client.provisioning_id.clone().unwrap(),
            subscription_id: client.subscription_id.clone().unwrap(),
            behalf: None,
        }
    }

    /// The client id and secret of the first partner.
    pub(crate) fn partner_client(&self) -> (&str, &str) {
        let client = &self.credentials.partner;
        (&client.client_id, &client.client_secret)
    }

    /// Who runs the platform.
    pub(crate) async fn operator(&self) -> Client {
        self.client(&self.credentials.operator).await
    }

    /// Who decides screening cases.
    pub(crate) async fn reviewer(&self) -> Client {
        self.client(&self.credentials.reviewer).await
    }

    /// Another partner, with a subscription and a template of its own.
    pub(crate) async fn other_partner(&self) -> Partner {
        let operator = self.operator().await;
        let name = self.fresh("Other Telecom");
        let body = json!({ "name": name, "country": "US", "locale": "en_US" });
        let made = operator.post("/platform/v1/partners", &body).await.unwrap();
        let made = made.expect_status(201).unwrap();
        let org = made.text_at("/orgId").to_owned();
        let subscription_id = self.fresh("Sub900");
        let body = json!({ "orgId": org, "subscriptionId": subscription_id, "currency": "USD" });
        let subscribed = operator.post("/platform/v1/subscriptions", &body).await;
        subscribed.unwrap().expect_status(201).unwrap();
        let secret = |pointer| made.text_at(pointer).to_owned();
        let api = self.nobody();
        api.sign_in(&secret("/clientId"), &secret("/clientSecret"))
            .await
            .expect("signs in");
        let mut partner = Partner {
            api,
            id: uuid_of(&org),
            provisioning_id: String::new(),
            subscription_id,
            behalf: None,
        };
        partner.provisioning_id = partner.template("Other template").await;
        partner
    }

    /// The database, as its owner sees it: every tenant, every context.
    pub(crate) async fn sql(&self) -> PgConnection {
        PgConnection::connect(&self.database)
            .await
            .expect("the database answers")
    }
}

/// A database whose schemas are up to date.
pub(crate) async fn migrated() -> String {
    kit::testing::prepared_database("whole_platform", async |url| {
        up::migrate(&url).await.expect("migrates");
    })
    .await
}

/// Asks again until it is so.
pub(crate) async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            began.elapsed() < patience,
            "{what}: not within {patience:?}"
        );
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}
