//! Wire forms of what restricts an organization.

use super::wire;

wire! {
    /// Settings of an organization.
    struct OrganizationSettings {
        /// The organization.
        org_id: String,
        /// The partner restricts what the customer's own administrators may change.
        restricted_by_partner: bool,
        /// Enterprise settings are restricted, for a customer that holds another subscription too.
        restrict_enterprise_settings: bool,
        /// Third-party devices are allowed.
        allow_third_party_devices: bool,
        /// It holds another subscription too.
        hybrid: bool,
    }

    /// What is to change; what is absent stays.
    struct ChangeSettings {
        /// The partner restricts what the customer's own administrators may change.
        restricted_by_partner: Option<bool>,
        /// Enterprise settings are restricted; for a hybrid customer only.
        restrict_enterprise_settings: Option<bool>,
        /// Third-party devices are allowed.
        allow_third_party_devices: Option<bool>,
        /// It holds another subscription too.
        hybrid: Option<bool>,
    }

    /// What the caller may do, and what was taken away.
    struct EffectivePermissions {
        /// The organization.
        org_id: String,
        /// The partner restricts the caller: a hub says so with a banner.
        restricted: bool,
        /// What the caller is there.
        roles: Vec<String>,
        /// What it may do.
        permissions: Vec<String>,
        /// What was taken away.
        withheld: Vec<Withheld>,
        /// Version of the table of restrictions.
        version: i32,
    }

    /// Something that was taken away.
    struct Withheld {
        /// What people call it.
        feature: String,
        /// The permission that is missing for it.
        permission: String,
        /// What is left: `denied`, `read_only` or `hidden`.
        effect: String,
        /// The rule that says so.
        rule: String,
    }

    /// One setting in the published form.
    struct PublishedSetting {
        /// Which.
        key: String,
        /// On or off.
        value: bool,
        /// Its name.
        name: String,
    }

    /// A setting to change.
    struct SetPublishedSetting {
        /// Which.
        key: Option<String>,
        /// On or off.
        value: Option<bool>,
    }
}
