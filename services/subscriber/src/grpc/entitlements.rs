//! `Entitlements`: for the provisioning context only.

use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    fault::{Violations, reason},
    group::Group,
    id::PartnerId,
};
use proto::subscriber::v1::{
    ApplyEntitlementRequest, ApplyEntitlementResponse, CountHoldersRequest, CountHoldersResponse,
    EntitledPackage, FirstLocation, PackageHolders, RevokeEntitlementRequest,
    RevokeEntitlementResponse, entitlements_server::Entitlements,
};
use tonic::{Request, Response, Status};

use crate::{
    app::{apply_entitlement::ApplyEntitlement, count_holders, revoke_entitlement},
    domain::{CustomerId, package::Package},
    error::Error,
    store::entitlement::{Entitlement, NewLocation},
};

/// The service.
pub(super) struct Service {
    context: Context,
    apply: Group<ApplyEntitlement>,
}

impl Service {
    pub(super) fn new(context: Context) -> Self {
        let apply = Group::new(ApplyEntitlement(context.clone()));
        Self { context, apply }
    }
}

#[tonic::async_trait]
impl Entitlements for Service {
    async fn apply_entitlement(
        &self,
        request: Request<ApplyEntitlementRequest>,
    ) -> Result<Response<ApplyEntitlementResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let (partner, entitlement) = read(request.into_inner())?;
        self.apply.call(partner, entitlement).await??;
        Ok(Response::new(ApplyEntitlementResponse {}))
    }

    async fn revoke_entitlement(
        &self,
        request: Request<RevokeEntitlementRequest>,
    ) -> Result<Response<RevokeEntitlementResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let (partner, customer) = owner(&request.partner_id, &request.customer_id)?;
        revoke_entitlement::revoke_entitlement(&self.context, partner, customer).await?;
        Ok(Response::new(RevokeEntitlementResponse {}))
    }

    async fn count_holders(
        &self,
        request: Request<CountHoldersRequest>,
    ) -> Result<Response<CountHoldersResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let (partner, customer) = owner(&request.partner_id, &request.customer_id)?;
        let holders = count_holders::count_holders(&self.context, partner, customer).await?;
        let holders = holders
            .into_iter()
            .map(|held| PackageHolders {
                package: held.package,
                count: i32::try_from(held.count).unwrap_or(i32::MAX),
            })
            .collect();
        Ok(Response::new(CountHoldersResponse { holders }))
    }
}

/// An id that another context sends; anything else is a defect there.
pub(super) fn id<T: std::str::FromStr>(
    violations: &mut Violations,
    field: &str,
    text: &str,
) -> Option<T> {
    let id = text.parse().ok();
    violations.check(id.is_some(), field, reason::INVALID, "not an id");
    id
}

fn owner(partner: &str, customer: &str) -> Result<(PartnerId, CustomerId), Error> {
    let mut violations = Violations::default();
    let partner = id(&mut violations, "partnerId", partner);
    let customer = id(&mut violations, "customerId", customer);
    match (partner, customer) {
        (Some(partner), Some(customer)) => Ok((partner, customer)),
        _ => Err(Error::Invalid(violations.into_vec())),
    }
}

fn read(request: ApplyEntitlementRequest) -> Result<(PartnerId, Entitlement), Error> {
    let mut violations = Violations::default();
    let partner = id(&mut violations, "partnerId", &request.partner_id);
    let customer = id(&mut violations, "customerId", &request.customer_id);
    let organization = id(&mut violations, "organizationId", &request.organization_id);
    let external_id = violations.text("externalId", &request.external_id, 255);
    let packages: Vec<Package> = request
        .packages
        .into_iter()
        .map(|given| package(&mut violations, given))
        .collect();
    for (index, package) in packages.iter().enumerate() {
        let again = packages
            .iter()
            .skip(index + 1)
            .any(|other| other.name == package.name);
        violations.check(
            !again,
            "packages",
            "DUPLICATE",
            "a package is named more than once",
        );
    }
    let location = request
        .location
        .and_then(|given| location(&mut violations, given));
    match (partner, customer, organization) {
        (Some(partner), Some(customer), Some(organization)) if violations.is_empty() => Ok((
            partner,
            Entitlement {
                customer,
                organization,
                external_id,
                packages,
                location,
            },
        )),
        _ => Err(Error::Invalid(violations.into_vec())),
    }
}

fn package(violations: &mut Violations, given: EntitledPackage) -> Package {
    violations.check(
        given.limit >= 0,
        "packages",
        reason::INVALID,
        "a limit is not negative",
    );
    Package {
        name: violations.text("packages", &given.name, 100),
        base: given.base,
        calling: given.calling,
        assignable: given.assignable,
        requires_any: given.requires_any,
        unit_limit: given.limit,
    }
}

fn location(violations: &mut Violations, given: FirstLocation) -> Option<NewLocation> {
    let location_id = id(violations, "location.locationId", &given.location_id)?;
    let address = given.address.unwrap_or_default();
    Some(NewLocation {
        location_id,
        name: given.name,
        line1: address.line1,
        line2: address.line2,
        city: address.city,
        state: address.state,
        postal_code: address.postal_code,
        country: address.country,
        timezone: given.timezone,
        language: given.language,
    })
}
