//! The one table of public error codes. Published numbers where they fit; all others are ours, in the
//! block 900000 to 900999. A code is never reused and never changes its meaning.

use http::StatusCode;
use kit::{fault::reason, scim::reason as scim};

/// The request is no JSON object, no form, no UTF-8, too large or too deep.
pub(crate) const MALFORMED: &str = "MALFORMED";
/// The media type of the body is not the one expected.
pub(crate) const MEDIA_TYPE: &str = "MEDIA_TYPE";
/// The path exists, but not with this method.
pub(crate) const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
/// The request took too long.
pub(crate) const TIMEOUT: &str = "TIMEOUT";
/// A value has the wrong JSON type.
pub(crate) const WRONG_TYPE: &str = "WRONG_TYPE";
/// Nothing to do with an error: a precheck found no problem.
pub(crate) const PRECHECK_PASSED: i32 = 100;
/// Unknown billing report.
pub(crate) const REPORT_NOT_FOUND: &str = "REPORT_NOT_FOUND";
/// A download link that is wrong, forged or over.
pub(crate) const LINK_INVALID: &str = "LINK_INVALID";

/// A reason, its public code and what it means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// As in the contexts' errors.
    pub(crate) reason: &'static str,
    /// As in `errorCode`.
    pub(crate) code: i32,
    /// For the API description.
    pub(crate) meaning: &'static str,
}

const fn entry(reason: &'static str, code: i32, meaning: &'static str) -> Entry {
    Entry {
        reason,
        code,
        meaning,
    }
}

