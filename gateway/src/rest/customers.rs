//! `/v1/wholesale/customers`.

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use kit::fault::{Violations, reason};
use proto::provisioning::v1::{
    self as pb, CustomerStatus, PackageStatus, customers_client::CustomersClient,
};
use serde_json::Number;

use super::{
    FOR, MAX, OFFSET, TOP, USUAL, address_in, address_out, body_day, body_id, body_provisioning_id,
    errors, name_of, passed, refuse, some,
};
use crate::{
    call::{Call, Outcome, empty, listed, located, ok},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::{
        common::{Precheck, ResourceUrl},
        customers::{
            CallingLocation, CreateCustomer, Customer, CustomerInfo, CustomerList, CustomerPackage,
            ProvisioningParameters, ResourceDetails, UpdateCustomer,
        },
    },
};

const READ: &str = "spark-admin:wholesale_customers_read";
const WRITE: &str = "spark-admin:wholesale_customers_write";
const ALL: &str = "/v1/wholesale/customers";
const ONE: &str = "/v1/wholesale/customers/{customerId}";
const LICENSES: &str = "includePackageLicenseInfo";
const OPERATION_LOCATION: HeaderName = HeaderName::from_static("operation-location");

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listCustomers",
        "List wholesale customers",
        handler!(list),
    )
    .query(&[
        ("externalId", "only with this external id"),
        ("orgId", "only with this organization"),
        (
            "status",
            "only in one of these statuses; repeated or separated by commas",
        ),
        OFFSET,
        MAX,
        FOR,
    ])
    .answers::<CustomerList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createCustomer",
        "Provision a wholesale customer",
        handler!(create),
    )
    .query(&[FOR])
    .takes::<CreateCustomer>()
    .status(202)
    .answers::<ResourceUrl>(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getCustomer",
        "Get a wholesale customer",
        handler!(get),
    )
    .query(&[FOR, (LICENSES, "show the licences of each package")])
    .answers::<Customer>(),
    Route::new(
        "PUT",
        ONE,
        WRITE,
        "updateCustomer",
        "Update a wholesale customer",
        handler!(update),
    )
    .query(&[FOR])
    .takes::<UpdateCustomer>()
    .status(202)
    .answers::<ResourceUrl>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteCustomer",
        "Remove the wholesale service of a customer",
        handler!(delete),
    )
    .query(&[FOR])
    .status(202),
    Route::new(
        "POST",
        "/v1/wholesale/customers/validate",
        WRITE,
        "validateCustomer",
        "Check whether a customer could be provisioned",
        handler!(validate),
    )
    .query(&[FOR])
    .takes::<CreateCustomer>()
    .answers::<Precheck>(),
];

/// A page of a thousand customers with every package and its problems.
const LARGEST_PAGE: usize = 32 << 20;

const STATUSES: &[(&str, CustomerStatus)] = &[
    ("provisioning", CustomerStatus::Provisioning),
    ("pending_rpl_review", CustomerStatus::PendingRplReview),
    ("provisioned", CustomerStatus::Provisioned),
    (
        "provisioned_with_errors",
        CustomerStatus::ProvisionedWithErrors,
    ),
    ("updating", CustomerStatus::Updating),
    ("deleting", CustomerStatus::Deleting),
    ("error", CustomerStatus::Error),
];

const PACKAGE_STATUSES: &[(&str, PackageStatus)] = &[
    ("provisioning", PackageStatus::Provisioning),
    ("provisioned", PackageStatus::Provisioned),
    ("deleting", PackageStatus::Deleting),
    ("error", PackageStatus::Error),
];

fn client(call: &Call) -> CustomersClient<kit::link::Link> {
    let client = CustomersClient::new(call.surface.links.provisioning.clone());
    client.max_decoding_message_size(LARGEST_PAGE)
}

