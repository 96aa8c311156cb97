//! What the tests share: a served context, callers, and short ways to say what they do.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::DateTime;
use identity::{
    Config,
    bootstrap::{Bootstrap, Credentials, bootstrap},
};
use kit::{
    auth::{Caller, CallerKind, Verifier},
    boot::{Context, guard},
    fault::Fault,
    id::PartnerId,
    link::{Link, Links},
    testing,
    time::Clock,
};
use prost::Message as _;
use proto::common::v1::AuditEvent;
use proto::identity::v1::{
    CreateCustomerOrganizationRequest, CreatePartnerRequest, EnrolPersonRequest, Event,
    GetOrganizationRequest, IssueTokenRequest, IssuedToken, ListKeysRequest, Organization, Person,
    event, organizations_client::OrganizationsClient, people_client::PeopleClient,
    tokens_client::TokensClient,
};
use proto::subscriber::v1::{
    CheckPersonRequest, CheckPersonResponse, holders_server, holders_server::HoldersServer,
};
use sqlx::{Connection as _, PgConnection};
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

/// Every scope that a partner's token may carry here.
const PARTNER_SCOPES: [&str; 7] = [
    "platform:organizations_read",
    "platform:people_read",
    "platform:sub_partners_write",
    "platform:clients_write",
    "platform:identity_providers_read",
    "platform:identity_providers_write",
    "spark-admin:wholesale_customers_write",
];

/// A context that serves.
pub(crate) struct World {
    /// What it was made of.
    pub(crate) context: Context,
    /// Leads to it; accepts the tokens of made-up callers.
    pub(crate) link: Link,
    /// Leads to it; accepts the tokens that it has issued itself.
    pub(crate) own: Link,
    /// The owner's way into its database.
    pub(crate) url: String,
    /// Who has wholesale service.
    held: Arc<Mutex<HashSet<String>>>,
}

/// Tells who has wholesale service.
struct Holders(Arc<Mutex<HashSet<String>>>);

#[tonic::async_trait]
impl holders_server::Holders for Holders {
    async fn check_person(
        &self,
        request: Request<CheckPersonRequest>,
    ) -> Result<Response<CheckPersonResponse>, Status> {
        let person = request.into_inner().person_id;
        let held = self.0.lock().unwrap().contains(&person);
        Ok(Response::new(CheckPersonResponse {
            subscriber_id: if held { person } else { String::new() },
        }))
    }
}

impl World {
    /// An empty one.
    pub(crate) async fn new() -> Self {
        Self::linked(Links::nowhere()).await
    }

