//! Organizations, in their two published forms.

use super::wire;

wire! {
    /// An organization.
    struct ManagedOrganization {
        /// Its id.
        id: String,
        /// Its name.
        display_name: String,
        /// When it was created.
        created: Option<String>,
    }

    /// Organizations.
    struct ManagedOrganizationList {
        /// The organizations.
        items: Vec<ManagedOrganization>,
    }

    /// An organization as identity knows it.
    struct IdentityOrganization {
        /// Which schemas it follows.
        schemas: Vec<String>,
        /// Its UUID.
        id: String,
        /// Its name.
        display_name: String,
        /// Its language, for example `en_US`.
        preferred_language: Option<String>,
        /// Its history.
        meta: Option<IdentityMeta>,
    }

    /// When something was made and changed.
    struct IdentityMeta {
        /// When it was created.
        created: Option<String>,
        /// When it was last changed.
        last_modified: Option<String>,
        /// Its version, as `If-Match` takes it.
        version: String,
    }

    /// What is to change in an organization.
    struct ChangeIdentityOrganization {
        /// Its new name.
        display_name: Option<String>,
        /// Its new language.
        preferred_language: Option<String>,
    }
}