async fn list(call: Call) -> Outcome {
    let page = Page::offset(&call.query, USUAL, TOP)?;
    let statuses = call.query.choices("status", STATUSES)?;
    let message = pb::ListCustomersRequest {
        external_id: call.query.text("externalId")?,
        organization_id: call.query.id("orgId", Kind::Organization)?,
        statuses: statuses.into_iter().map(i32::from).collect(),
        page_size: page.size,
        page_token: page.token.clone(),
        offset: page.offset,
    };
    let found = client(&call)
        .list_customers(call.request(message).await?)
        .await?
        .into_inner();
    let rows = found.customers.len();
    let links = page.offset_links(&call.own_url(), &call.query, rows, &found.next_page_token);
    let items = found
        .customers
        .into_iter()
        .map(|customer| customer_out(customer, false))
        .collect();
    listed(&CustomerList { items }, links)
}

async fn create(call: Call) -> Outcome {
    let message = creation(call.json()?)?;
    let customer = client(&call)
        .create_customer(call.request(message).await?)
        .await?
        .into_inner();
    accepted(&call, &customer)
}

async fn validate(call: Call) -> Outcome {
    let message = pb::PrecheckCustomerRequest {
        customer: Some(creation(call.json()?)?),
    };
    client(&call)
        .precheck_customer(call.request(message).await?)
        .await?;
    ok(&passed())
}

async fn get(call: Call) -> Outcome {
    let licenses = call.query.flag(LICENSES)?;
    let customer_id = call.id("customerId", Kind::Customer)?.to_string();
    let request = call.request(pb::GetCustomerRequest { customer_id }).await?;
    let customer = client(&call).get_customer(request).await?.into_inner();
    let url = address(&call, &customer.customer_id);
    located(StatusCode::OK, &url, &customer_out(customer, licenses))
}

async fn update(call: Call) -> Outcome {
    let customer_id = call.id("customerId", Kind::Customer)?.to_string();
    let body: UpdateCustomer = call.json()?;
    let mut violations = Violations::default();
    let message = pb::UpdateCustomerRequest {
        customer_id,
        external_id: body.external_id.unwrap_or_default(),
        packages: body.packages.unwrap_or_default(),
        address: body.address.map(address_in),
        parameters: body
            .provisioning_parameters
            .map(|given| parameters_in(&mut violations, given)),
        billing_start_date: body_day(&mut violations, "billingStartDate", body.billing_start_date),
        sub_partner_admin_email: body.sub_partner_admin_email.unwrap_or_default(),
    };
    refuse(violations)?;
    let customer = client(&call)
        .update_customer(call.request(message).await?)
        .await?
        .into_inner();
    accepted(&call, &customer)
}

async fn delete(call: Call) -> Outcome {
    let customer_id = call.id("customerId", Kind::Customer)?.to_string();
    let request = call
        .request(pb::DeleteCustomerRequest { customer_id })
        .await?;
    let deleted = client(&call).delete_customer(request).await?.into_inner();
    let answer = empty(StatusCode::ACCEPTED);
    Ok(operated(&call, answer, &deleted.operation_id))
}

fn address(call: &Call, customer_id: &str) -> String {
    call.url(&format!(
        "{ALL}/{}",
        id::encode(Kind::Customer, customer_id)
    ))
}

fn accepted(call: &Call, customer: &pb::Customer) -> Outcome {
    let url = address(call, &customer.customer_id);
    let answer = located(
        StatusCode::ACCEPTED,
        &url,
        &ResourceUrl { url: url.clone() },
    )?;
    Ok(operated(call, answer, &customer.operation_id))
}

/// Tells where the operation can be watched step by step. A header, because the body is published.
fn operated(call: &Call, mut answer: Response, operation_id: &str) -> Response {
    let id = id::encode(Kind::Operation, operation_id);
    let url = call.url(&format!("/platform/v1/operations/{id}"));
    if !id.is_empty()
        && let Ok(url) = HeaderValue::try_from(url)
    {
        answer.headers_mut().insert(OPERATION_LOCATION, url);
    }
    answer
}

