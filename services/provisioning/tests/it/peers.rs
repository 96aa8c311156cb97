//! Fakes of the other contexts, which keep what they were told and fail on demand.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures::stream;
use kit::{fault::Fault, link::Links, testing};
use proto::{
    compliance::v1::{self as compliance, screening_server::Screening},
    feed::v1::{EventHeader, FollowRequest},
    identity::v1::{self as identity, organizations_server::Organizations, people_server::People},
    subscriber::v1::{self as subscriber, entitlements_server::Entitlements},
};
use tonic::{Request, Response, Status, service::Routes};

/// When a planned failure strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// The call has no effect.
    Before,
    /// The call has its effect, but the caller does not hear of it.
    After,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Calls by method, in order.
    pub(crate) calls: Vec<&'static str>,
    /// Failures to come, by method.
    pub(crate) failures: BTreeMap<&'static str, Vec<(Strike, Fault)>>,
    /// E-mail addresses that belong to somebody.
    pub(crate) emails: BTreeSet<String>,
    /// Organizations by id.
    pub(crate) organizations: BTreeMap<String, identity::CreateCustomerOrganizationRequest>,
    /// Organizations that service was attached to.
    pub(crate) attached: BTreeSet<String>,
    /// Partners by id.
    pub(crate) partners: BTreeMap<String, identity::CreatePartnerRequest>,
    /// People enrolled.
    pub(crate) people: Vec<identity::EnrolPersonRequest>,
    /// Partners that are suspended.
    pub(crate) suspended: BTreeSet<String>,
    /// Names that match a list.
    pub(crate) listed: BTreeSet<String>,
    /// Screenings by idempotency key: the case, if one was opened.
    pub(crate) screenings: BTreeMap<String, (compliance::ScreenCustomerRequest, String)>,
    /// Events of the compliance feed.
    pub(crate) closed: Vec<compliance::Event>,
    /// Entitlements by customer.
    pub(crate) entitlements: BTreeMap<String, subscriber::ApplyEntitlementRequest>,
    /// Identity providers in use: protocol and name.
    pub(crate) providers: BTreeSet<(String, String)>,
    /// How many hold a package, by package.
    pub(crate) holders: BTreeMap<String, i32>,
}

/// All fakes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<State>>);

impl Peers {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Plans a failure of the next call of a method.
    pub(crate) fn fail(&self, method: &'static str, strike: Strike, fault: Fault) {
        self.state()
            .failures
            .entry(method)
            .or_default()
            .push((strike, fault));
    }

    /// How often a method was called.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|call| **call == method)
            .count()
    }

    /// The only case that is open.
    pub(crate) fn case_of(&self, customer_id: &str) -> String {
        let state = self.state();
        let found = state
            .screenings
            .values()
            .rev()
            .find(|(request, case)| request.customer_id == customer_id && !case.is_empty());
        found.unwrap().1.clone()
    }

    /// Closes a case.
    pub(crate) fn close(
        &self,
        partner_id: &str,
        customer_id: &str,
        case_id: &str,
        state: compliance::CaseState,
    ) {
        let mut this = self.state();
        let position = i64::try_from(this.closed.len()).unwrap() + 1;
        let closed = compliance::CaseClosed {
            case_id: case_id.to_owned(),
            customer_id: customer_id.to_owned(),
            state: state.into(),
            decided_by: "reviewer".to_owned(),
        };
        this.closed.push(compliance::Event {
            header: Some(EventHeader {
                event_id: String::new(),
                position,
                partner_id: partner_id.to_owned(),
                occurred_at: None,
                traceparent: String::new(),
            }),
            kind: Some(compliance::event::Kind::CaseClosed(closed)),
        });
    }

    pub(crate) fn links(&self) -> Links {
        let identity = Routes::new(identity::organizations_server::OrganizationsServer::new(
            self.clone(),
        ))
        .add_service(identity::people_server::PeopleServer::new(self.clone()))
        .add_service(super::providers::service(self.clone()));
        let compliance = Routes::new(compliance::screening_server::ScreeningServer::new(
            self.clone(),
        ))
        .add_service(compliance::events_server::EventsServer::new(self.clone()));
        let subscriber = Routes::new(subscriber::entitlements_server::EntitlementsServer::new(
            self.clone(),
        ));
        testing::links()
            .with_identity(identity)
            .with_compliance(compliance)
            .with_subscriber(subscriber)
            .build()
    }

    /// Notes a call, and carries it out unless a planned failure strikes.
    fn call<T>(
        &self,
        method: &'static str,
        effect: impl FnOnce(&mut State) -> T,
    ) -> Result<Response<T>, Status> {
        let mut state = self.state();
        state.calls.push(method);
        let planned = state.failures.entry(method).or_default();
        let failure = if planned.is_empty() {
            None
        } else {
            Some(planned.remove(0))
        };
        match failure {
            Some((Strike::Before, fault)) => Err(fault.into()),
            Some((Strike::After, fault)) => {
                effect(&mut state);
                Err(fault.into())
            }
            None => Ok(Response::new(effect(&mut state))),
        }
    }
}

