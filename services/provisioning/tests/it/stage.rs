//! The service under test with everything around it.

use std::{future::Future, time::Duration};

use chrono::TimeDelta;
use futures::{Stream, StreamExt as _};
use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    fault::Fault,
    id::PartnerId,
    link::Link,
    scope::Scope,
    testing,
    time::Clock,
};
use proto::{
    common::v1::Address,
    feed::v1::FollowRequest,
    provisioning::v1::{
        CreateCustomerRequest, CreateTemplateRequest, Customer, CustomerInfo, CustomerStatus,
        Event, GetCustomerRequest, GetOperationRequest, LocationParameters, Operation,
        ProvisioningParameters, Template, TemplateSettings, UpdateCustomerRequest,
        catalogue_client::CatalogueClient, customers_client::CustomersClient, event::Kind,
        events_client::EventsClient, operations_client::OperationsClient,
        sub_partners_client::SubPartnersClient, templates_client::TemplatesClient,
    },
};
use provisioning::Config;
use tonic::{Request, Response, Status};

use super::peers::Peers;

/// Every scope that the services ask for.
pub(crate) const SCOPES: [&str; 8] = [
    "spark-admin:wholesale_customers_read",
    "spark-admin:wholesale_customers_write",
    "spark-admin:wholesale_sub_partners_read",
    "platform:sub_partners_read",
    "platform:sub_partners_write",
    "platform:templates_read",
    "platform:templates_write",
    "platform:catalog_read",
];