fn creation(body: CreateCustomer) -> Result<pb::CreateCustomerRequest, crate::failure::Failure> {
    let mut violations = Violations::default();
    let message = pb::CreateCustomerRequest {
        provisioning_id: body_provisioning_id(&mut violations, body.provisioning_id),
        packages: body.packages.unwrap_or_default(),
        external_id: body.external_id.unwrap_or_default(),
        organization_id: body_id(&mut violations, "orgId", Kind::Organization, body.org_id),
        address: body.address.map(address_in),
        info: body.customer_info.map(info_in),
        parameters: body
            .provisioning_parameters
            .map(|given| parameters_in(&mut violations, given)),
        billing_start_date: body_day(&mut violations, "billingStartDate", body.billing_start_date),
        sub_partner_admin_email: body.sub_partner_admin_email.unwrap_or_default(),
    };
    refuse(violations)?;
    Ok(message)
}

fn info_in(info: CustomerInfo) -> pb::CustomerInfo {
    pb::CustomerInfo {
        name: info.name.unwrap_or_default(),
        primary_email: info.primary_email.unwrap_or_default(),
        language: info.language.unwrap_or_default(),
    }
}

fn parameters_in(
    violations: &mut Violations,
    given: ProvisioningParameters,
) -> pb::ProvisioningParameters {
    let limits = given
        .packages
        .and_then(|packages| packages.limits)
        .unwrap_or_default();
    let limits = limits.into_iter().filter_map(|(package, limit)| {
        let field = format!("provisioningParameters.packages.limits.{package}");
        Some(pb::PackageLimit {
            limit: whole(violations, &field, &limit)?,
            package,
        })
    });
    pb::ProvisioningParameters {
        limits: limits.collect(),
        location: given
            .calling
            .and_then(|calling| calling.location)
            .map(location_in),
        meetings_timezone: given
            .meetings
            .and_then(|meetings| meetings.timezone)
            .unwrap_or_default(),
    }
}

/// A whole number from 0; JSON writes `5` also as `5.0`.
fn whole(violations: &mut Violations, field: &str, number: &Number) -> Option<i32> {
    let text = number.to_string();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let value = text.parse::<i32>().ok().filter(|value| *value >= 0);
    if value.is_none() {
        violations.add(
            field,
            reason::INVALID,
            format!("{field} is not a whole number from 0"),
        );
    }
    value
}

fn location_in(location: CallingLocation) -> pb::LocationParameters {
    pb::LocationParameters {
        name: location.name.unwrap_or_default(),
        address: location.address.map(address_in),
        timezone: location.timezone.unwrap_or_default(),
        language: location.language.unwrap_or_default(),
        emergency_location_identifier: location.emergency_location_identifier.unwrap_or_default(),
    }
}

fn customer_out(customer: pb::Customer, licenses: bool) -> Customer {
    let status = customer.status();
    let packages = customer
        .packages
        .iter()
        .map(|package| package.name.clone())
        .collect();
    let details: Vec<CustomerPackage> = customer
        .packages
        .into_iter()
        .map(|package| package_out(package, licenses))
        .collect();
    Customer {
        id: id::encode(Kind::Customer, &customer.customer_id),
        org_id: id::encode_optional(Kind::Organization, &customer.organization_id),
        external_id: customer.external_id,
        address: customer.address.map(address_out),
        status: name_of(STATUSES, &status),
        packages,
        resource_details: (!details.is_empty()).then_some(ResourceDetails { packages: details }),
        errors: errors(customer.errors),
    }
}

fn package_out(package: pb::CustomerPackage, licenses: bool) -> CustomerPackage {
    let status = package.status();
    let license = some(package.license_id).filter(|_| licenses);
    CustomerPackage {
        name: package.name,
        status: name_of(PACKAGE_STATUSES, &status),
        warnings: errors(package.warnings),
        errors: errors(package.errors),
        license_ids: license.map(|license| vec![id::encode(Kind::License, &license)]),
    }
}
