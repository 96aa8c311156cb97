//! A billing context between fakes of its neighbours.

use std::time::Duration;

use billing::Config;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use kit::auth::{Caller, CallerKind};
use kit::boot::Context;
use kit::fault::Fault;
use kit::id::PartnerId;
use kit::link::Link;
use kit::testing::{self, TestDb};
use kit::time::{Clock, to_proto};
use proto::billing::v1::reports_client::ReportsClient;
use proto::billing::v1::subscriptions_client::SubscriptionsClient;
use proto::billing::v1::{
    CreateReportRequest, DownloadReportRequest, GetReportRequest, Report, ReportStatus, ReportType,
};
use proto::provisioning::v1::{Customer, CustomerChanged, Package, PackageDefined};
use proto::subscriber::v1::{AssignmentEnded, AssignmentStarted};
use proto::{identity, provisioning, subscriber};
use sqlx::{Connection as _, PgConnection};
use tonic::service::Routes;
use uuid::Uuid;

use super::feeds::Feed;
pub(crate) use super::files::{Row, link_of, rows_of};

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) context: Context,
    pub(crate) link: Link,
    database: TestDb,
    identity: Feed<identity::v1::Event>,
    provisioning: Feed<provisioning::v1::Event>,
    pub(crate) subscriber: Feed<subscriber::v1::Event>,
}

/// A customer and the partner it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cust {
    pub(crate) partner: PartnerId,
    pub(crate) id: Uuid,
}

/// A live assignment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    customer: Cust,
    subscriber: Uuid,
    pub(crate) assignment: Uuid,
}

/// What a test says of an assignment.
#[derive(Clone, Copy)]
pub(crate) struct Give<'a> {
    pub(crate) customer: Cust,
    pub(crate) subscriber: Uuid,
    pub(crate) location: Option<Uuid>,
    pub(crate) package: &'a str,
    pub(crate) slot: &'a str,
}

impl<'a> Give<'a> {
    pub(crate) fn base(customer: Cust, subscriber: Uuid, package: &'a str) -> Self {
        Self {
            customer,
            subscriber,
            location: None,
            package,
            slot: "base",
        }
    }
}

/// `2026-10-01 12:00:00`.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .unwrap()
        .and_utc()
}