/// Every reason that has a code of its own.
pub(crate) const TABLE: &[Entry] = &[
    // published
    entry(reason::MISSING, 1001, "a required value is missing"),
    entry(reason::TOO_LONG, 1002, "a value is too long"),
    entry(REPORT_NOT_FOUND, 2024, "the billing report was not found"),
    entry(
        "SERVICE_MAINTENANCE",
        2560,
        "one or more calling services are unavailable",
    ),
    entry(
        "EMAIL_IN_USE",
        10022,
        "the e-mail address belongs to an existing user",
    ),
    // the request as such
    entry(reason::INTERNAL, 900_000, "internal error"),
    entry(
        reason::INVALID_ARGUMENT,
        900_001,
        "the request is not valid",
    ),
    entry(
        reason::TOKEN_INVALID,
        900_002,
        "the access token is missing or invalid",
    ),
    entry(
        reason::CALLER_NOT_ALLOWED,
        900_003,
        "the caller may not do this",
    ),
    entry(reason::NOT_FOUND, 900_004, "the resource was not found"),
    entry("CONFLICT", 900_005, "the request clashes with what exists"),
    entry(
        "PRECONDITION",
        900_006,
        "the state of the resource does not allow this",
    ),
    entry(reason::EXHAUSTED, 900_007, "too many requests"),
    entry(reason::UNAVAILABLE, 900_008, "not available at the moment"),
    entry(TIMEOUT, 900_009, "the request took too long"),
    entry(
        METHOD_NOT_ALLOWED,
        900_010,
        "the method is not allowed here",
    ),
    entry(MEDIA_TYPE, 900_011, "the media type is not supported"),
    entry(MALFORMED, 900_012, "the request cannot be read"),
    entry(
        reason::SCOPE_MISSING,
        900_013,
        "the access token lacks the scope",
    ),
    entry(
        reason::TENANT_SUSPENDED,
        900_014,
        "the partner is suspended",
    ),
    entry(
        reason::IDEMPOTENCY_KEY_REUSED,
        900_015,
        "the idempotency key came with another request",
    ),
    entry(
        reason::OPERATION_IN_PROGRESS,
        900_016,
        "another operation on the resource is running",
    ),
    entry(
        reason::FEED_TOO_OLD,
        900_017,
        "the events asked for are no longer kept",
    ),
    entry(
        "INVALID_CLIENT",
        900_018,
        "the client is unknown or its secret is wrong",
    ),
    entry(
        "INVALID_SCOPE",
        900_019,
        "the scope is unknown or not the client's",
    ),
    entry(
        reason::PERMISSION_MISSING,
        900_020,
        "the caller's roles do not allow that",
    ),
    entry(
        reason::RESTRICTED_BY_PARTNER,
        900_021,
        "the partner has restricted what its customer may change",
    ),
    entry(
        reason::ACTING_NOT_ALLOWED,
        900_022,
        "nobody may do this for another organization",
    ),
    entry(
        reason::FRESH_SIGN_IN_NEEDED,
        900_023,
        "sign in again before you do this",
    ),
    // values
    entry(reason::INVALID, 900_100, "a value is not valid"),
    entry(WRONG_TYPE, 900_101, "a value has the wrong JSON type"),
    entry("INVALID_EMAIL", 900_102, "not an e-mail address"),
    entry(
        "INVALID_PHONE_NUMBER",
        900_103,
        "not a phone number in E.164",
    ),
    entry("INVALID_EXTENSION", 900_104, "not an extension"),
    entry("INVALID_DATE", 900_105, "not a date"),
    entry("UNKNOWN_COUNTRY", 900_106, "not a country of ISO 3166-1"),
    entry("UNKNOWN_REGION", 900_107, "not a region"),
    entry("UNKNOWN_TIMEZONE", 900_108, "not an IANA time zone"),
    entry("DUPLICATE", 900_109, "a value is named twice"),
    entry("NOT_ALLOWED", 900_110, "the value is not allowed here"),
    // customers and templates
    entry("UNKNOWN_PACKAGE", 900_200, "the package does not exist"),
    entry("DUPLICATE_PACKAGE", 900_201, "a package is named twice"),
    entry(
        "PACKAGE_DEPENDENCY",
        900_202,
        "the package needs another one",
    ),
    entry("PACKAGE_IN_USE", 900_203, "subscribers hold the package"),
    entry(
        "PROVISIONING_ID_UNKNOWN",
        900_204,
        "no onboarding template has this provisioning id",
    ),
    entry(
        "EXTERNAL_ID_IN_USE",
        900_205,
        "another customer has this external id",
    ),
    entry(
        "CUSTOMER_NOT_PROVISIONED",
        900_206,
        "the customer is not provisioned",
    ),
    entry(
        "ATTACH_NOT_AVAILABLE",
        900_207,
        "existing organizations cannot be attached",
    ),
    entry(
        "DELAYED_BILLING_DISABLED",
        900_208,
        "the partner has no deferred billing",
    ),
    entry(
        "BILLING_START_OUT_OF_RANGE",
        900_209,
        "the billing start is not within its bounds",
    ),
    entry("BILLING_STARTED", 900_210, "billing has begun"),
    entry(
        "RPL_REJECTED",
        900_211,
        "the restricted-party review rejected the customer",
    ),
    entry(
        "RPL_EXPIRED",
        900_212,
        "the restricted-party review was not decided in time",
    ),
    entry(
        "ORGANIZATION_ALREADY_WHOLESALE",
        900_213,
        "the organization is a wholesale customer already",
    ),
    entry(
        "TEMPLATE_IN_USE",
        900_220,
        "customers were created with the template",
    ),
    // partners
    entry(
        "NESTED_SUB_PARTNER",
        900_230,
        "a sub-partner has no sub-partners",
    ),
    entry(
        "SUB_PARTNER_LEVEL",
        900_231,
        "a sub-partner cannot be a parent",
    ),
    entry(
        "ORGANIZATION_DIFFERS",
        900_232,
        "the organization exists with other values",
    ),
    // subscribers
    entry(
        "BASE_PACKAGE_COUNT",
        900_300,
        "a subscriber has exactly one base package",
    ),
    entry(
        "PACKAGE_NOT_ENTITLED",
        900_301,
        "the customer is not entitled to the package",
    ),
    entry(
        "PACKAGE_NOT_ASSIGNABLE",
        900_302,
        "the package cannot be given to a person",
    ),
    entry(
        "PACKAGE_LIMIT_REACHED",
        900_303,
        "the customer's limit for the package is reached",
    ),
    entry(
        "NO_CALLING_SEAT",
        900_304,
        "the packages have no calling seat",
    ),
    entry("UNKNOWN_LOCATION", 900_305, "the location does not exist"),
    entry(
        "SUBSCRIBER_EXISTS",
        900_306,
        "the e-mail address is a subscriber's with other content",
    ),
    entry("NUMBER_IN_USE", 900_307, "the phone number is in use"),
    entry("EXTENSION_IN_USE", 900_308, "the extension is in use"),
    entry(
        "CONSENT_NOT_PENDING",
        900_309,
        "the subscriber does not wait for consent",
    ),
    entry(
        "ADMINISTRATOR_DOWNGRADE",
        900_310,
        "the full administrator keeps the level of package",
    ),
    // billing
    entry(
        "REPORT_EXISTS",
        900_400,
        "the same report exists and must be deleted first",
    ),
    entry("REPORT_FAILED", 900_401, "the report could not be written"),
    entry(
        "SUBSCRIPTION_EXISTS",
        900_402,
        "the subscription exists with other values",
    ),
    entry(
        LINK_INVALID,
        900_403,
        "the download link is not valid or has ended",
    ),
    entry(
        "NOT_CAUGHT_UP",
        900_404,
        "usage of the period is still being counted",
    ),
    entry("TOO_OLD", 900_405, "the date lies too far in the past"),
    entry(
        "NOT_BEFORE_TODAY",
        900_406,
        "the date must lie before today",
    ),
    entry("AFTER_END", 900_407, "the start lies after the end"),
    // the directory
    entry(
        "LAST_ADMINISTRATOR",
        900_601,
        "the last full administrator of an organization stays",
    ),
    entry(
        "VERSION_DIFFERS",
        900_602,
        "it was changed since it was read",
    ),
    entry(
        "ROLE_BEYOND_OWN",
        900_603,
        "nobody gives or takes a role beyond its own",
    ),
    entry("OWN_ROLES", 900_604, "nobody changes its own roles"),
    entry(
        "PERSON_BEYOND_OWN",
        900_605,
        "the person may do more than who asks",
    ),
    // identity providers
    entry(
        "IDENTITY_PROVIDER_UNKNOWN",
        900_630,
        "the partner has no such identity provider in use",
    ),
    entry(
        "PROVIDER_NAME_IN_USE",
        900_631,
        "an identity provider of this name exists",
    ),
    entry(
        "PROVIDER_EXISTS",
        900_632,
        "the identity provider is registered already",
    ),
    entry(
        "PROVIDER_IN_USE",
        900_633,
        "organizations sign in with the identity provider",
    ),
    entry(
        "PROVIDER_NOT_TESTED",
        900_634,
        "the identity provider was not tested as it is",
    ),
    entry("UNREACHABLE", 900_635, "nothing could be read there"),
    entry("OTHER_ISSUER", 900_636, "another issuer is described there"),
    entry("PERSON_IN_USE", 900_606, "the person has wholesale service"),
    // directories
    entry(scim::FILTER, 900_660, "the filter cannot be read"),
    entry(scim::PATH, 900_661, "the path leads nowhere"),
    entry(scim::NO_TARGET, 900_662, "nothing is where the path leads"),
    entry(scim::SYNTAX, 900_663, "the document has another form"),
    entry(scim::VALUE, 900_664, "an attribute cannot have this value"),
    entry(scim::MUTABILITY, 900_665, "the attribute stays as it is"),
    entry(scim::TOO_MANY, 900_666, "there is too much to look through"),
    entry(scim::USER_NAME, 900_667, "the user name is another's"),
    entry(scim::EXTERNAL_ID, 900_668, "the external id is another's"),
    entry(scim::GROUP_NAME, 900_669, "another group has this name"),
    // compliance
    entry("CASE_CLOSED", 900_500, "the case is closed"),
    entry("LIST_REJECTED", 900_501, "the list file was refused"),
    entry(
        "LISTS_MISSING",
        900_502,
        "no restricted-party list is loaded",
    ),
    entry(
        "IMPORT_RACED",
        900_503,
        "another import of the list came first",
    ),
];

