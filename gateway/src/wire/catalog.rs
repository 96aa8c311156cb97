//! The catalogue.

use super::wire;

wire! {
    /// A package of the catalogue.
    struct Package {
        /// Name in the API.
        name: String,
        /// Name for people.
        title: String,
        /// Stock keeping unit on reports and invoices.
        sku: String,
        /// Description on reports and invoices.
        description: String,
        /// `base`, `add_on` or `customer`.
        kind: String,
        /// Holds a calling seat.
        calling: bool,
        /// Holds meetings.
        meetings: bool,
        /// At least one of these must be held as well.
        requires_any: Vec<String>,
    }

    /// The packages of the catalogue.
    struct PackageList {
        /// The packages.
        items: Vec<Package>,
    }
}