#[tonic::async_trait]
impl Organizations for Peers {
    async fn create_partner(
        &self,
        request: Request<identity::CreatePartnerRequest>,
    ) -> Result<Response<identity::Organization>, Status> {
        let request = request.into_inner();
        self.call("create_partner", |state| {
            state
                .partners
                .insert(request.organization_id.clone(), request);
            identity::Organization::default()
        })
    }

    async fn create_customer_organization(
        &self,
        request: Request<identity::CreateCustomerOrganizationRequest>,
    ) -> Result<Response<identity::Organization>, Status> {
        let request = request.into_inner();
        self.call("create_organization", |state| {
            state
                .organizations
                .insert(request.organization_id.clone(), request);
            identity::Organization::default()
        })
    }

    async fn attach_customer_organization(
        &self,
        request: Request<identity::AttachCustomerOrganizationRequest>,
    ) -> Result<Response<identity::AttachCustomerOrganizationResponse>, Status> {
        let id = request.into_inner().organization_id;
        self.call("attach_organization", |state| {
            state.attached.insert(id);
            identity::AttachCustomerOrganizationResponse {}
        })
    }

    async fn get_organization(
        &self,
        request: Request<identity::GetOrganizationRequest>,
    ) -> Result<Response<identity::Organization>, Status> {
        let id = request.into_inner().organization_id;
        let made = self.state().organizations.get(&id).cloned();
        let Some(made) = made else {
            return Err(Fault::missing("organization").into());
        };
        self.call("get_organization", |_| identity::Organization {
            organization_id: id,
            partner_id: made.partner_id,
            display_name: made.display_name,
            country: made.country,
            locale: made.locale,
            ..identity::Organization::default()
        })
    }

    async fn set_partner_suspended(
        &self,
        request: Request<identity::SetPartnerSuspendedRequest>,
    ) -> Result<Response<identity::Organization>, Status> {
        let request = request.into_inner();
        self.call("set_partner_suspended", |state| {
            if request.suspended {
                state.suspended.insert(request.partner_id);
            } else {
                state.suspended.remove(&request.partner_id);
            }
            identity::Organization::default()
        })
    }
}

#[tonic::async_trait]
impl People for Peers {
    async fn enrol_person(
        &self,
        request: Request<identity::EnrolPersonRequest>,
    ) -> Result<Response<identity::Person>, Status> {
        let request = request.into_inner();
        self.call("enrol_person", |state| {
            if !state.people.contains(&request) {
                state.people.push(request);
            }
            identity::Person::default()
        })
    }

    async fn check_email(
        &self,
        request: Request<identity::CheckEmailRequest>,
    ) -> Result<Response<identity::CheckEmailResponse>, Status> {
        let email = request.into_inner().email;
        self.call("check_email", |state| identity::CheckEmailResponse {
            taken_elsewhere: state.emails.contains(&email),
            known_here: false,
        })
    }

