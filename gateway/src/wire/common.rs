//! Objects that several resources share.

#![expect(clippy::struct_field_names, reason = "fields are named as published")]

use serde_json::Number;

use super::wire;

wire! {
    /// A postal address.
    struct Address {
        /// First line, at most 50 characters.
        address_line1: Option<String>,
        /// Second line, at most 50 characters.
        address_line2: Option<String>,
        /// City or town.
        city: Option<String>,
        /// State or province, the part of ISO 3166-2 after the dash.
        state_or_province: Option<String>,
        /// Postal code.
        zip_or_postal_code: Option<String>,
        /// Country, ISO 3166-1 alpha-2.
        country: Option<String>,
    }

    /// Why a resource is not as it should be.
    struct ResourceError {
        /// Number from the table of error codes.
        error_code: i32,
        /// Text for people.
        description: String,
    }

    /// What a precheck tells.
    struct PrecheckInfo {
        /// 100: no problem found.
        info_code: i32,
        /// Text for people.
        description: String,
    }

    /// The answer of a precheck that found no problem.
    struct Precheck {
        /// `success`.
        message: String,
        /// One entry. (The published schema says object, the published example shows an array.)
        info: Vec<PrecheckInfo>,
    }

    /// Where to read the progress of an asynchronous request.
    struct ResourceUrl {
        /// Absolute URL of the resource.
        url: String,
    }

    /// An upper bound of units of each package, by its name.
    struct PackageLimits {
        /// Units at most, by name of the package.
        limits: Option<std::collections::BTreeMap<String, Number>>,
    }
}
