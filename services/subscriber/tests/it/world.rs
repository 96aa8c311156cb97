//! A subscriber context with one partner's customer, and what tests say often.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::DateTime;
use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    fault::{Fault, Kind},
    id::PartnerId,
    link::Link,
    testing,
    time::Clock,
};
use proto::{
    common::v1::Address,
    feed::v1::FollowRequest,
    identity::v1::{
        CheckEmailRequest, CheckEmailResponse, CheckEmailsRequest, CheckEmailsResponse,
        EnrolPersonRequest, GetPersonRequest, Person,
        people_server::{People, PeopleServer},
    },
    subscriber::v1::{
        ApplyEntitlementRequest, CreateSubscriberRequest, DeleteSubscriberRequest, EntitledPackage,
        Event, FirstLocation, GetSubscriberRequest, Subscriber, SubscriberParameters,
        UpdateSubscriberRequest, entitlements_client::EntitlementsClient, event,
        events_client::EventsClient, subscribers_client::SubscribersClient,
    },
};
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

pub(crate) const READ: &str = "spark-admin:wholesale_subscribers_read";
pub(crate) const WRITE: &str = "spark-admin:wholesale_subscribers_write";

/// An identity context that knows people and nothing else.
#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<Mutex<Town>>);

#[derive(Default)]
struct Town {
    /// By e-mail.
    people: BTreeMap<String, Person>,
    enrolments: u32,
    down: bool,
}

impl Identity {
    pub(crate) fn settle(&self, email: &str, organization: Uuid) {
        let mut town = self.0.lock().unwrap();
        enrol(&mut town, email, &organization.to_string());
    }

    pub(crate) fn enrolments(&self) -> u32 {
        self.0.lock().unwrap().enrolments
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }
}

fn enrol(town: &mut Town, email: &str, organization: &str) -> Option<Person> {
    let administrator = !town
        .people
        .values()
        .any(|other| other.organization_id == organization);
    let number = u128::try_from(town.people.len()).unwrap() + 1;
    let person = town
        .people
        .entry(email.to_owned())
        .or_insert_with(|| Person {
            person_id: Uuid::from_u128(number).to_string(),
            organization_id: organization.to_owned(),
            email: email.to_owned(),
            administrator,
            ..Person::default()
        });
    (person.organization_id == organization).then(|| person.clone())
}

#[tonic::async_trait]
impl People for Identity {
    async fn enrol_person(
        &self,
        request: Request<EnrolPersonRequest>,
    ) -> Result<Response<Person>, Status> {
        let request = request.into_inner();
        let mut town = self.0.lock().unwrap();
        if town.down {
            return Err(Status::unavailable("down"));
        }
        town.enrolments += 1;
        enrol(&mut town, &request.email, &request.organization_id)
            .map(Response::new)
            .ok_or_else(|| Fault::new(Kind::Conflict, "EMAIL_IN_USE", "taken").into())
    }

    async fn check_email(
        &self,
        request: Request<CheckEmailRequest>,
    ) -> Result<Response<CheckEmailResponse>, Status> {
        let request = request.into_inner();
        let town = self.0.lock().unwrap();
        let person = town.people.get(&request.email);
        let here = person.is_some_and(|found| found.organization_id == request.organization_id);
        Ok(Response::new(CheckEmailResponse {
            taken_elsewhere: person.is_some() && !here,
            known_here: here,
        }))
    }

    async fn check_emails(
        &self,
        _: Request<CheckEmailsRequest>,
    ) -> Result<Response<CheckEmailsResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn get_person(&self, _: Request<GetPersonRequest>) -> Result<Response<Person>, Status> {
        Err(Status::unimplemented("not asked here"))
    }
}

/// The context, and who calls it.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) context: Context,
    pub(crate) identity: Identity,
    pub(crate) link: Link,
    /// The partner.
    pub(crate) partner: Caller,
    /// A customer of the partner that may assign [`packages`].
    pub(crate) customer: Uuid,
    /// Its location.
    pub(crate) location: Uuid,
}

