//! Errors as the public API shows them: `{message, errors[], trackingId}`. The only place that knows
//! HTTP status codes of faults and `errorCode` integers; the codes stand in [`table`].

use std::time::Duration;

use axum::{body::Body, response::Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use kit::{
    fault::{Fault, Kind, Violation, reason},
    scim,
};
use serde::Serialize;
use tonic::{Code, Status};

pub(crate) mod table;

/// One entry of `errors[]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    description: String,
    error_code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_name: Option<String>,
}

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
    errors: Vec<Detail>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The code of RFC 6749 section 5.2, at the token endpoint.
    oauth: Option<&'static str>,
    /// Why, as the contexts say it.
    reason: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none", rename = "error")]
    oauth: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "error_description")]
    oauth_description: Option<&'a str>,
    message: &'a str,
    errors: &'a [Detail],
    tracking_id: &'a str,
}

impl Failure {
    /// One with a reason of the [`table`].
    pub(crate) fn new(status: StatusCode, reason: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let error_code = table::code(reason, status);
        let errors = vec![Detail {
            description: message.clone(),
            error_code,
            field_name: None,
        }];
        Self {
            status,
            message,
            errors,
            headers: Vec::new(),
            oauth: None,
            reason: reason.to_owned(),
        }
    }

    /// The request cannot be read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, table::MALFORMED, message)
    }

    /// One field or parameter is wrong.
    pub(crate) fn field(field: &str, reason: &str, description: impl Into<String>) -> Self {
        let violation = Violation {
            field: field.to_owned(),
            reason: reason.to_owned(),
            description: description.into(),
        };
        Fault::invalid(vec![violation]).into()
    }

    /// Not there, or not the caller's: always the same (R-1203).
    pub(crate) fn missing() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            reason::NOT_FOUND,
            "the resource was not found",
        )
    }

    /// No access token.
    pub(crate) fn unauthenticated() -> Self {
        let message = "the access token is missing or invalid";
        Fault::new(Kind::Unauthenticated, reason::TOKEN_INVALID, message).into()
    }

    /// Come back after some time.
    pub(crate) fn later(status: StatusCode, reason: &str, message: &str, wait: Duration) -> Self {
        Self::new(status, reason, message).with_retry(wait)
    }

    /// The request took too long.
    pub(crate) fn timeout() -> Self {
        let message = "the request took too long; try again";
        let wait = Duration::from_secs(1);
        Self::later(StatusCode::GATEWAY_TIMEOUT, table::TIMEOUT, message, wait)
    }

    /// Our fault; what went wrong stays inside.
    pub(crate) fn internal() -> Self {
        let message = "internal error";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, reason::INTERNAL, message)
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }

    /// Adds the error code that RFC 6749 wants at the token endpoint.
    pub(crate) fn with_oauth(mut self, code: &'static str) -> Self {
        self.oauth = Some(code);
        self
    }

    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The fields that are wrong.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.errors
            .iter()
            .filter_map(|detail| detail.field_name.as_deref())
    }

    /// Whole seconds, rounded up: clients read an integer.
    fn with_retry(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Why, as the contexts say it.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// As a response for who speaks SCIM.
    pub(crate) fn into_scim(self) -> Response {
        let mut detail = self.message;
        for error in &self.errors {
            if let Some(field) = &error.field_name {
                detail = format!("{detail}; {field}: {}", error.description);
            }
        }
        let body = scim::error(self.status.as_u16(), &self.reason, &detail);
        let status = scim::status(self.status.as_u16(), &self.reason);
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(self.status);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(scim::MEDIA));
        headers.extend(self.headers);
        response
    }

    /// As a response.
    pub(crate) fn into_response(self, tracking_id: &str) -> Response {
        let shown = Shown {
            oauth: self.oauth,
            oauth_description: self.oauth.map(|_| self.message.as_str()),
            message: &self.message,
            errors: &self.errors,
            tracking_id,
        };
        let body = serde_json::to_vec(&shown).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.headers);
        response
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let status = status(fault.kind);
        let message = match fault.kind {
            Kind::Internal => return Self::internal(),
            Kind::Missing => return Self::missing(),
            Kind::Unavailable => "the service is not available at the moment; try again".to_owned(),
            _ => fault.message,
        };
        let mut failure = Self::new(status, &fault.reason, message);
        if !fault.violations.is_empty() {
            failure.errors = fault
                .violations
                .into_iter()
                .map(|v| detail(v, status))
                .collect();
        }
        match fault.kind {
            Kind::Unauthenticated => {
                let value = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                failure.with_header(WWW_AUTHENTICATE, value)
            }
            Kind::Exhausted | Kind::Unavailable => {
                failure.with_retry(fault.retry_after.unwrap_or(Duration::from_secs(1)))
            }
            _ => match fault.retry_after {
                Some(wait) => failure.with_retry(wait),
                None => failure,
            },
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        if status.code() == Code::DeadlineExceeded {
            return Self::timeout();
        }
        let known = Fault::from(status);
        if known.kind == Kind::Internal {
            tracing::warn!(
                reason = known.reason,
                message = known.message,
                "a context failed"
            );
        }
        known.into()
    }
}

fn detail(violation: Violation, status: StatusCode) -> Detail {
    Detail {
        error_code: table::code(&violation.reason, status),
        description: violation.description,
        field_name: (!violation.field.is_empty()).then_some(violation.field),
    }
}

/// What each kind of fault is in HTTP.
const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Missing => StatusCode::NOT_FOUND,
        // 428 and 412 have other meanings here: a state that does not allow it is a conflict too
        Kind::Conflict | Kind::Precondition => StatusCode::CONFLICT,
        Kind::Exhausted => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;

    fn body(failure: Failure) -> String {
        let body = failure
            .into_response("T1")
            .into_body()
            .collect()
            .now_or_never();
        String::from_utf8(body.unwrap().unwrap().to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn every_violation_is_shown_with_its_field_and_code() {
        let mut violations = kit::fault::Violations::default();
        violations.text("customerInfo.name", "", 50);
        violations.text("externalId", &"x".repeat(300), 255);
        let failure = Failure::from(Status::from(Fault::invalid(violations.into_vec())));
        assert_eq!(failure.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            body(failure),
            concat!(
                r#"{"message":"the request is not valid","errors":["#,
                r#"{"description":"customerInfo.name is required","errorCode":1001,"fieldName":"customerInfo.name"},"#,
                r#"{"description":"externalId has more than 255 characters","errorCode":1002,"fieldName":"externalId"}"#,
                r#"],"trackingId":"T1"}"#
            )
        );
    }

    #[test]
    fn r1203_every_missing_thing_looks_the_same() {
        let one = Failure::from(Fault::missing("customer"));
        let other = Failure::from(Fault::new(Kind::Missing, "REPORT_UNKNOWN", "report 7"));
        assert_eq!(body(one), body(other));
    }

    #[test]
    fn waiting_is_told_in_whole_seconds() {
        let fault = Fault {
            retry_after: Some(Duration::from_millis(1200)),
            ..Fault::new(Kind::Exhausted, reason::EXHAUSTED, "slow down")
        };
        let response = Failure::from(fault).into_response("T1");
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        let response = Failure::from(Status::deadline_exceeded("late")).into_response("T1");
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
    }

    #[test]
    fn the_inside_of_a_context_stays_inside() {
        let failure = Failure::from(Status::internal("password is hunter2"));
        assert!(!body(failure).contains("hunter2"));
        let failure = Failure::from(Status::unavailable("10.0.0.7 refused"));
        assert!(!body(failure).contains("10.0.0.7"));
    }
}