impl World {
    /// At noon of 21 November 2026, with two packages in the catalogue.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let database = testing::database("billing", &billing::MIGRATIONS).await;
        let clock = Clock::manual(at("2026-11-21 12:00:00"));
        let (identity, provisioning, subscriber) = (Feed::new(), Feed::new(), Feed::new());
        let links = testing::links()
            .with_identity(Routes::new(identity::v1::events_server::EventsServer::new(
                identity.clone(),
            )))
            .with_provisioning(Routes::new(
                provisioning::v1::events_server::EventsServer::new(provisioning.clone()),
            ))
            .with_subscriber(Routes::new(
                subscriber::v1::events_server::EventsServer::new(subscriber.clone()),
            ))
            .build();
        let context = testing::context(database.db.clone(), clock.clone(), links);
        let link = testing::serve(billing::parts(context.clone(), config), &context);
        let world = Self {
            clock,
            context,
            link,
            database,
            identity,
            provisioning,
            subscriber,
        };
        world.package("webex_calling", "SKU-CALL", "Calling");
        world.package("webex_suite", "SKU-SUITE", "Suite, all of it");
        world
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.context.ids.uuid()
    }

    pub(crate) fn package(&self, name: &str, sku: &str, description: &str) {
        let package = Package {
            name: name.to_owned(),
            sku: sku.to_owned(),
            description: description.to_owned(),
            ..Package::default()
        };
        let kind = provisioning::v1::event::Kind::PackageDefined(PackageDefined {
            package: Some(package),
        });
        let event = provisioning::v1::Event {
            header: None,
            kind: Some(kind),
        };
        self.provisioning
            .push(PartnerId::from_uuid(Uuid::nil()), self.before(), event);
    }

    pub(crate) fn partner(&self, name: &str, parent: Option<PartnerId>) -> PartnerId {
        let partner = PartnerId::from_uuid(self.uuid());
        let changed = identity::v1::PartnerChanged {
            partner_id: partner.to_string(),
            parent_partner_id: parent.map(|parent| parent.to_string()).unwrap_or_default(),
            display_name: name.to_owned(),
            suspended: false,
        };
        let kind = Some(identity::v1::event::Kind::PartnerChanged(changed));
        self.identity.push(
            partner,
            self.before(),
            identity::v1::Event { header: None, kind },
        );
        partner
    }

    pub(crate) fn customer(&self, partner: PartnerId, external_id: &str) -> Cust {
        self.deferred_customer(partner, external_id, "")
    }

    pub(crate) fn deferred_customer(
        &self,
        partner: PartnerId,
        external_id: &str,
        billing_start: &str,
    ) -> Cust {
        self.customer_on(partner, external_id, billing_start, "Sub1")
    }

    pub(crate) fn customer_on(
        &self,
        partner: PartnerId,
        external_id: &str,
        billing_start: &str,
        subscription: &str,
    ) -> Cust {
        let customer = Cust {
            partner,
            id: self.uuid(),
        };
        let changed = CustomerChanged {
            customer: Some(Customer {
                customer_id: customer.id.to_string(),
                organization_id: customer.id.to_string(),
                external_id: external_id.to_owned(),
                name: external_id.to_owned(),
                billing_start_date: billing_start.to_owned(),
                ..Customer::default()
            }),
            subscription_id: subscription.to_owned(),
            deleted: false,
        };
        let kind = Some(provisioning::v1::event::Kind::CustomerChanged(changed));
        let event = provisioning::v1::Event { header: None, kind };
        self.provisioning.push(partner, self.before(), event);
        customer
    }

    pub(crate) fn begin(&self, give: Give<'_>, from: &str) -> Held {
        self.begin_at(give, at(from))
    }

    pub(crate) fn begin_at(&self, give: Give<'_>, from: DateTime<Utc>) -> Held {
        let Give {
            customer,
            subscriber,
            ..
        } = give;
        let held = Held {
            customer,
            subscriber,
            assignment: self.uuid(),
        };
        let started = AssignmentStarted {
            assignment_id: held.assignment.to_string(),
            customer_id: customer.id.to_string(),
            subscriber_id: subscriber.to_string(),
            person_id: subscriber.to_string(),
            workspace_id: String::new(),
            location_id: give.location.map(|id| id.to_string()).unwrap_or_default(),
            package: give.package.to_owned(),
            slot: give.slot.to_owned(),
            started_at: Some(to_proto(from)),
        };
        let kind = Some(subscriber::v1::event::Kind::AssignmentStarted(started));
        self.push_usage(customer.partner, kind);
        held
    }

    pub(crate) fn end(&self, held: Held, to: &str) {
        self.end_at(held, at(to));
    }

    pub(crate) fn end_at(&self, held: Held, to: DateTime<Utc>) {
        let ended = AssignmentEnded {
            assignment_id: held.assignment.to_string(),
            customer_id: held.customer.id.to_string(),
            subscriber_id: held.subscriber.to_string(),
            ended_at: Some(to_proto(to)),
        };
        let kind = Some(subscriber::v1::event::Kind::AssignmentEnded(ended));
        self.push_usage(held.customer.partner, kind);
    }

    fn push_usage(&self, partner: PartnerId, kind: Option<subscriber::v1::event::Kind>) {
        self.subscriber.push(
            partner,
            self.before(),
            subscriber::v1::Event { header: None, kind },
        );
    }

    /// Events happen a moment before now.
    fn before(&self) -> DateTime<Utc> {
        self.clock.now() - TimeDelta::seconds(1)
    }

    /// Waits until everything pushed so far was handled.
    pub(crate) async fn settle(&self) {
        for _ in 0..2_000 {
            let mut handled = 0;
            for (feed, last) in [
                ("identity", self.identity.len()),
                ("provisioning", self.provisioning.len()),
                ("subscriber", self.subscriber.len()),
            ] {
                handled += i32::from(self.position(feed).await == last);
            }
            if handled == 3 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the followers do not catch up");
    }

    pub(crate) async fn position(&self, feed: &str) -> i64 {
        let mut owner = self.owner().await;
        sqlx::query_scalar("select position from billing.feed_cursor where feed = $1")
            .bind(feed)
            .fetch_optional(&mut owner)
            .await
            .unwrap()
            .unwrap_or(0)
    }

    /// The database as its owner sees it.
    pub(crate) async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.database.url).await.unwrap()
    }

    pub(crate) fn reports(&self) -> ReportsClient<Link> {
        ReportsClient::new(self.link.clone())
    }

    pub(crate) fn subscriptions(&self) -> SubscriptionsClient<Link> {
        SubscriptionsClient::new(self.link.clone())
    }

    pub(crate) async fn create(
        &self,
        partner: PartnerId,
        level: ReportType,
        first: &str,
        last: &str,
    ) -> Result<Report, Fault> {
        self.create_about(partner, level, first, last, String::new())
            .await
    }

    pub(crate) async fn create_about(
        &self,
        partner: PartnerId,
        level: ReportType,
        first: &str,
        last: &str,
        sub_partner_id: String,
    ) -> Result<Report, Fault> {
        let request = CreateReportRequest {
            start_date: first.to_owned(),
            end_date: last.to_owned(),
            report_type: level.into(),
            sub_partner_id,
        };
        let request = testing::request(request, &caller(partner));
        Ok(self.reports().create_report(request).await?.into_inner())
    }

    pub(crate) async fn get(&self, partner: PartnerId, report_id: &str) -> Result<Report, Fault> {
        let request = GetReportRequest {
            report_id: report_id.to_owned(),
        };
        let request = testing::request(request, &caller(partner));
        Ok(self.reports().get_report(request).await?.into_inner())
    }

    /// Waits until the report is no longer in progress.
    pub(crate) async fn finished(&self, partner: PartnerId, report_id: &str) -> Report {
        for _ in 0..2_000 {
            let report = self.get(partner, report_id).await.unwrap();
            if report.status() != ReportStatus::InProgress {
                return report;
            }
            // what waits a while is due again
            self.clock.advance(TimeDelta::seconds(1));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the report is not finished");
    }

    pub(crate) async fn download(&self, link: DownloadReportRequest) -> Result<String, Fault> {
        let mut stream = self.reports().download_report(link).await?.into_inner();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.message().await? {
            bytes.extend(chunk.content);
        }
        Ok(String::from_utf8(bytes).unwrap())
    }

    /// The file of a report that is asked for now.
    pub(crate) async fn file(
        &self,
        partner: PartnerId,
        level: ReportType,
        first: &str,
        last: &str,
    ) -> String {
        self.settle().await;
        let report = self.create(partner, level, first, last).await.unwrap();
        let report = self.finished(partner, &report.report_id).await;
        assert_eq!(report.status(), ReportStatus::Completed);
        self.download(link_of(&report.download_path)).await.unwrap()
    }

    /// Its rows.
    pub(crate) async fn rows(
        &self,
        partner: PartnerId,
        level: ReportType,
        first: &str,
        last: &str,
    ) -> Vec<Row> {
        rows_of(&self.file(partner, level, first, last).await)
    }
}

/// A partner's back office with all it may need.
pub(crate) fn caller(partner: PartnerId) -> Caller {
    testing::caller(
        CallerKind::Partner,
        partner,
        &[
            "spark-admin:wholesale_billing_reports_read",
            "spark-admin:wholesale_billing_reports_write",
            "platform:subscriptions_read",
        ],
    )
}
