//! One error model from the database to REST.
//!
//! A context's error says its [`Kind`] (what a caller can do about it) and a stable reason in upper
//! snake case. Between services it travels as a `tonic::Status` with `google.rpc` details; the
//! gateway alone turns it into HTTP.

use std::{collections::HashMap, error::Error, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

pub mod reason;

/// What a caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Correct the request.
    Invalid,
    /// Get a token.
    Unauthenticated,
    /// Ask for more rights.
    Forbidden,
    /// Nothing there, or nothing of the caller's.
    Missing,
    /// It clashes with what there is.
    Conflict,
    /// The state of the resource does not allow it now.
    Precondition,
    /// Slow down.
    Exhausted,
    /// Try again.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Kind {
    fn code(self) -> Code {
        match self {
            Self::Invalid => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::PermissionDenied,
            Self::Missing => Code::NotFound,
            Self::Conflict => Code::AlreadyExists,
            Self::Precondition => Code::FailedPrecondition,
            Self::Exhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::Internal => Code::Internal,
        }
    }

    fn from_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::Missing,
            Code::AlreadyExists => Self::Conflict,
            Code::FailedPrecondition | Code::Aborted => Self::Precondition,
            Code::ResourceExhausted => Self::Exhausted,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field as the public API names it, with its path: `customerInfo.primaryEmail`.
    pub field: String,
    /// Stable reason, for example `MISSING`.
    pub reason: String,
    /// Text for people.
    pub description: String,
}

/// Collects everything that is wrong with a request, not only the first thing.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes one.
    pub fn add(&mut self, field: &str, reason: &str, description: impl Into<String>) {
        self.0.push(Violation {
            field: field.to_owned(),
            reason: reason.to_owned(),
            description: description.into(),
        });
    }

    /// Notes one unless the condition holds; tells whether it does.
    pub fn check(&mut self, holds: bool, field: &str, reason: &str, description: &str) -> bool {
        if !holds {
            self.add(field, reason, description);
        }
        holds
    }

    /// A required text: trimmed, not empty, at most `longest` characters, without control characters.
    pub fn text(&mut self, field: &str, value: &str, longest: usize) -> String {
        let value = value.trim();
        if value.is_empty() {
            self.add(field, reason::MISSING, format!("{field} is required"));
            return String::new();
        }
        self.optional_text(field, value, longest)
    }

    /// An optional text: as [`Violations::text`], but it may be empty.
    pub fn optional_text(&mut self, field: &str, value: &str, longest: usize) -> String {
        let value = value.trim();
        if value.chars().count() > longest {
            self.add(
                field,
                reason::TOO_LONG,
                format!("{field} has more than {longest} characters"),
            );
        } else if value.chars().any(char::is_control) {
            self.add(
                field,
                reason::INVALID,
                format!("{field} has a control character"),
            );
        }
        value.to_owned()
    }

    /// True while nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }
}

/// What a context's error enum tells.
pub trait Failure: Error {
    /// What a caller can do about it.
    fn kind(&self) -> Kind;
    /// Stable reason in upper snake case.
    fn reason(&self) -> &str;
    /// The fields that are wrong.
    fn violations(&self) -> &[Violation] {
        &[]
    }
    /// How long to wait before the next try.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// An error as it crosses between services.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}: {message}")]
pub struct Fault {
    /// What a caller can do about it.
    pub kind: Kind,
    /// Stable reason in upper snake case.
    pub reason: String,
    /// Text for people.
    pub message: String,
    /// The fields that are wrong.
    pub violations: Vec<Violation>,
    /// How long to wait before the next try.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// One without fields.
    pub fn new(kind: Kind, reason: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.to_owned(),
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    /// A request with wrong fields.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let message = "the request is not valid";
        Self {
            violations,
            ..Self::new(Kind::Invalid, reason::INVALID_ARGUMENT, message)
        }
    }

    /// The caller's is not there; the same for what belongs to somebody else (R-1203).
    pub fn missing(what: &str) -> Self {
        Self::new(
            Kind::Missing,
            reason::NOT_FOUND,
            format!("{what} not found"),
        )
    }

    /// True when the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            Kind::Unavailable | Kind::Exhausted | Kind::Internal
        )
    }
}

impl Failure for Fault {
    fn kind(&self) -> Kind {
        self.kind
    }
    fn reason(&self) -> &str {
        &self.reason
    }
    fn violations(&self) -> &[Violation] {
        &self.violations
    }
    fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

/// Turns a context's error into a status. An internal one is logged here, once, with its source
/// chain, and crosses without its text.
#[expect(clippy::needless_pass_by_value, reason = "the shape of `From`")]
pub fn status<E: Failure + Send + Sync + 'static>(error: E) -> Status {
    let kind = error.kind();
    let transient_database = is_transient_database(&error);
    if matches!(kind, Kind::Internal) && !transient_database {
        tracing::error!(reason = error.reason(), error = %chain(&error), "internal error");
    }
    let fault = match kind {
        Kind::Internal if transient_database => {
            tracing::warn!(error = %chain(&error), "database unavailable");
            Fault {
                retry_after: Some(Duration::from_secs(1)),
                ..Fault::new(Kind::Unavailable, reason::UNAVAILABLE, "try again")
            }
        }
        Kind::Internal => Fault::new(Kind::Internal, reason::INTERNAL, "internal error"),
        _ => Fault {
            kind,
            reason: error.reason().to_owned(),
            message: error.to_string(),
            violations: error.violations().to_vec(),
            retry_after: error.retry_after(),
        },
    };
    fault.into()
}

