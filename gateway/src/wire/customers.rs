//! Wholesale customers.

use super::{
    common::{Address, PackageLimits, ResourceError},
    wire,
};

wire! {
    /// A new customer, or one to be checked.
    struct CreateCustomer {
        /// Id of the onboarding template.
        provisioning_id: Option<String>,
        /// Packages wanted.
        packages: Option<Vec<String>>,
        /// Existing organization to attach to.
        org_id: Option<String>,
        /// The partner's own id for the customer.
        external_id: Option<String>,
        /// Billing address.
        address: Option<Address>,
        /// Who the customer is; required without `orgId`.
        customer_info: Option<CustomerInfo>,
        /// What the packages need.
        provisioning_parameters: Option<ProvisioningParameters>,
        /// Administrator of the sub-partner to put on the customer.
        sub_partner_admin_email: Option<String>,
        /// First day that is billed.
        billing_start_date: Option<String>,
    }

    /// A change of a customer.
    struct UpdateCustomer {
        /// The partner's own id for the customer.
        external_id: Option<String>,
        /// The complete list wanted afterwards.
        packages: Option<Vec<String>>,
        /// Billing address.
        address: Option<Address>,
        /// What the packages need.
        provisioning_parameters: Option<ProvisioningParameters>,
        /// Administrator of the sub-partner to put on the customer.
        sub_partner_admin_email: Option<String>,
        /// First day that is billed.
        billing_start_date: Option<String>,
    }

    /// Who a customer is.
    struct CustomerInfo {
        /// Name of the organization.
        name: Option<String>,
        /// E-mail address of the first administrator.
        primary_email: Option<String>,
        /// Language, `en` or `en_US`.
        language: Option<String>,
    }

    /// What packages need besides the customer's identity.
    struct ProvisioningParameters {
        /// For packages with calling.
        calling: Option<CallingParameters>,
        /// For packages with meetings.
        meetings: Option<MeetingsParameters>,
        /// Bounds.
        packages: Option<PackageLimits>,
    }

    /// For packages with calling.
    struct CallingParameters {
        /// The first location.
        location: Option<CallingLocation>,
    }

    /// The first location.
    struct CallingLocation {
        /// Name, at most 80 characters.
        name: Option<String>,
        /// Address.
        address: Option<Address>,
        /// IANA time zone.
        timezone: Option<String>,
        /// Language, for example `en_us`.
        language: Option<String>,
        /// Emergency location identifier.
        emergency_location_identifier: Option<String>,
    }

    /// For packages with meetings.
    struct MeetingsParameters {
        /// IANA time zone of the meeting site.
        timezone: Option<String>,
    }

    /// A customer.
    struct Customer {
        /// Id.
        id: String,
        /// Its organization, once there is one.
        org_id: Option<String>,
        /// The partner's own id for the customer.
        external_id: String,
        /// Billing address.
        address: Option<Address>,
        /// `provisioning`, `pending_rpl_review`, `provisioned`, `provisioned_with_errors`, `updating`, `deleting` or `error`.
        status: String,
        /// Packages.
        packages: Vec<String>,
        /// State of each package.
        resource_details: Option<ResourceDetails>,
        /// Why set-up failed.
        errors: Option<Vec<ResourceError>>,
    }

    /// State of a customer's parts.
    struct ResourceDetails {
        /// State of each package.
        packages: Vec<CustomerPackage>,
    }

    /// State of a customer's package.
    struct CustomerPackage {
        /// Name.
        name: String,
        /// `provisioned`, `provisioning`, `deleting` or `error`.
        status: String,
        /// What is not as it should be, yet works.
        warnings: Option<Vec<ResourceError>>,
        /// Why it failed.
        errors: Option<Vec<ResourceError>>,
        /// Licences, when asked for.
        license_ids: Option<Vec<String>>,
    }

    /// A page of customers.
    struct CustomerList {
        /// The customers.
        items: Vec<Customer>,
    }
}
