//! `entrepot.identity.v1.Organizations`.

use std::sync::Arc;

use kit::{
    audit,
    auth::{Caller, CallerKind},
    fault::Violations,
    group::Group,
    id::PartnerId,
    scope::Scope,
    time::to_proto,
};
use proto::identity::v1::{
    AttachCustomerOrganizationRequest, AttachCustomerOrganizationResponse,
    CreateCustomerOrganizationRequest, CreatePartnerRequest, GetOrganizationRequest, Organization,
    OrganizationKind, SetPartnerSuspendedRequest, organizations_server,
};
use tonic::{Request, Response, Status};

use super::{given, reach, target, uuid};
use crate::{
    app::{
        self, State,
        create_customer::{CreateCustomer, NewCustomer},
    },
    domain::{
        organization::{self, CUSTOMER_FIELDS, Kind, OrganizationId, PARTNER_FIELDS, Profile},
        provider::{ConnectionId, Protocol},
        scope,
    },
    error::Error,
    store::provider::Named,
};

/// The service.
#[derive(Debug)]
pub(crate) struct Organizations {
    state: Arc<State>,
    /// Many customers come at once.
    customers: Group<CreateCustomer>,
}

impl Organizations {
    pub(crate) fn new(state: Arc<State>) -> Self {
        let customers = Group::new(CreateCustomer(Arc::clone(&state)));
        Self { state, customers }
    }
}

#[tonic::async_trait]
impl organizations_server::Organizations for Organizations {
    async fn create_partner(
        &self,
        request: Request<CreatePartnerRequest>,
    ) -> Result<Response<Organization>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let parent = may_create(&caller, &request.parent_partner_id)?;

        let mut wrong = Violations::default();
        let id: Option<PartnerId> = given(&mut wrong, "orgId", &request.organization_id);
        let (name, country) = (&request.display_name, &request.country);
        let profile = Profile::parse(&mut wrong, PARTNER_FIELDS, name, country, &request.locale);
        Error::check(wrong)?;
        let id = id.ok_or(Error::Missing("partner"))?;
        let act = audit::by(&caller, "partner.created");
        let created =
            app::create_partner::create_partner(&self.state, id, parent, profile, act).await?;
        Ok(Response::new(message(created)))
    }

    async fn create_customer_organization(
        &self,
        request: Request<CreateCustomerOrganizationRequest>,
    ) -> Result<Response<Organization>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();

        let mut wrong = Violations::default();
        let id: Option<OrganizationId> = given(&mut wrong, "orgId", &request.organization_id);
        let (name, country) = (&request.display_name, &request.country);
        let profile = Profile::parse(&mut wrong, CUSTOMER_FIELDS, name, country, &request.locale);
        Error::check(wrong)?;
        let id = id.ok_or(Error::Missing("organization"))?;
        let partner = target(&request.partner_id, "partner")?;
        let provider = provider(&request)?;
        let new = NewCustomer {
            id,
            profile,
            provider,
            unrestricted: request.unrestricted,
        };
        let created = self.customers.call(partner, new).await??;
        Ok(Response::new(message(created)))
    }

    async fn attach_customer_organization(
        &self,
        request: Request<AttachCustomerOrganizationRequest>,
    ) -> Result<Response<AttachCustomerOrganizationResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let partner = target(&request.partner_id, "organization")?;
        let id = target(&request.organization_id, "organization")?;
        let act = audit::by(&caller, "settings.updated");
        app::change_settings::attach_customer(&self.state, partner, id, act).await?;
        Ok(Response::new(AttachCustomerOrganizationResponse {}))
    }

    async fn get_organization(
        &self,
        request: Request<GetOrganizationRequest>,
    ) -> Result<Response<Organization>, Status> {
        let caller = Caller::of(&request)?;
        let mut reach = reach(&caller, scope::ORGANIZATIONS_READ)?;
        if caller.kind == CallerKind::Operator {
            reach = Scope::Whole("the operator reads the tree");
        }
        let id = uuid(&request.get_ref().organization_id, "organization")?;
        let found = app::read::organization(&self.state, reach, id).await?;
        Ok(Response::new(message(found)))
    }

    async fn set_partner_suspended(
        &self,
        request: Request<SetPartnerSuspendedRequest>,
    ) -> Result<Response<Organization>, Status> {
        let caller = Caller::of(&request)?;
        // A context has asked for the caller's rights itself.
        let mut parent = None;
        if caller.kind != CallerKind::Service {
            caller.require_kind(CallerKind::Partner)?;
            caller.require(scope::SUB_PARTNERS_WRITE)?;
            parent = Some(caller.partner);
        }
        let request = request.into_inner();
        let id = target(&request.partner_id, "sub-partner")?;
        let suspended = request.suspended;
        let act = if suspended {
            audit::by(&caller, "partner.suspended")
        } else {
            audit::by(&caller, "partner.resumed")
        };
        let changed =
            app::set_suspended::set_suspended(&self.state, id, parent, suspended, act).await?;
        Ok(Response::new(message(changed)))
    }
}

/// The provider that a new customer is to sign in with. What cannot be is no reason to let its
/// people in by another way.
fn provider(request: &CreateCustomerOrganizationRequest) -> Result<Option<Named>, Error> {
    match request.authentication.as_str() {
        "" | "platform" => Ok(None),
        text => {
            let protocol = Protocol::parse(text).ok_or(Error::ProviderUnknown)?;
            let name = request.identity_provider.clone();
            Ok(Some(Named { protocol, name }))
        }
    }
}

/// The parent that a new partner is to have, if the caller may create it: the operator and other
/// contexts any partner, a partner its own sub-partners.
fn may_create(caller: &Caller, parent: &str) -> Result<Option<PartnerId>, Error> {
    let parent: Option<PartnerId> = match parent {
        "" => None,
        parent => Some(target(parent, "parent partner")?),
    };
    match caller.kind {
        CallerKind::Service => {}
        CallerKind::Partner if parent.is_some() => {
            caller.require(scope::SUB_PARTNERS_WRITE)?;
            caller.require_active()?;
            if parent != Some(caller.partner) {
                return Err(Error::Missing("parent partner"));
            }
        }
        _ => {
            caller.require_kind(CallerKind::Operator)?;
            caller.require(scope::PARTNERS_WRITE)?;
        }
    }
    Ok(parent)
}

pub(super) fn message(organization: organization::Organization) -> Organization {
    let kind = match organization.kind {
        Kind::Operator => OrganizationKind::Operator,
        Kind::Partner => OrganizationKind::Partner,
        Kind::Customer => OrganizationKind::Customer,
    };
    let connection: Option<ConnectionId> = organization.authentication.connection();
    Organization {
        organization_id: organization.id.to_string(),
        partner_id: organization.partner_id.to_string(),
        parent_partner_id: organization
            .parent
            .map(|id| id.to_string())
            .unwrap_or_default(),
        kind: kind.into(),
        display_name: organization.profile.display_name,
        country: organization.profile.country,
        locale: organization.profile.locale,
        sip_domain: organization.sip_domain.unwrap_or_default(),
        suspended: organization.suspended,
        created_at: Some(to_proto(organization.created_at)),
        authentication: organization.authentication.as_str().to_owned(),
        connection_id: connection.map(|id| id.to_string()).unwrap_or_default(),
    }
}
