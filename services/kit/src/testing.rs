//! What tests share: a private cluster for the test process, a fresh database for each test, signed
//! tokens, peers that are fakes.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, migrate::Migrator};
use tokio::sync::Mutex;
use tonic::service::Routes;
use uuid::Uuid;

use crate::{
    access::{self, Machine, Role},
    auth::{
        API, Caller, CallerKind, Claims, INTERNAL, KeySet, OrgKind, ServiceToken, TYPE, Verifier,
        VerifyingKey,
    },
    boot::{Context, Parts, guard},
    cluster::{Cluster, Durability},
    db::Db,
    id::{Ids, PartnerId, Random},
    link::{Link, Links},
    stop::Tasks,
    time::Clock,
};

/// The cluster of this test process. A static is never dropped, but its pipe closes with the process.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("entrepot-test-{}", std::process::id()));
    match Cluster::start(&directory, Durability::Throwaway) {
        Ok(cluster) => cluster,
        #[expect(clippy::panic, reason = "without a database no test can say anything")]
        Err(error) => panic!("no PostgreSQL for the tests: {error}"),
    }
});

/// Templates that were made.
static TEMPLATES: Mutex<Vec<String>> = Mutex::const_new(Vec::new());
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of a test's own.
#[derive(Debug)]
pub struct TestDb {
    /// As the service sees it.
    pub db: Db,
    /// As its owner sees it.
    pub url: String,
}

/// For a test that starts whole platforms: the URL of a new, empty database.
pub async fn empty_database() -> String {
    let name = next_name();
    admin(&format!("create database {name}")).await;
    on_cluster(&name).await
}

/// For a test that starts whole platforms: the URL of a new database that `prepare` made ready. It
/// runs once in the test process for each name; the other databases are copies.
pub async fn prepared_database(
    template: &'static str,
    prepare: impl AsyncFnOnce(String),
) -> String {
    copy_of(template.to_owned(), prepare).await
}

async fn copy_of(template: String, prepare: impl AsyncFnOnce(String)) -> String {
    {
        let mut made = TEMPLATES.lock().await;
        if !made.contains(&template) {
            admin(&format!("create database {template}")).await;
            prepare(on_cluster(&template).await).await;
            made.push(template.clone());
        }
    }
    let name = next_name();
    admin(&format!("create database {name} template {template}")).await;
    on_cluster(&name).await
}

fn next_name() -> String {
    format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// On a thread of its own: the first use starts the cluster, which blocks.
#[expect(
    clippy::expect_used,
    reason = "without a database no test can say anything"
)]
async fn on_cluster(database: &str) -> String {
    let database = database.to_owned();
    tokio::task::spawn_blocking(move || CLUSTER.url(&database))
        .await
        .expect("the cluster starts")
}

/// The process id of the test cluster's server.
pub fn server_pid() -> Option<u32> {
    CLUSTER.server_pid()
}

/// A fresh database with the schema of one context.
///
/// # Panics
/// When there is no PostgreSQL or a migration fails.
#[expect(
    clippy::expect_used,
    clippy::panic,
    reason = "without a database no test can say anything"
)]
pub async fn database(context: &'static str, migrations: &Migrator) -> TestDb {
    let prepare = async |url: String| {
        if let Err(error) = crate::migrate::migrate(&url, context, migrations).await {
            panic!("migration of {context} failed: {error}");
        }
    };
    let url = copy_of(format!("template_{context}"), prepare).await;
    let db = Db::new(&url, context, 8).expect("the URL is ours");
    TestDb { db, url }
}

#[expect(
    clippy::expect_used,
    reason = "without a database no test can say anything"
)]
async fn admin(sql: &str) {
    let url = on_cluster("entrepot").await;
    let mut conn = PgConnection::connect(&url)
        .await
        .expect("the cluster answers");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut conn)
        .await
        .expect("admin command");
    conn.close().await.expect("closes");
}

/// A context for a service under test. Its own token is that of a service.
pub fn context(db: Db, clock: Clock, links: Links) -> Context {
    let random = Random::system();
    let name = format!("svc-{}", db.context());
    let service = caller(
        CallerKind::Service,
        PartnerId::from_uuid(Uuid::nil()),
        &["internal"],
    );
    let service = Caller {
        subject: name,
        ..service
    };
    Context {
        db,
        ids: Ids::new(clock.clone(), random.clone()),
        token: ServiceToken::fixed(token(&service), clock.clone()),
        clock,
        random,
        links,
        tasks: Tasks::new(),
    }
}

/// Links to fakes; those that are not given answer UNAVAILABLE.
#[derive(Debug)]
pub struct LinksBuilder(Links);

/// Links that lead nowhere yet.
pub fn links() -> LinksBuilder {
    LinksBuilder(Links::nowhere())
}

impl LinksBuilder {
    fn with(mut self, context: &str, routes: Routes) -> Self {
        let (link, socket) = Link::here();
        socket.plug(routes);
        self.0.set(context, link);
        self
    }

    /// A fake identity context.
    #[must_use]
    pub fn with_identity(self, routes: Routes) -> Self {
        self.with("identity", routes)
    }

    /// A fake provisioning context.
    #[must_use]
    pub fn with_provisioning(self, routes: Routes) -> Self {
        self.with("provisioning", routes)
    }

