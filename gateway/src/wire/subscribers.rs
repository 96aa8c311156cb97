//! Wholesale subscribers.

use super::{common::ResourceError, wire};

wire! {
    /// A new subscriber.
    struct CreateSubscriber {
        /// The customer.
        customer_id: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// The package; instead of `packages`.
        package: Option<String>,
        /// One base package, and add-ons; instead of `package`.
        packages: Option<Vec<String>>,
        /// What the packages need.
        provisioning_parameters: Option<SubscriberParameters>,
    }

    /// A change of a subscriber's packages.
    struct UpdateSubscriber {
        /// The package; instead of `packages`.
        package: Option<String>,
        /// The complete list wanted afterwards; instead of `package`.
        packages: Option<Vec<String>>,
        /// For a change to a package with calling.
        provisioning_parameters: Option<SubscriberParameters>,
    }

    /// What a subscriber's packages need.
    struct SubscriberParameters {
        /// Given name.
        first_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// Phone number, E.164.
        primary_phone_number: Option<String>,
        /// Extension.
        extension: Option<String>,
        /// Location; the customer's first when absent.
        location_id: Option<String>,
    }

    /// A subscriber to be checked.
    struct CheckSubscriber {
        /// Template of a customer that would be new.
        provisioning_id: Option<String>,
        /// The customer, when it exists.
        customer_id: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// The package; instead of `packages`.
        package: Option<String>,
        /// One base package, and add-ons; instead of `package`.
        packages: Option<Vec<String>>,
        /// What the packages need.
        provisioning_parameters: Option<SubscriberParameters>,
        /// A customer that would be new.
        customer_info: Option<CheckedCustomer>,
    }

    /// A customer that would be new.
    struct CheckedCustomer {
        /// E-mail address of its first administrator.
        primary_email: Option<String>,
    }

    /// A subscriber.
    struct Subscriber {
        /// Id.
        id: String,
        /// The person, once there is one in the organization.
        person_id: Option<String>,
        /// E-mail address.
        email: String,
        /// The customer.
        customer_id: String,
        /// The partner's own id of the customer.
        external_customer_id: Option<String>,
        /// The base package.
        package: Option<String>,
        /// The base package and add-ons.
        packages: Vec<String>,
        /// `provisioned` or `pending_user_migration`.
        status: String,
        /// Why something failed.
        errors: Option<Vec<ResourceError>>,
        /// When it was created.
        created: Option<String>,
        /// When the status last changed.
        last_status_change: Option<String>,
    }

    /// A page of subscribers.
    struct SubscriberList {
        /// The subscribers.
        items: Vec<Subscriber>,
    }
}
