//! Roles.

use super::wire;

wire! {
    /// A role.
    struct PublishedRole {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    }

    /// Roles.
    struct PublishedRoleList {
        /// The roles.
        items: Vec<PublishedRole>,
    }
}
