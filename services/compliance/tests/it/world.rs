//! What the tests share: a served context, callers, and short ways to say what they do.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use compliance::Config;
use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    fault::Fault,
    id::PartnerId,
    link::{Link, Links},
    testing,
    time::Clock,
};
use proto::{
    common::v1::Address,
    compliance::v1::{
        Case, CaseClosed, CheckPartyRequest, DecideCaseRequest, GetCaseRequest, ImportListRequest,
        ListCasesRequest, ListFormat, ListListsRequest, ListVersion, Party, ScreenCustomerRequest,
        ScreeningResult, cases_client::CasesClient, event, events_client::EventsClient,
        lists_client::ListsClient, screening_client::ScreeningClient,
    },
    feed::v1::FollowRequest,
};
use uuid::Uuid;

/// A context that serves.
pub(crate) struct World {
    /// What it was made of.
    pub(crate) context: Context,
    /// Leads to it.
    pub(crate) link: Link,
    /// The owner's way into its database.
    pub(crate) url: String,
}

/// Lists that a context finds at its start.
pub(crate) enum Start {
    /// No list at all, ever.
    Nothing,
    /// The invented parties.
    Default,
    /// A directory.
    Directory(PathBuf),
}

impl World {
    /// One that screens against the invented parties.
    pub(crate) async fn new() -> Self {
        let world = Self::start(Start::Default).await;
        world.ready("").await;
        world
    }