/// Packages of the fixtures; their names mean something to these tests only.
pub(crate) fn packages() -> Vec<EntitledPackage> {
    let package = |name: &str, base, calling| EntitledPackage {
        name: name.to_owned(),
        base,
        calling,
        assignable: true,
        ..EntitledPackage::default()
    };
    vec![
        package("voice", true, true),
        package("suite", true, true),
        package("meet", true, false),
        EntitledPackage {
            requires_any: vec!["suite".to_owned()],
            ..package("desk", false, false)
        },
        package("plan", false, false),
        EntitledPackage {
            assignable: false,
            ..package("lobby", true, true)
        },
        EntitledPackage {
            limit: 1,
            ..package("scarce", true, false)
        },
    ]
}

pub(crate) fn service() -> Caller {
    testing::caller(
        CallerKind::Service,
        PartnerId::from_uuid(Uuid::nil()),
        &["internal"],
    )
}

pub(crate) fn partner(number: u128) -> Caller {
    let id = PartnerId::from_uuid(Uuid::from_u128(number));
    testing::caller(CallerKind::Partner, id, &[READ, WRITE])
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = testing::database("subscriber", &subscriber::MIGRATIONS).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_790_000_000, 123_456_000).unwrap());
        let identity = Identity::default();
        let links = testing::links()
            .with_identity(Routes::new(PeopleServer::new(identity.clone())))
            .build();
        let context = testing::context(database.db, clock.clone(), links);
        let parts = subscriber::parts(context.clone(), subscriber::Config::default());
        let link = testing::serve(parts, &context);
        let (partner, customer) = (partner(0xa), Uuid::from_u128(0xc1));
        let location = place(customer);
        let world = Self {
            clock,
            context,
            identity,
            link,
            partner,
            customer,
            location,
        };
        world
            .entitle(world.entitlement(customer, packages()))
            .await
            .unwrap();
        world
    }

    pub(crate) fn subscribers(&self) -> SubscribersClient<Link> {
        SubscribersClient::new(self.link.clone())
    }

    pub(crate) fn entitlements(&self) -> EntitlementsClient<Link> {
        EntitlementsClient::new(self.link.clone())
    }

    /// An entitlement of the partner's customer, with a location.
    pub(crate) fn entitlement(
        &self,
        customer: Uuid,
        packages: Vec<EntitledPackage>,
    ) -> ApplyEntitlementRequest {
        ApplyEntitlementRequest {
            partner_id: self.partner.partner.to_string(),
            customer_id: customer.to_string(),
            organization_id: organization(customer).to_string(),
            external_id: format!("external-{:x}", customer.as_u128()),
            packages,
            location: Some(location(place(customer))),
        }
    }

    /// A second replica with the same database.
    pub(crate) fn replica(&self) -> Link {
        let parts = subscriber::parts(self.context.clone(), subscriber::Config::default());
        testing::serve(parts, &self.context)
    }

    pub(crate) async fn entitle(&self, request: ApplyEntitlementRequest) -> Result<(), Fault> {
        self.entitle_at(&self.link, request).await
    }

    pub(crate) async fn entitle_at(
        &self,
        link: &Link,
        request: ApplyEntitlementRequest,
    ) -> Result<(), Fault> {
        let request = testing::request(request, &service());
        let mut entitlements = EntitlementsClient::new(link.clone());
        entitlements.apply_entitlement(request).await?;
        Ok(())
    }

    pub(crate) fn creation(&self, email: &str, packages: &[&str]) -> CreateSubscriberRequest {
        CreateSubscriberRequest {
            customer_id: self.customer.to_string(),
            email: email.to_owned(),
            packages: packages.iter().map(|&name| name.to_owned()).collect(),
            parameters: Some(SubscriberParameters {
                first_name: "Ada".to_owned(),
                last_name: "Byron".to_owned(),
                ..SubscriberParameters::default()
            }),
        }
    }

    /// With an extension.
    pub(crate) fn calling(
        &self,
        email: &str,
        packages: &[&str],
        extension: &str,
    ) -> CreateSubscriberRequest {
        let mut creation = self.creation(email, packages);
        extension.clone_into(&mut creation.parameters.as_mut().unwrap().extension);
        creation
    }

    pub(crate) async fn create(
        &self,
        request: CreateSubscriberRequest,
    ) -> Result<Subscriber, Fault> {
        self.create_as(&self.partner, request).await
    }

    pub(crate) async fn create_as(
        &self,
        caller: &Caller,
        request: CreateSubscriberRequest,
    ) -> Result<Subscriber, Fault> {
        let request = testing::request(request, caller);
        Ok(self
            .subscribers()
            .create_subscriber(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn get(&self, id: &str) -> Result<Subscriber, Fault> {
        let request = GetSubscriberRequest {
            subscriber_id: id.to_owned(),
        };
        let request = testing::request(request, &self.partner);
        Ok(self
            .subscribers()
            .get_subscriber(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn update(&self, id: &str, packages: &[&str]) -> Result<Subscriber, Fault> {
        self.update_with(id, packages, None).await
    }

    pub(crate) async fn update_with(
        &self,
        id: &str,
        packages: &[&str],
        parameters: Option<SubscriberParameters>,
    ) -> Result<Subscriber, Fault> {
        let request = UpdateSubscriberRequest {
            subscriber_id: id.to_owned(),
            packages: packages.iter().map(|&name| name.to_owned()).collect(),
            parameters,
        };
        let request = testing::request(request, &self.partner);
        Ok(self
            .subscribers()
            .update_subscriber(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<(), Fault> {
        let request = DeleteSubscriberRequest {
            subscriber_id: id.to_owned(),
        };
        let request = testing::request(request, &self.partner);
        self.subscribers().delete_subscriber(request).await?;
        Ok(())
    }

    /// The first events of the feed but for those of the audit, as soon as there are so many.
    pub(crate) async fn events(&self, count: usize) -> Vec<Event> {
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: 0,
        };
        let request = testing::request(request, &service());
        let mut events = EventsClient::new(self.link.clone());
        let mut stream = events.follow(request).await.unwrap().into_inner();
        let mut seen = Vec::new();
        while seen.len() < count {
            let event = stream.message().await.unwrap().unwrap();
            if !matches!(event.kind, Some(event::Kind::Audit(_))) {
                seen.push(event);
            }
        }
        seen
    }
}

/// The organization of a customer.
pub(crate) fn organization(customer: Uuid) -> Uuid {
    Uuid::from_u128(customer.as_u128() + 0x100_0000)
}

/// The first location of a customer.
pub(crate) fn place(customer: Uuid) -> Uuid {
    Uuid::from_u128(customer.as_u128() + 0x10_0000)
}

/// A location to make.
pub(crate) fn location(id: Uuid) -> FirstLocation {
    FirstLocation {
        location_id: id.to_string(),
        name: "Main".to_owned(),
        address: Some(Address {
            line1: "1 Main Street".to_owned(),
            city: "Springfield".to_owned(),
            country: "US".to_owned(),
            ..Address::default()
        }),
        timezone: "America/New_York".to_owned(),
        language: "en_us".to_owned(),
    }
}

/// Field and reason of each violation.
pub(crate) fn violations(fault: &Fault) -> Vec<(&str, &str)> {
    fault
        .violations
        .iter()
        .map(|v| (v.field.as_str(), v.reason.as_str()))
        .collect()
}

/// Kind and reason.
pub(crate) fn verdict<T: std::fmt::Debug>(result: Result<T, Fault>) -> (Kind, String) {
    let fault = result.unwrap_err();
    (fault.kind, fault.reason)
}

/// What a call for somebody else's, or for nothing, is answered with (R-1203).
pub(crate) fn missing() -> (Kind, String) {
    (Kind::Missing, "NOT_FOUND".to_owned())
}

/// A clash with this reason.
pub(crate) fn conflict(reason: &str) -> (Kind, String) {
    (Kind::Conflict, reason.to_owned())
}
