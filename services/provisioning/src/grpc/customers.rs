//! `Customers`.

use kit::{audit, group::Group, idempotency::fingerprint, telemetry};
use proto::provisioning::v1::{
    CreateCustomerRequest, Customer, CustomerInfo, CustomerStatus as WireStatus,
    DeleteCustomerRequest, DeleteCustomerResponse, GetCustomerRequest, ListCustomersRequest,
    ListCustomersResponse, LocationParameters, PrecheckCustomerRequest, PrecheckCustomerResponse,
    ProvisioningParameters, UpdateCustomerRequest, customers_server::Customers,
};
use tonic::{Request, Response, Status};

use super::{address, id, reader, scope, writer};
use crate::{
    app::{
        self, App,
        create_customer::{Asked, CreateCustomer},
        delete_customer::delete_customer,
        precheck_customer::precheck_customer,
        update_customer::update_customer,
    },
    domain::{
        application::{Application, Info, LocationForm, Parameters},
        change::Change,
        customer::CustomerStatus,
    },
    message,
    store::customer::Filter,
};

#[derive(Debug)]
pub(crate) struct Service {
    app: App,
    creating: Group<CreateCustomer>,
}

impl Service {
    pub(crate) fn new(app: App) -> Self {
        let creating = Group::of_requests(&app.context.db, CreateCustomer(app.clone()));
        Self { app, creating }
    }
}

/// The request as the domain judges it. What tells a repeat is the whole request; the order of its
/// lists means nothing.
fn application(mut request: CreateCustomerRequest) -> Application {
    request.packages.sort();
    if let Some(parameters) = &mut request.parameters {
        parameters.limits.sort_by(|a, b| a.package.cmp(&b.package));
    }
    Application {
        fingerprint: fingerprint(&request),
        provisioning_id: request.provisioning_id,
        packages: request.packages,
        external_id: request.external_id,
        organization_id: request.organization_id,
        address: request.address.map(address),
        info: request.info.map(info),
        parameters: request.parameters.map(parameters).unwrap_or_default(),
        billing_start_date: request.billing_start_date,
        sub_partner_admin_email: request.sub_partner_admin_email,
    }
}

fn info(info: CustomerInfo) -> Info {
    Info {
        name: info.name,
        primary_email: info.primary_email,
        language: info.language,
    }
}

fn parameters(parameters: ProvisioningParameters) -> Parameters {
    Parameters {
        location: parameters.location.map(location),
        meetings_timezone: parameters.meetings_timezone,
        limits: parameters
            .limits
            .into_iter()
            .map(|limit| (limit.package, limit.limit))
            .collect(),
    }
}

fn location(location: LocationParameters) -> LocationForm {
    LocationForm {
        name: location.name,
        address: location.address.map(address).unwrap_or_default(),
        timezone: location.timezone,
        language: location.language,
        emergency_location_identifier: location.emergency_location_identifier,
    }
}

fn status(status: WireStatus) -> Option<CustomerStatus> {
    match status {
        WireStatus::Unspecified => None,
        WireStatus::Provisioning => Some(CustomerStatus::Provisioning),
        WireStatus::PendingRplReview => Some(CustomerStatus::PendingReview),
        WireStatus::Provisioned => Some(CustomerStatus::Provisioned),
        WireStatus::ProvisionedWithErrors => Some(CustomerStatus::ProvisionedWithErrors),
        WireStatus::Updating => Some(CustomerStatus::Updating),
        WireStatus::Deleting => Some(CustomerStatus::Deleting),
        WireStatus::Error => Some(CustomerStatus::Error),
    }
}

#[tonic::async_trait]
impl Customers for Service {
    async fn create_customer(
        &self,
        request: Request<CreateCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let caller = writer(&request, scope::CUSTOMERS_WRITE)?;
        let application = application(request.into_inner());
        let asked = Asked {
            application,
            trace: telemetry::current(),
            act: audit::by(&caller, "customer.created"),
        };
        let customer = self.creating.call(caller.partner, asked).await??;
        Ok(Response::new(message::customer(customer)))
    }

    async fn get_customer(
        &self,
        request: Request<GetCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let caller = reader(&request, scope::CUSTOMERS_READ)?;
        let customer_id = id(&request.get_ref().customer_id, "customer")?;
        let customer = app::read::get_customer(&self.app, &caller, customer_id).await?;
        Ok(Response::new(message::customer(customer)))
    }

    async fn list_customers(
        &self,
        request: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        let caller = reader(&request, scope::CUSTOMERS_READ)?;
        let request = request.into_inner();
        let statuses = request.statuses().filter_map(status).collect();
        let organization_id = if request.organization_id.is_empty() {
            None
        } else {
            match request.organization_id.parse() {
                Ok(id) => Some(id),
                // exact: what is no id is nobody's
                Err(_) => return Ok(Response::new(ListCustomersResponse::default())),
            }
        };
        let external_id = (!request.external_id.is_empty()).then_some(request.external_id);
        let filter = Filter {
            external_id,
            organization_id,
            statuses,
        };
        let page = app::read::list_customers(
            &self.app,
            &caller,
            &filter,
            request.page_size,
            &request.page_token,
            request.offset,
        )
        .await?;
        Ok(Response::new(ListCustomersResponse {
            customers: page.items.into_iter().map(message::customer).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_customer(
        &self,
        request: Request<UpdateCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let caller = writer(&request, scope::CUSTOMERS_WRITE)?;
        let request = request.into_inner();
        let change = Change {
            customer_id: id(&request.customer_id, "customer")?,
            external_id: request.external_id,
            packages: request.packages,
            address: request.address.map(address),
            parameters: request.parameters.map(parameters),
            billing_start_date: request.billing_start_date,
            sub_partner_admin_email: request.sub_partner_admin_email,
        };
        let customer = update_customer(&self.app, &caller, &change).await?;
        Ok(Response::new(message::customer(customer)))
    }

    async fn delete_customer(
        &self,
        request: Request<DeleteCustomerRequest>,
    ) -> Result<Response<DeleteCustomerResponse>, Status> {
        // deleting is allowed to the suspended (R-1106)
        let caller = reader(&request, scope::CUSTOMERS_WRITE)?;
        let customer_id = id(&request.get_ref().customer_id, "customer")?;
        let operation_id = delete_customer(&self.app, &caller, customer_id)
            .await?
            .to_string();
        Ok(Response::new(DeleteCustomerResponse { operation_id }))
    }

    async fn precheck_customer(
        &self,
        request: Request<PrecheckCustomerRequest>,
    ) -> Result<Response<PrecheckCustomerResponse>, Status> {
        // a precheck says what the creation would
        let caller = writer(&request, scope::CUSTOMERS_WRITE)?;
        let application = application(request.into_inner().customer.unwrap_or_default());
        precheck_customer(&self.app, &caller, &application).await?;
        Ok(Response::new(PrecheckCustomerResponse {}))
    }
}