    /// One that serves, but may have no index yet.
    pub(crate) async fn start(start: Start) -> Self {
        let database = testing::database("compliance", &compliance::MIGRATIONS).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 250_000).unwrap());
        let context = testing::context(database.db, clock, Links::nowhere());
        let link = serve(&context, &start);
        let url = database.url;
        Self { context, link, url }
    }

    /// One that follows the feeds of others.
    pub(crate) async fn linked(links: Links) -> Self {
        let database = testing::database("compliance", &compliance::MIGRATIONS).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 250_000).unwrap());
        let context = testing::context(database.db, clock, links);
        let link = serve(&context, &Start::Default);
        let url = database.url;
        Self { context, link, url }
    }

    /// Another replica that follows them too.
    pub(crate) fn rival(&self, links: Links) -> Link {
        let (db, clock) = (self.context.db.clone(), self.context.clock.clone());
        serve(&testing::context(db, clock, links), &Start::Default)
    }

    /// Another replica on the same database.
    pub(crate) fn replica(&self) -> Self {
        let context = testing::context(
            self.context.db.clone(),
            self.context.clock.clone(),
            Links::nowhere(),
        );
        let link = serve(&context, &Start::Default);
        let url = self.url.clone();
        Self { context, link, url }
    }

    /// Waits for an index other than this one; returns its version.
    pub(crate) async fn ready(&self, before: &str) -> String {
        for _ in 0..1200 {
            match self.check("Nobody in Particular", "DE").await {
                Ok(result) if result.index_version != before => return result.index_version,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("no index within a minute");
    }

    /// Imports a list and waits for its index.
    pub(crate) async fn import_and_wait(
        &self,
        list: &str,
        format: ListFormat,
        files: Vec<Vec<u8>>,
    ) {
        let before = self
            .check("Nobody", "DE")
            .await
            .map_or_else(|_| String::new(), |r| r.index_version);
        self.import(list, format, files).await.unwrap();
        self.ready(&before).await;
    }

    pub(crate) async fn import(
        &self,
        list: &str,
        format: ListFormat,
        files: Vec<Vec<u8>>,
    ) -> Result<ListVersion, Fault> {
        let request = ImportListRequest {
            list: list.to_owned(),
            format: format.into(),
            files,
        };
        let request = testing::request(request, &operator());
        Ok(ListsClient::new(self.link.clone())
            .import_list(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn lists(&self) -> Vec<ListVersion> {
        let request = testing::request(ListListsRequest {}, &reviewer());
        ListsClient::new(self.link.clone())
            .list_lists(request)
            .await
            .unwrap()
            .into_inner()
            .lists
    }

    pub(crate) async fn check(&self, name: &str, country: &str) -> Result<ScreeningResult, Fault> {
        let request = CheckPartyRequest {
            party: Some(party(name, country)),
        };
        let request = testing::request(request, &reviewer());
        Ok(ScreeningClient::new(self.link.clone())
            .check_party(request)
            .await?
            .into_inner())
    }

    /// A request about a new customer of a partner.
    pub(crate) fn about(&self, partner: PartnerId, name: &str) -> ScreenCustomerRequest {
        ScreenCustomerRequest {
            partner_id: partner.to_string(),
            customer_id: self.context.ids.uuid().to_string(),
            party: Some(party(name, "DE")),
            idempotency_key: self.context.ids.uuid().to_string(),
        }
    }

    pub(crate) async fn screen(
        &self,
        request: &ScreenCustomerRequest,
    ) -> Result<ScreeningResult, Fault> {
        let request = testing::request(request.clone(), &service());
        Ok(ScreeningClient::new(self.link.clone())
            .screen_customer(request)
            .await?
            .into_inner())
    }

    /// A customer with an open case; the case's id.
    pub(crate) async fn matched(&self, partner: PartnerId) -> (ScreenCustomerRequest, String) {
        let request = self.about(partner, LISTED);
        let case = self.screen(&request).await.unwrap().case_id;
        assert!(!case.is_empty());
        (request, case)
    }

    pub(crate) async fn decide(&self, case: &str, approve: bool) -> Result<Case, Fault> {
        let request = DecideCaseRequest {
            case_id: case.to_owned(),
            approve,
            reason: "compared the passports".to_owned(),
        };
        let request = testing::request(request, &reviewer());
        Ok(CasesClient::new(self.link.clone())
            .decide_case(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn case(&self, case: &str) -> Case {
        let request = GetCaseRequest {
            case_id: case.to_owned(),
        };
        let request = testing::request(request, &reviewer());
        CasesClient::new(self.link.clone())
            .get_case(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn cases(&self, request: ListCasesRequest) -> (Vec<Case>, String) {
        let request = testing::request(request, &reviewer());
        let mut cases = CasesClient::new(self.link.clone());
        let page = cases.list_cases(request).await.unwrap().into_inner();
        (page.cases, page.next_page_token)
    }

    /// The first `count` events of the feed, and that there are no more.
    pub(crate) async fn closed(&self, count: usize) -> Vec<CaseClosed> {
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: 0,
        };
        let request = testing::request(request, &service());
        let mut events = EventsClient::new(self.link.clone());
        let mut stream = events.follow(request).await.unwrap().into_inner();
        let mut closed = Vec::new();
        loop {
            let patience = if closed.len() < count { 20_000 } else { 1_200 };
            let next = tokio::time::timeout(Duration::from_millis(patience), stream.message());
            match next.await {
                Ok(event) => {
                    let event = event.unwrap().expect("the feed does not end");
                    assert!(event.header.is_some());
                    match event.kind {
                        Some(event::Kind::CaseClosed(event)) => closed.push(event),
                        Some(event::Kind::Audit(_)) => {}
                        None => panic!("another event"),
                    }
                }
                Err(_) => break,
            }
        }
        assert_eq!(closed.len(), count);
        closed
    }

    /// A number that the owner of the database reads.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        use sqlx::Connection as _;
        let mut conn = sqlx::PgConnection::connect(&self.url).await.unwrap();
        sqlx::query("set search_path to compliance")
            .execute(&mut conn)
            .await
            .unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut conn).await.unwrap()
    }

    pub(crate) fn partner(&self) -> PartnerId {
        PartnerId::from_uuid(self.context.ids.uuid())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.context.clock.now()
    }
}

fn serve(context: &Context, start: &Start) -> Link {
    let lists_dir = match start {
        Start::Nothing => {
            let empty = std::env::temp_dir().join(format!("entrepot-empty-{}", std::process::id()));
            std::fs::create_dir_all(&empty).unwrap();
            Some(empty)
        }
        Start::Default => None,
        Start::Directory(directory) => Some(directory.clone()),
    };
    let config = Config {
        lists_dir,
        poll_seconds: 1,
        expiry_seconds: 1,
    };
    testing::serve(compliance::parts(context.clone(), config), context)
}

/// An invented party of the default list.
pub(crate) const LISTED: &str = "Obsidian Gate Trading Ltd";

pub(crate) fn party(name: &str, country: &str) -> Party {
    Party {
        name: name.to_owned(),
        aliases: Vec::new(),
        address: Some(Address {
            line1: "Am Markt 1".to_owned(),
            city: "Lübeck".to_owned(),
            country: country.to_owned(),
            ..Address::default()
        }),
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

/// A compliance reviewer.
pub(crate) fn reviewer() -> Caller {
    let scopes = ["platform:screening_read", "platform:screening_write"];
    let reviewer = testing::caller(
        CallerKind::Reviewer,
        PartnerId::from_uuid(Uuid::nil()),
        &scopes,
    );
    Caller {
        subject: "rosalind@entrepot.example".to_owned(),
        ..reviewer
    }
}

/// The platform operator.
pub(crate) fn operator() -> Caller {
    let scopes = ["platform:screening_read", "platform:screening_write"];
    testing::caller(
        CallerKind::Operator,
        PartnerId::from_uuid(Uuid::nil()),
        &scopes,
    )
}

/// A file of the published lists.
pub(crate) fn published(file: &str) -> Vec<u8> {
    let path = testing::shared_data().join("data/rpl").join(file);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "this test needs the published lists: {} ({error})",
            path.display()
        )
    })
}

/// The US Consolidated Screening List.
pub(crate) fn csl() -> Vec<Vec<u8>> {
    vec![published("us/csl_consolidated_2022-07.csv.gz")]
}

/// The SDN list: primary, aliases, addresses.
pub(crate) fn sdn() -> Vec<Vec<u8>> {
    ["sdn", "alt", "add"]
        .map(|part| published(&format!("us/ofac_{part}_2022-01-31.csv.gz")))
        .into()
}

/// A file as text.
pub(crate) fn unpacked(packed: &[u8]) -> String {
    use std::io::Read as _;
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap();
    text
}