    /// A fake subscriber context.
    #[must_use]
    pub fn with_subscriber(self, routes: Routes) -> Self {
        self.with("subscriber", routes)
    }

    /// A fake billing context.
    #[must_use]
    pub fn with_billing(self, routes: Routes) -> Self {
        self.with("billing", routes)
    }

    /// A fake compliance context.
    #[must_use]
    pub fn with_compliance(self, routes: Routes) -> Self {
        self.with("compliance", routes)
    }

    /// The links.
    pub fn build(self) -> Links {
        self.0
    }
}

/// Starts a service with the whole stack around it and its workers; tokens of [`token`] are accepted.
pub fn serve(parts: Parts, context: &Context) -> Link {
    let verifier = Verifier::with_keys(context.links.identity.clone(), Clock::system(), keys());
    let (link, socket) = Link::here();
    socket.plug(guard(
        parts.routes,
        parts.open,
        verifier,
        context.random.clone(),
    ));
    for worker in parts.workers {
        worker.start(&context.tasks);
    }
    link
}

/// Issuer of testing tokens.
pub const ISSUER: &str = "https://entrepot.test";

/// The keys that verify testing tokens.
pub fn keys() -> KeySet {
    KeySet {
        issuer: ISSUER.to_owned(),
        keys: HashMap::from([("testing".to_owned(), KEY.1.clone())]),
        fetched_at: None,
    }
}

/// A caller with scopes: a client that speaks for the tenant itself, or an administrator of a customer.
pub fn caller(kind: CallerKind, partner: PartnerId, scopes: &[&str]) -> Caller {
    let role = match kind {
        CallerKind::Operator => Role::of_machine(Machine::Operator),
        CallerKind::Partner => Role::of_machine(Machine::Partner),
        CallerKind::Reviewer => Role::of_machine(Machine::Reviewer),
        CallerKind::Service => Role::of_machine(Machine::Service),
        CallerKind::Customer => Role::CustomerFullAdmin,
    };
    let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let left = access::effective(&scopes, &[role], &[], kind.side());
    let organization_kind = match kind {
        CallerKind::Operator | CallerKind::Reviewer | CallerKind::Service => OrgKind::Operator,
        CallerKind::Partner => OrgKind::Partner,
        CallerKind::Customer => OrgKind::Customer,
    };
    Caller {
        subject: "testing".to_owned(),
        kind,
        partner,
        scopes,
        actor: None,
        suspended: false,
        client: "testing".to_owned(),
        organization: partner.uuid(),
        organization_kind,
        roles: vec![role],
        permissions: left.permissions,
        masked: left.masked,
        restrictions: Vec::new(),
        session: None,
        token_id: Ids::new(Clock::system(), Random::system()).uuid(),
        authenticated_at: None,
        methods: Vec::new(),
    }
}

#[expect(clippy::expect_used, reason = "a constant seed makes a constant key")]
static KEY: LazyLock<(EncodingKey, VerifyingKey)> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[42; 32]).expect("32 bytes are a seed");
    let der = pair.to_pkcs8v1().expect("a key can be written down");
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let verifying = VerifyingKey::parse("EdDSA", &public, "").expect("the public part is a key");
    (EncodingKey::from_ed_der(der.as_ref()), verifying)
});

/// A token for a caller, signed with the testing key.
pub fn token(caller: &Caller) -> String {
    let audience = match caller.kind {
        CallerKind::Service => INTERNAL,
        _ => API,
    };
    let now = Clock::system().now().timestamp();
    sign(&Claims {
        iss: ISSUER.to_owned(),
        aud: vec![audience.to_owned()],
        sub: caller.subject.clone(),
        exp: now + 900,
        iat: now,
        nbf: now,
        jti: caller.token_id,
        client_id: caller.client.clone(),
        scope: caller.scopes.iter().cloned().collect::<Vec<_>>().join(" "),
        partner: caller.partner,
        kind: caller.kind,
        org: caller.organization,
        org_kind: caller.organization_kind,
        roles: caller
            .roles
            .iter()
            .map(|role| role.code().to_owned())
            .collect(),
        rst: caller.restrictions.iter().map(|set| set.code()).collect(),
        act: caller.actor.clone(),
        sid: caller.session,
        amr: caller.methods.clone(),
        auth_time: caller.authenticated_at.map(|at| at.timestamp()),
        suspended: caller.suspended,
    })
}

/// Any claims, signed with the testing key.
///
/// # Panics
/// When the claims cannot be encoded.
#[expect(clippy::expect_used, reason = "the claims can be encoded")]
pub fn sign(claims: &impl serde::Serialize) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some("testing".to_owned());
    jsonwebtoken::encode(&header, claims, &KEY.0).expect("claims can be encoded")
}

/// A request by a caller.
///
/// # Panics
/// Never: our tokens are valid header values.
#[expect(clippy::expect_used, reason = "our tokens are valid header values")]
pub fn request<T>(message: T, caller: &Caller) -> tonic::Request<T> {
    crate::auth::bearer(message, &token(caller)).expect("a token is a header value")
}

/// The published data that tests read: `../shared` beside the project.
pub fn shared_data() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"))
}