    async fn check_emails(
        &self,
        request: Request<identity::CheckEmailsRequest>,
    ) -> Result<Response<identity::CheckEmailsResponse>, Status> {
        let questions = request.into_inner().questions;
        self.call("check_email", |state| identity::CheckEmailsResponse {
            answers: questions
                .iter()
                .map(|question| identity::CheckEmailResponse {
                    taken_elsewhere: state.emails.contains(&question.email),
                    known_here: false,
                })
                .collect(),
        })
    }

    async fn get_person(
        &self,
        _: Request<identity::GetPersonRequest>,
    ) -> Result<Response<identity::Person>, Status> {
        self.call("get_person", |_| identity::Person::default())
    }
}

#[tonic::async_trait]
impl Screening for Peers {
    async fn screen_customer(
        &self,
        request: Request<compliance::ScreenCustomerRequest>,
    ) -> Result<Response<compliance::ScreeningResult>, Status> {
        let request = request.into_inner();
        self.call("screen_customer", |state| {
            let party = request.party.clone().unwrap();
            let city = party.address.unwrap().city;
            let listed = state.listed.contains(&party.name) || state.listed.contains(&city);
            let case = if listed {
                uuid_of(state.screenings.len())
            } else {
                String::new()
            };
            let (_, case) = state
                .screenings
                .entry(request.idempotency_key.clone())
                .or_insert((request, case));
            let decision = if case.is_empty() {
                compliance::ScreeningDecision::Clear
            } else {
                compliance::ScreeningDecision::Review
            };
            compliance::ScreeningResult {
                decision: decision.into(),
                case_id: case.clone(),
                ..compliance::ScreeningResult::default()
            }
        })
    }

    async fn check_party(
        &self,
        _: Request<compliance::CheckPartyRequest>,
    ) -> Result<Response<compliance::ScreeningResult>, Status> {
        self.call("check_party", |_| compliance::ScreeningResult::default())
    }
}

fn uuid_of(n: usize) -> String {
    format!("00000000-0000-7000-8000-{n:012}")
}

type EventStream = Pin<Box<dyn futures::Stream<Item = Result<compliance::Event, Status>> + Send>>;

#[tonic::async_trait]
impl compliance::events_server::Events for Peers {
    type FollowStream = EventStream;

    async fn follow(
        &self,
        request: Request<FollowRequest>,
    ) -> Result<Response<EventStream>, Status> {
        let after = usize::try_from(request.into_inner().after_position).unwrap();
        let events = stream::unfold((self.clone(), after), |(peers, after)| async move {
            loop {
                let next = peers.state().closed.get(after).cloned();
                if let Some(event) = next {
                    return Some((Ok(event), (peers, after + 1)));
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Ok(Response::new(Box::pin(events)))
    }
}

#[tonic::async_trait]
impl Entitlements for Peers {
    async fn apply_entitlement(
        &self,
        request: Request<subscriber::ApplyEntitlementRequest>,
    ) -> Result<Response<subscriber::ApplyEntitlementResponse>, Status> {
        let request = request.into_inner();
        self.call("apply_entitlement", |state| {
            state
                .entitlements
                .insert(request.customer_id.clone(), request);
            subscriber::ApplyEntitlementResponse {}
        })
    }

    async fn revoke_entitlement(
        &self,
        request: Request<subscriber::RevokeEntitlementRequest>,
    ) -> Result<Response<subscriber::RevokeEntitlementResponse>, Status> {
        let request = request.into_inner();
        self.call("revoke_entitlement", |state| {
            state.entitlements.remove(&request.customer_id);
            subscriber::RevokeEntitlementResponse {}
        })
    }

    async fn count_holders(
        &self,
        _: Request<subscriber::CountHoldersRequest>,
    ) -> Result<Response<subscriber::CountHoldersResponse>, Status> {
        self.call("count_holders", |state| subscriber::CountHoldersResponse {
            holders: state
                .holders
                .iter()
                .map(|(package, count)| subscriber::PackageHolders {
                    package: package.clone(),
                    count: *count,
                })
                .collect(),
        })
    }
}
