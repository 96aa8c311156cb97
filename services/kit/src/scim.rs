//! What identity, which speaks SCIM (RFC 7643, RFC 7644), and the gateway, which only passes it on, both
//! know: names, reasons, and how an error looks.

use serde_json::{Value, json};

/// The media type of its documents.
pub const MEDIA: &str = "application/scim+json";
/// The schema of an error.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Why a document, a filter or a path is refused.
pub mod reason {
    /// A document is no JSON, or not of the form that is wanted.
    pub const SYNTAX: &str = "SCIM_INVALID_SYNTAX";
    /// A filter that nobody can read, or about what there is not.
    pub const FILTER: &str = "SCIM_INVALID_FILTER";
    /// A path that leads nowhere.
    pub const PATH: &str = "SCIM_INVALID_PATH";
    /// A path that leads to nothing which is there.
    pub const NO_TARGET: &str = "SCIM_NO_TARGET";
    /// A value that an attribute cannot have.
    pub const VALUE: &str = "SCIM_INVALID_VALUE";
    /// An attribute that cannot be changed.
    pub const MUTABILITY: &str = "SCIM_MUTABILITY";
    /// More would have to be looked through than is done.
    pub const TOO_MANY: &str = "SCIM_TOO_MANY";
    /// The user name is another's.
    pub const USER_NAME: &str = "USER_NAME_IN_USE";
    /// The directory's id is another's.
    pub const EXTERNAL_ID: &str = "DIRECTORY_ID_IN_USE";
    /// The name of the group is another's.
    pub const GROUP_NAME: &str = "GROUP_NAME_IN_USE";
}

/// The reason of a change to a version that is no longer there.
const VERSION_DIFFERS: &str = "VERSION_DIFFERS";

/// The `scimType` of a reason; most have none.
pub fn kind_of(reason: &str) -> Option<&'static str> {
    Some(match reason {
        reason::SYNTAX | "MALFORMED" => "invalidSyntax",
        reason::FILTER => "invalidFilter",
        reason::PATH => "invalidPath",
        reason::NO_TARGET => "noTarget",
        reason::VALUE | crate::fault::reason::INVALID_ARGUMENT => "invalidValue",
        reason::MUTABILITY => "mutability",
        reason::TOO_MANY => "tooMany",
        reason::USER_NAME | reason::EXTERNAL_ID | reason::GROUP_NAME | "EMAIL_IN_USE" => {
            "uniqueness"
        }
        _ => return None,
    })
}

/// The status of a refusal, which differs from the usual one where the standard wants another.
pub fn status(usual: u16, reason: &str) -> u16 {
    if reason == VERSION_DIFFERS {
        412
    } else {
        usual
    }
}

/// An error (RFC 7644 section 3.12).
pub fn error(usual: u16, reason: &str, detail: &str) -> Value {
    let mut body = json!({
        "schemas": [ERROR],
        "status": status(usual, reason).to_string(),
        "detail": detail,
    });
    if let Some(kind) = kind_of(reason) {
        body["scimType"] = kind.into();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_kind_where_there_is_one() {
        let error = error(409, reason::USER_NAME, "taken");
        assert_eq!(error["scimType"], "uniqueness");
        assert_eq!(error["status"], "409");
        assert_eq!(super::error(404, "NOT_FOUND", "gone").get("scimType"), None);
        assert_eq!(super::error(409, VERSION_DIFFERS, "late")["status"], "412");
    }
}