pub(crate) struct Stage {
    pub(crate) peers: Peers,
    pub(crate) context: Context,
    pub(crate) link: Link,
    pub(crate) caller: Caller,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.context.tasks.stop();
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let database = testing::database("provisioning", &provisioning::MIGRATIONS).await;
        let peers = Peers::default();
        let clock = Clock::shifted(TimeDelta::zero());
        let context = testing::context(database.db, clock, peers.links());
        let link = testing::serve(provisioning::parts(context.clone(), config), &context);
        let caller = partner(&context);
        Self {
            peers,
            context,
            link,
            caller,
        }
    }

    /// Another partner.
    pub(crate) fn stranger(&self) -> Caller {
        partner(&self.context)
    }

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        testing::request(message, &self.caller)
    }

    pub(crate) fn customers(&self) -> CustomersClient<Link> {
        CustomersClient::new(self.link.clone())
    }

    pub(crate) fn templates(&self) -> TemplatesClient<Link> {
        TemplatesClient::new(self.link.clone())
    }

    pub(crate) fn sub_partners(&self) -> SubPartnersClient<Link> {
        SubPartnersClient::new(self.link.clone())
    }

    pub(crate) fn operations(&self) -> OperationsClient<Link> {
        OperationsClient::new(self.link.clone())
    }

    pub(crate) fn catalogue(&self) -> CatalogueClient<Link> {
        CatalogueClient::new(self.link.clone())
    }

    /// A template with a name.
    pub(crate) async fn template(&self, settings: TemplateSettings) -> Template {
        let settings = Some(TemplateSettings {
            name: "Standard".to_owned(),
            ..settings
        });
        let request = CreateTemplateRequest {
            settings,
            idempotency_key: String::new(),
        };
        self.templates()
            .create_template(self.request(request))
            .await
            .unwrap()
            .into_inner()
    }

    /// A good request with a template of its own.
    pub(crate) async fn good(&self) -> CreateCustomerRequest {
        let template = self.template(TemplateSettings::default()).await;
        good(&template.provisioning_id)
    }

    pub(crate) async fn create(&self, request: CreateCustomerRequest) -> Result<Customer, Fault> {
        Ok(self
            .customers()
            .create_customer(self.request(request))
            .await?
            .into_inner())
    }

    pub(crate) async fn update(&self, request: UpdateCustomerRequest) -> Result<Customer, Fault> {
        Ok(self
            .customers()
            .update_customer(self.request(request))
            .await?
            .into_inner())
    }

    pub(crate) async fn get(&self, customer_id: &str) -> Result<Customer, Fault> {
        let request = GetCustomerRequest {
            customer_id: customer_id.to_owned(),
        };
        Ok(self
            .customers()
            .get_customer(self.request(request))
            .await?
            .into_inner())
    }

    pub(crate) async fn operation(&self, operation_id: &str) -> Operation {
        let request = GetOperationRequest {
            operation_id: operation_id.to_owned(),
        };
        self.operations()
            .get_operation(self.request(request))
            .await
            .unwrap()
            .into_inner()
    }

    /// A provisioned customer.
    pub(crate) async fn provisioned(&self) -> Customer {
        let accepted = self.create(self.good().await).await.unwrap();
        self.until(&accepted.customer_id, CustomerStatus::Provisioned)
            .await
    }

    /// Waits until a customer has a status.
    pub(crate) async fn until(&self, customer_id: &str, status: CustomerStatus) -> Customer {
        eventually(&format!("{customer_id} is {status:?}"), || async {
            let customer = self.get(customer_id).await.unwrap();
            (customer.status() == status).then_some(customer)
        })
        .await
    }

    /// Waits until an operation has a state.
    pub(crate) async fn until_operation(&self, operation_id: &str, state: &str) -> Operation {
        eventually(&format!("{operation_id} is {state}"), || async {
            let operation = self.operation(operation_id).await;
            (operation.state == state).then_some(operation)
        })
        .await
    }

    /// The feed from its beginning, but for what is audited.
    pub(crate) async fn feed(&self) -> impl Stream<Item = Result<Event, Status>> + Unpin + use<> {
        let service = testing::caller(CallerKind::Service, self.caller.partner, &["internal"]);
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: 0,
        };
        let mut events = EventsClient::new(self.link.clone());
        let events = events.follow(testing::request(request, &service)).await;
        events.unwrap().into_inner().filter(|event| {
            let act = event
                .as_ref()
                .is_ok_and(|event| matches!(event.kind, Some(Kind::Audit(_))));
            std::future::ready(!act)
        })
    }

    /// Switches deferred billing on.
    pub(crate) async fn enable_delayed_billing(&self) {
        let mut tx = self
            .context
            .db
            .begin(Scope::Partner(self.caller.partner))
            .await
            .unwrap();
        sqlx::query(
            "insert into partner_setting values ($1, 'enable_wholesale_delayed_billing', true)",
        )
        .bind(self.caller.partner.uuid())
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

fn partner(context: &Context) -> Caller {
    testing::caller(CallerKind::Partner, PartnerId::new(&context.ids), &SCOPES)
}

/// Asks until there is an answer; a test that waits in vain says for what.
pub(crate) async fn eventually<T, F, A>(what: &str, ask: F) -> T
where
    F: Fn() -> A,
    A: Future<Output = Option<T>>,
{
    for _ in 0..1500 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

/// The fault of a refused call.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<Response<T>, Status>) -> Fault {
    answer.unwrap_err().into()
}

/// Reason and, for wrong fields, `field REASON` of each.
pub(crate) fn wrong(fault: &Fault) -> Vec<String> {
    let found: Vec<String> = fault
        .violations
        .iter()
        .map(|v| format!("{} {}", v.field, v.reason))
        .collect();
    if found.is_empty() {
        vec![fault.reason.clone()]
    } else {
        found
    }
}

pub(crate) fn address() -> Address {
    Address {
        line1: "1 Main Street".to_owned(),
        line2: String::new(),
        city: "Springfield".to_owned(),
        state: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        country: "US".to_owned(),
    }
}

pub(crate) fn packages(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A request with nothing wrong in it.
pub(crate) fn good(provisioning_id: &str) -> CreateCustomerRequest {
    CreateCustomerRequest {
        provisioning_id: provisioning_id.to_owned(),
        packages: packages(&["webex_calling", "webex_meetings"]),
        external_id: "acme-1".to_owned(),
        organization_id: String::new(),
        address: Some(address()),
        info: Some(CustomerInfo {
            name: "Acme".to_owned(),
            primary_email: "admin@acme.example".to_owned(),
            language: "en".to_owned(),
        }),
        parameters: Some(ProvisioningParameters {
            location: Some(LocationParameters {
                name: "Headquarters".to_owned(),
                address: Some(address()),
                timezone: "America/Chicago".to_owned(),
                language: "en_us".to_owned(),
                emergency_location_identifier: String::new(),
            }),
            meetings_timezone: "America/Chicago".to_owned(),
            limits: Vec::new(),
        }),
        billing_start_date: String::new(),
        sub_partner_admin_email: String::new(),
    }
}