    async fn linked(links: Links) -> Self {
        let database = testing::database("identity", &identity::MIGRATIONS).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 250_000).unwrap());
        let context = testing::context(database.db, clock.clone(), links);
        let link = testing::serve(identity::parts(context.clone(), config()), &context);
        let parts = identity::parts(context.clone(), config());
        let (own, socket) = Link::here();
        // by the other link: one that knew itself would keep its connections for ever
        let verifier = Verifier::new(link.clone(), clock);
        socket.plug(guard(
            parts.routes,
            parts.open,
            verifier,
            context.random.clone(),
        ));
        Self {
            context,
            link,
            own,
            url: database.url,
            held: Arc::default(),
        }
    }

    /// One that can ask who has wholesale service.
    pub(crate) async fn with_holders() -> Self {
        let held: Arc<Mutex<HashSet<String>>> = Arc::default();
        let fake = HoldersServer::new(Holders(Arc::clone(&held)));
        let links = testing::links().with_subscriber(Routes::new(fake)).build();
        let world = Self::linked(links).await;
        Self { held, ..world }
    }

    /// Somebody has wholesale service.
    pub(crate) fn hold(&self, person_id: &str) {
        self.held.lock().unwrap().insert(person_id.to_owned());
    }

    /// How often tokens of somebody were taken back.
    pub(crate) async fn revocations_of(&self, person_id: &str) -> i64 {
        let query =
            "select count(*)::text from identity.revocation where kind = 'person' and key = $1";
        self.text(query, person_id).await.parse().unwrap()
    }

    /// One with the first organizations and clients.
    pub(crate) async fn started() -> (Self, Credentials) {
        let world = Self::new().await;
        let credentials = world.bootstrap().await.expect("nothing was there");
        (world, credentials)
    }

    /// What a new platform is to hold.
    pub(crate) fn beginning() -> Bootstrap {
        Bootstrap {
            operator_name: "Entrepot".to_owned(),
            partner_name: "Nordtel".to_owned(),
            partner_country: "DE".to_owned(),
            operator_email: "root@entrepot.example".to_owned(),
            partner_email: "ada@nordtel.example".to_owned(),
        }
    }

    pub(crate) async fn bootstrap(&self) -> Option<Credentials> {
        bootstrap(&self.context, &Config::default(), Self::beginning())
            .await
            .unwrap()
    }

    pub(crate) fn organizations(&self) -> OrganizationsClient<Link> {
        OrganizationsClient::new(self.link.clone())
    }

    pub(crate) fn people(&self) -> PeopleClient<Link> {
        PeopleClient::new(self.link.clone())
    }

    pub(crate) fn tokens(&self) -> TokensClient<Link> {
        TokensClient::new(self.link.clone())
    }

    /// Whom a token names, as every other context finds out.
    pub(crate) async fn verify(&self, token: &str) -> Result<Caller, Fault> {
        Verifier::new(self.link.clone(), self.context.clock.clone())
            .verify(token)
            .await
    }

    /// A verifier that hears of revocations.
    pub(crate) fn watching(&self) -> Verifier {
        let verifier = Verifier::new(self.link.clone(), self.context.clock.clone());
        verifier.watch(self.context.token.clone(), &self.context.tasks);
        verifier
    }

    /// Another replica: its workers have a look at once.
    pub(crate) fn replica(&self, config: Config) -> Link {
        testing::serve(identity::parts(self.context.clone(), config), &self.context)
    }

    /// The keys that are published for an algorithm, newest first.
    pub(crate) async fn keys(&self, algorithm: &str) -> Vec<String> {
        let listed = self.tokens().list_keys(ListKeysRequest {}).await;
        let keys = listed.unwrap().into_inner().keys.into_iter();
        keys.filter(|key| key.algorithm == algorithm)
            .map(|key| key.key_id)
            .collect()
    }

    pub(crate) fn id(&self) -> String {
        self.context.ids.uuid().to_string()
    }

    /// A new partner, or with a parent a new sub-partner.
    pub(crate) async fn partner(&self, parent: Option<PartnerId>) -> PartnerId {
        let request = new_partner(&self.id(), parent);
        let request = testing::request(request, &service());
        let created = self
            .organizations()
            .create_partner(request)
            .await
            .unwrap()
            .into_inner();
        created.partner_id.parse().unwrap()
    }

    /// A new customer of a partner.
    pub(crate) async fn customer(&self, partner: PartnerId) -> Organization {
        let request = new_customer(partner, &self.id());
        let request = testing::request(request, &service());
        self.organizations()
            .create_customer_organization(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// An organization, as its tenant reads it.
    pub(crate) async fn organization(&self, of: PartnerId) -> Organization {
        let request = GetOrganizationRequest {
            organization_id: of.to_string(),
        };
        let request = testing::request(request, &partner(of));
        self.organizations()
            .get_organization(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn enrol(&self, to: &Organization, email: &str) -> Result<Person, Fault> {
        let request = testing::request(newcomer(to, email), &service());
        Ok(self.people().enrol_person(request).await?.into_inner())
    }

    /// Whose an address is, as the database knows it.
    pub(crate) async fn person_id(&self, email: &str) -> String {
        let query = "select person_id::text from identity.person where email = $1";
        self.text(query, email).await
    }

    /// Of which tenant a person is.
    pub(crate) async fn partner_of(&self, person_id: &str) -> PartnerId {
        let query = "select partner_id::text from identity.person where person_id::text = $1";
        self.text(query, person_id).await.parse().unwrap()
    }

    /// Every act that was told, in order.
    pub(crate) async fn acts(&self) -> Vec<AuditEvent> {
        let mut sql = PgConnection::connect(&self.url).await.unwrap();
        let rows = "select payload from identity.feed_entry order by entry";
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(rows).fetch_all(&mut sql).await.unwrap();
        let kinds = rows.iter().map(|row| Event::decode(&**row).unwrap().kind);
        kinds
            .filter_map(|kind| match kind {
                Some(event::Kind::Audit(act)) => Some(act),
                _ => None,
            })
            .collect()
    }

    async fn text(&self, query: &'static str, about: &str) -> String {
        let mut sql = PgConnection::connect(&self.url).await.unwrap();
        let found = sqlx::query_scalar(query).bind(about);
        found.fetch_one(&mut sql).await.unwrap()
    }

    pub(crate) async fn issue(
        &self,
        id: &str,
        secret: &str,
        scopes: &[&str],
    ) -> Result<IssuedToken, Fault> {
        let request = IssueTokenRequest {
            client_id: id.to_owned(),
            client_secret: secret.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        };
        Ok(self.tokens().issue_token(request).await?.into_inner())
    }
}

/// Settings under which replicas open each other's seals.
pub(crate) fn config() -> Config {
    sealed_with(1)
}

/// Settings with a seal key of this byte.
pub(crate) fn sealed_with(byte: u8) -> Config {
    Config {
        issuer: Some("https://api.example.net".to_owned()),
        seal_key: Some(STANDARD.encode([byte; 32])),
        ..Config::default()
    }
}

/// Asks again until it is so.
pub(crate) async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed().as_secs() < 20, "it did not become so");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Another context.
pub(crate) fn service() -> Caller {
    testing::caller(
        CallerKind::Service,
        PartnerId::from_uuid(Uuid::nil()),
        &["internal"],
    )
}

/// A partner's back office.
pub(crate) fn partner(id: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, id, &PARTNER_SCOPES)
}

/// The operator.
pub(crate) fn operator(id: PartnerId) -> Caller {
    let scopes = [
        "platform:partners_write",
        "platform:clients_write",
        "platform:organizations_read",
    ];
    testing::caller(CallerKind::Operator, id, &scopes)
}

pub(crate) fn new_partner(id: &str, parent: Option<PartnerId>) -> CreatePartnerRequest {
    CreatePartnerRequest {
        organization_id: id.to_owned(),
        parent_partner_id: parent.map(|id| id.to_string()).unwrap_or_default(),
        display_name: "Südtel".to_owned(),
        country: "DE".to_owned(),
        locale: "de_DE".to_owned(),
    }
}

pub(crate) fn new_customer(partner: PartnerId, id: &str) -> CreateCustomerOrganizationRequest {
    CreateCustomerOrganizationRequest {
        partner_id: partner.to_string(),
        organization_id: id.to_owned(),
        display_name: "Bäckerei Müller".to_owned(),
        country: "DE".to_owned(),
        locale: "de_DE".to_owned(),
        ..CreateCustomerOrganizationRequest::default()
    }
}

pub(crate) fn newcomer(to: &Organization, email: &str) -> EnrolPersonRequest {
    EnrolPersonRequest {
        partner_id: to.partner_id.clone(),
        organization_id: to.organization_id.clone(),
        email: email.to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Example".to_owned(),
    }
}

/// The reason of a failure.
pub(crate) fn reason<T: std::fmt::Debug, E: Into<Fault>>(outcome: Result<T, E>) -> String {
    match outcome {
        Ok(value) => panic!("should have failed: {value:?}"),
        Err(error) => error.into().reason,
    }
}
