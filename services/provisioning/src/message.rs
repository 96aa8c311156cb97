//! Values of the domain as messages of the contract, for answers, for events and for peers.

use kit::{audit::Entry, operation, time::to_proto};
use proto::{
    common::v1 as common,
    provisioning::v1 as wire,
    subscriber::v1::{EntitledPackage, FirstLocation},
};

use crate::domain::{
    address::Address,
    catalogue::{Package, PackageKind},
    customer::{Customer, CustomerStatus, Entitled, HeldPackage, Location, PackageStatus, Problem},
    sub_partner::{SubPartner, SubPartnerState},
    template::{AuthenticationMode, Settings, Template},
};

/// A package of the catalogue.
pub(crate) fn package(package: Package) -> wire::Package {
    let kind = match package.kind {
        PackageKind::Base => wire::PackageKind::Base,
        PackageKind::AddOn => wire::PackageKind::AddOn,
        PackageKind::Customer => wire::PackageKind::Customer,
    };
    wire::Package {
        name: package.name,
        title: package.title,
        sku: package.sku,
        description: package.description,
        kind: kind.into(),
        calling: package.calling,
        meetings: package.meetings,
        requires_any: package.requires_any,
    }
}

/// An address.
pub(crate) fn address(address: Address) -> common::Address {
    common::Address {
        line1: address.line1,
        line2: address.line2,
        city: address.city,
        state: address.state,
        postal_code: address.postal_code,
        country: address.country,
    }
}

fn problems(problems: Vec<Problem>) -> Vec<common::Problem> {
    problems
        .into_iter()
        .map(|problem| common::Problem {
            reason: problem.reason,
            description: problem.description,
        })
        .collect()
}

/// A customer's status.
pub(crate) fn customer_status(status: CustomerStatus) -> wire::CustomerStatus {
    match status {
        CustomerStatus::Provisioning => wire::CustomerStatus::Provisioning,
        CustomerStatus::PendingReview => wire::CustomerStatus::PendingRplReview,
        CustomerStatus::Provisioned => wire::CustomerStatus::Provisioned,
        CustomerStatus::ProvisionedWithErrors => wire::CustomerStatus::ProvisionedWithErrors,
        CustomerStatus::Updating => wire::CustomerStatus::Updating,
        CustomerStatus::Deleting => wire::CustomerStatus::Deleting,
        CustomerStatus::Error => wire::CustomerStatus::Error,
    }
}

fn held_package(package: HeldPackage) -> wire::CustomerPackage {
    let status = match package.status {
        PackageStatus::Provisioning => wire::PackageStatus::Provisioning,
        PackageStatus::Provisioned => wire::PackageStatus::Provisioned,
        PackageStatus::Deleting => wire::PackageStatus::Deleting,
        PackageStatus::Error => wire::PackageStatus::Error,
    };
    // a licence is told of once there is something to assign
    let licensed = matches!(
        package.status,
        PackageStatus::Provisioned | PackageStatus::Deleting
    );
    wire::CustomerPackage {
        name: package.name,
        status: status.into(),
        warnings: problems(package.warnings),
        errors: problems(package.errors),
        license_id: if licensed {
            package.license_id.to_string()
        } else {
            String::new()
        },
    }
}

/// A customer.
pub(crate) fn customer(customer: Customer) -> wire::Customer {
    wire::Customer {
        customer_id: customer.id.to_string(),
        organization_id: if customer.organization_ready {
            customer.organization_id.to_string()
        } else {
            String::new()
        },
        external_id: customer.external_id,
        address: Some(address(customer.address)),
        status: customer_status(customer.status).into(),
        packages: customer.packages.into_iter().map(held_package).collect(),
        errors: problems(customer.errors),
        name: customer.name,
        billing_start_date: customer
            .billing_start_date
            .map_or_else(String::new, |day| day.to_string()),
        created_at: Some(to_proto(customer.created_at)),
        operation_id: customer.operation_id.to_string(),
    }
}

/// The event that tells what a customer has become.
pub(crate) fn customer_changed(it: Customer, deleted: bool) -> wire::Event {
    let subscription_id = it.subscription_id.clone();
    let changed = wire::CustomerChanged {
        customer: Some(customer(it)),
        subscription_id,
        deleted,
    };
    wire::Event {
        header: None,
        kind: Some(wire::event::Kind::CustomerChanged(changed)),
    }
}