/// The code of a reason; one without its own gets the general one of its status.
pub(crate) fn code(reason: &str, status: StatusCode) -> i32 {
    let find = |reason: &str| TABLE.iter().find(|entry| entry.reason == reason);
    find(reason)
        .or_else(|| find(general(status)))
        .map_or(900_000, |entry| entry.code)
}

/// The code of a problem that asynchronous work met.
pub(crate) fn problem(reason: &str) -> i32 {
    code(reason, StatusCode::BAD_REQUEST)
}

fn general(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => reason::INVALID_ARGUMENT,
        StatusCode::UNAUTHORIZED => reason::TOKEN_INVALID,
        StatusCode::FORBIDDEN => reason::CALLER_NOT_ALLOWED,
        StatusCode::NOT_FOUND => reason::NOT_FOUND,
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::TOO_MANY_REQUESTS => reason::EXHAUSTED,
        StatusCode::SERVICE_UNAVAILABLE => reason::UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT => TIMEOUT,
        _ => reason::INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_reason_and_no_code_stands_twice() {
        let reasons: BTreeSet<_> = TABLE.iter().map(|entry| entry.reason).collect();
        let codes: BTreeSet<_> = TABLE.iter().map(|entry| entry.code).collect();
        assert_eq!(reasons.len(), TABLE.len());
        assert_eq!(codes.len(), TABLE.len());
    }

    #[test]
    fn codes_are_published_ones_or_in_our_block() {
        const PUBLISHED: [i32; 5] = [1001, 1002, 2024, 2560, 10022];
        for entry in TABLE {
            let ours = (900_000..=900_999).contains(&entry.code);
            assert!(ours || PUBLISHED.contains(&entry.code), "{}", entry.reason);
        }
    }

    #[test]
    fn an_unknown_reason_falls_back_by_status() {
        assert_eq!(code("NEVER_HEARD_OF", StatusCode::CONFLICT), 900_005);
        assert_eq!(code("NEVER_HEARD_OF", StatusCode::IM_A_TEAPOT), 900_000);
    }
}