/// The database is away, restarting or out of connections: the same call may succeed soon.
fn is_transient_database(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(database) = error.downcast_ref::<sqlx::Error>() {
            return match database {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
                sqlx::Error::Database(cause) => cause.code().is_some_and(|code| {
                    // connection exceptions, rollbacks by the server, shutdowns, lack of resources
                    ["08", "40", "53", "57P"]
                        .iter()
                        .any(|class| code.starts_with(class))
                }),
                _ => false,
            };
        }
        next = error.source();
    }
    false
}

/// The error's text with those of its sources.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let part = source.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = source.source();
    }
    text
}

const DOMAIN: &str = "entrepot";

/// Details travel base64-encoded in the trailers, and 16 KiB of headers are what a peer takes: with
/// more, the whole answer is lost. So of very many wrong fields only the first are told.
const ROOM: usize = 8 * 1024;
/// Longest text of one of them, in bytes.
const LONGEST: usize = 500;

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        let mut details = ErrorDetails::with_error_info(fault.reason, DOMAIN, HashMap::new());
        if !fault.violations.is_empty() {
            let mut room = ROOM;
            let fitting = fault
                .violations
                .into_iter()
                // `google.rpc` has no place for our reason, so it leads the description
                .map(|v| {
                    let description = format!("{}: {}", v.reason, v.description);
                    FieldViolation::new(shortened(v.field), shortened(description))
                })
                .take_while(|v| {
                    let needed = v.field.len() + v.description.len() + 8;
                    let fits = needed <= room;
                    room = room.saturating_sub(needed);
                    fits
                });
            details.set_bad_request(fitting.collect::<Vec<_>>());
        }
        if fault.retry_after.is_some() {
            details.set_retry_info(fault.retry_after);
        }
        Status::with_error_details(fault.kind.code(), shortened(fault.message), details)
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let kind = Kind::from_code(status.code());
        let details = status.get_error_details();
        let reason = details.error_info().map_or_else(
            || match kind {
                Kind::Unavailable => reason::UNAVAILABLE.to_owned(),
                Kind::Exhausted => reason::EXHAUSTED.to_owned(),
                _ => reason::INTERNAL.to_owned(),
            },
            |info| info.reason.clone(),
        );
        let violations = details.bad_request().map_or_else(Vec::new, |request| {
            request
                .field_violations
                .iter()
                .map(|v| {
                    let (reason, description) = v
                        .description
                        .split_once(": ")
                        .unwrap_or((reason::INVALID, &v.description));
                    Violation {
                        field: v.field.clone(),
                        reason: reason.to_owned(),
                        description: description.to_owned(),
                    }
                })
                .collect()
        });
        let retry_after = details.retry_info().and_then(|info| info.retry_delay);
        Self {
            kind,
            reason,
            message: status.message().to_owned(),
            violations,
            retry_after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_the_wire() {
        let mut violations = Violations::default();
        violations.text("customerInfo.name", "  ", 50);
        violations.text("externalId", "é".repeat(300).as_str(), 255);
        let sent = Fault {
            retry_after: Some(Duration::from_secs(2)),
            ..Fault::invalid(violations.into_vec())
        };
        let received = Fault::from(Status::from(sent.clone()));
        assert_eq!(received.kind, Kind::Invalid);
        assert_eq!(received.reason, "INVALID_ARGUMENT");
        assert_eq!(received.violations, sent.violations);
        assert_eq!(received.violations[0].reason, "MISSING");
        assert_eq!(received.violations[1].reason, "TOO_LONG");
        assert_eq!(received.retry_after, sent.retry_after);
    }

    #[test]
    fn of_very_many_wrong_fields_the_first_cross() {
        let mut violations = Violations::default();
        for n in 0..5000 {
            violations.add(&format!("packages[{n}]"), "UNKNOWN", "é".repeat(4000));
        }
        let status = Status::from(Fault::invalid(violations.into_vec()));
        let headers = status.clone().into_http::<()>().into_parts().0.headers;
        let size: usize = headers.iter().map(|(_, value)| value.len()).sum();
        assert!(size < 15 * 1024, "{size}");
        let received = Fault::from(status);
        assert!(received.violations.len() > 10);
        assert_eq!(received.violations[9].field, "packages[9]");
    }

    #[test]
    fn the_inside_of_an_internal_error_stays_inside() {
        #[derive(Debug, thiserror::Error)]
        #[error("the password is hunter2")]
        struct Secret;
        impl Failure for Secret {
            fn kind(&self) -> Kind {
                Kind::Internal
            }
            fn reason(&self) -> &'static str {
                "SECRET"
            }
        }
        let status = status(Secret);
        assert_eq!(status.message(), "internal error");
        assert_eq!(Fault::from(status).reason, "INTERNAL");
    }

    #[test]
    fn a_lost_database_is_a_reason_to_try_again() {
        #[derive(Debug, thiserror::Error)]
        #[error("database")]
        struct Wrapped(#[source] sqlx::Error);
        impl Failure for Wrapped {
            fn kind(&self) -> Kind {
                Kind::Internal
            }
            fn reason(&self) -> &'static str {
                "DATABASE"
            }
        }
        let fault = Fault::from(status(Wrapped(sqlx::Error::PoolTimedOut)));
        assert_eq!(fault.kind, Kind::Unavailable);
        assert!(fault.retry_after.is_some());
    }
}
