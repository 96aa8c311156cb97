//! Sub-partners: the published list, and our own resource.

use super::wire;

wire! {
    /// A sub-partner, as published.
    struct WholesaleSubPartner {
        /// Its organization.
        org_id: String,
        /// The shared subscription.
        subscription_id: Option<String>,
        /// `active` or `suspended`.
        provisioning_state: String,
        /// When it was set up.
        created: Option<String>,
        /// From when on it is billed.
        billing_start_date: Option<String>,
    }

    /// A page of sub-partners, as published.
    struct WholesaleSubPartnerList {
        /// The sub-partners.
        items: Vec<WholesaleSubPartner>,
    }

    /// A new sub-partner.
    struct CreateSubPartner {
        /// Name of its organization.
        name: Option<String>,
        /// E-mail address of its first administrator.
        admin_email: Option<String>,
        /// Given name of its first administrator.
        admin_first_name: Option<String>,
        /// Family name of its first administrator.
        admin_last_name: Option<String>,
        /// The shared subscription; the parent's only one when absent.
        subscription_id: Option<String>,
        /// First day that is billed; the day of set-up when absent.
        billing_start_date: Option<String>,
    }

    /// A sub-partner.
    struct SubPartner {
        /// Its organization.
        org_id: String,
        /// Its name.
        name: String,
        /// The shared subscription.
        subscription_id: Option<String>,
        /// `active` or `suspended`.
        provisioning_state: String,
        /// When it was set up.
        created: Option<String>,
        /// First day that is billed.
        billing_start_date: Option<String>,
    }

    /// A page of sub-partners.
    struct SubPartnerList {
        /// The sub-partners.
        items: Vec<SubPartner>,
    }
}
