//! Wholesale subscriptions.

#![expect(clippy::struct_field_names, reason = "fields are named as published")]

use super::wire;

wire! {
    /// A new subscription of a partner.
    struct CreateSubscription {
        /// The partner's organization.
        org_id: Option<String>,
        /// Id to use, for example `Sub1042`.
        subscription_id: Option<String>,
        /// Currency, ISO 4217.
        currency: Option<String>,
    }

    /// A subscription.
    struct Subscription {
        /// Id on orders, reports and invoices.
        subscription_id: String,
        /// The partner's organization.
        org_id: String,
        /// Currency, ISO 4217.
        currency: String,
        /// When it was created.
        created: Option<String>,
    }

    /// A list of subscriptions.
    struct SubscriptionList {
        /// The subscriptions.
        items: Vec<Subscription>,
    }
}