/// The event that tells of an act.
pub(crate) fn act(act: Entry) -> wire::Event {
    act.into()
}

/// The event that tells of an act on a customer.
pub(crate) fn act_on(it: &Customer, act: Entry) -> wire::Event {
    let act = act
        .organization(it.organization_id)
        .target("customer", it.id);
    act.detail("name", &it.name)
        .detail("externalId", &it.external_id)
        .into()
}

/// The event that tells of a package.
pub(crate) fn package_defined(it: Package) -> wire::Event {
    let defined = wire::PackageDefined {
        package: Some(package(it)),
    };
    wire::Event {
        header: None,
        kind: Some(wire::event::Kind::PackageDefined(defined)),
    }
}

fn settings(settings: Settings) -> wire::TemplateSettings {
    let mode = match settings.authentication_mode {
        AuthenticationMode::Platform => wire::AuthenticationMode::Platform,
        AuthenticationMode::PartnerSaml => wire::AuthenticationMode::PartnerSaml,
        AuthenticationMode::PartnerOidc => wire::AuthenticationMode::PartnerOidc,
    };
    wire::TemplateSettings {
        name: settings.name,
        country: settings.country,
        region: settings.region.name().to_owned(),
        service_provider_admin: settings.service_provider_admin,
        language: settings.language,
        subscription_id: settings.subscription_id,
        pstn_provider: settings.pstn_provider,
        authentication_mode: mode.into(),
        identity_provider: settings.identity_provider,
        brand_name: settings.brand_name,
        allow_admin_invite_emails: settings.allow_admin_invite_emails,
        internal_calls_disabled: settings.internal_calls_disabled,
        unrestricted: settings.unrestricted,
    }
}

/// A template.
pub(crate) fn template(template: Template) -> wire::Template {
    wire::Template {
        template_id: template.id.to_string(),
        provisioning_id: template.provisioning_id.to_string(),
        settings: Some(settings(template.settings)),
        created_at: Some(to_proto(template.created_at)),
        changed_at: Some(to_proto(template.changed_at)),
    }
}

/// A sub-partner.
pub(crate) fn sub_partner(sub_partner: SubPartner) -> wire::SubPartner {
    let state = match sub_partner.state {
        SubPartnerState::Active => wire::ProvisioningState::Active,
        SubPartnerState::Suspended => wire::ProvisioningState::Suspended,
    };
    wire::SubPartner {
        organization_id: sub_partner.organization_id.to_string(),
        subscription_id: sub_partner.subscription_id,
        state: state.into(),
        created_at: Some(to_proto(sub_partner.created_at)),
        billing_start_date: sub_partner.billing_start_date.to_string(),
        name: sub_partner.name,
    }
}

/// A customer's operation.
pub(crate) fn operation(view: operation::View) -> wire::Operation {
    wire::Operation {
        operation_id: view.operation_id.to_string(),
        kind: view.kind,
        customer_id: view.subject.to_string(),
        state: view.state,
        step: view.step,
        attempt: view.attempt,
        last_error: view.last_error.unwrap_or_default(),
        events: view
            .events
            .into_iter()
            .map(|event| wire::OperationEvent {
                step: event.step,
                outcome: event.outcome,
                detail: event.detail,
                occurred_at: Some(to_proto(event.at)),
            })
            .collect(),
        created_at: Some(to_proto(view.created_at)),
    }
}

/// A package as the subscriber context assigns it.
pub(crate) fn entitled(package: &Entitled) -> EntitledPackage {
    EntitledPackage {
        name: package.name.clone(),
        base: package.base,
        calling: package.calling,
        assignable: package.assignable,
        requires_any: package.requires_any.clone(),
        limit: package.limit.unwrap_or(0),
    }
}

/// The first location as the subscriber context makes it.
pub(crate) fn first_location(location: &Location) -> FirstLocation {
    FirstLocation {
        location_id: location.id.to_string(),
        name: location.name.clone(),
        address: Some(address(location.address.clone())),
        timezone: location.timezone.clone(),
        language: location.language.clone(),
    }
}
