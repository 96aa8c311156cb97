//! Reasons that every context shares. A context's own stand beside its error enum.

/// One or more fields are wrong; the violations say which.
pub const INVALID_ARGUMENT: &str = "INVALID_ARGUMENT";
/// A required field is absent or empty.
pub const MISSING: &str = "MISSING";
/// A field is too long.
pub const TOO_LONG: &str = "TOO_LONG";
/// A field has a value that it cannot have.
pub const INVALID: &str = "INVALID";
/// Not an e-mail address.
pub const INVALID_EMAIL: &str = "INVALID_EMAIL";
/// Not there, or not the caller's.
pub const NOT_FOUND: &str = "NOT_FOUND";
/// No token, or one that does not verify.
pub const TOKEN_INVALID: &str = "TOKEN_INVALID";
/// The token lacks a scope.
pub const SCOPE_MISSING: &str = "SCOPE_MISSING";
/// The caller is of the wrong kind.
pub const CALLER_NOT_ALLOWED: &str = "CALLER_NOT_ALLOWED";
/// The partner is suspended: it may read and delete only.
pub const TENANT_SUSPENDED: &str = "TENANT_SUSPENDED";
/// The caller's roles do not allow that.
pub const PERMISSION_MISSING: &str = "PERMISSION_MISSING";
/// The partner has taken it away from its customer (R-1001).
pub const RESTRICTED_BY_PARTNER: &str = "RESTRICTED_BY_PARTNER";
/// Nobody may do this for another organization.
pub const ACTING_NOT_ALLOWED: &str = "ACTING_NOT_ALLOWED";
/// The person must prove again who it is.
pub const FRESH_SIGN_IN_NEEDED: &str = "FRESH_SIGN_IN_NEEDED";
/// An idempotency key came again with another request.
pub const IDEMPOTENCY_KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";
/// Another operation on the same resource is running.
pub const OPERATION_IN_PROGRESS: &str = "OPERATION_IN_PROGRESS";
/// A follower asks for events that are no longer kept.
pub const FEED_TOO_OLD: &str = "FEED_TOO_OLD";
/// Too many requests.
pub const EXHAUSTED: &str = "EXHAUSTED";
/// Away for the moment.
pub const UNAVAILABLE: &str = "UNAVAILABLE";
/// Our fault.
pub const INTERNAL: &str = "INTERNAL";
