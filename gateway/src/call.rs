//! One request on its way through a handler, and the responses handlers make.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
    header::{CONTENT_TYPE, HOST, LOCATION},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kit::fault::reason;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    caller,
    failure::{Failure, table},
    id::{self, Kind},
    json,
    query::Query,
    routes::{FORM, JSON},
    surface::Surface,
};

/// What a handler answers.
pub(crate) type Outcome = Result<Response, Failure>;

/// The parameter with which a parent acts for a sub-partner (R-1103).
pub(crate) const ON_BEHALF: &str = "onBehalfOfSubPartnerOrgId";

/// Longest wait for a whole body: a client that trickles must not hold a slot.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a body whole, within its limits.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes, Failure> {
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::malformed(format!(
            "the body has more than {limit} bytes"
        ))),
        Ok(Err(_)) => Err(Failure::malformed("the body broke off")),
        Err(_) => Err(Failure::malformed("the body did not arrive in time")),
    }
}

/// One request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) surface: Arc<Surface>,
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    pub(crate) uri: Uri,
    /// Where it came from, when that is known.
    pub(crate) peer: Option<IpAddr>,
    /// The bearer token; empty on routes that need none.
    pub(crate) token: String,
    pub(crate) path: Vec<(String, String)>,
    /// The body, on routes that take one, or why it could not be had.
    pub(crate) body: Result<Bytes, Failure>,
}

impl Call {
    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// An id in the path; what is no id names nothing (R-1203).
    pub(crate) fn id(&self, name: &str, kind: Kind) -> Result<Uuid, Failure> {
        id::decode(kind, self.part(name)).ok_or_else(Failure::missing)
    }

    /// The JSON body.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let bytes = self.body.as_ref().map_err(Clone::clone)?;
        if bytes.is_empty() {
            return Err(Failure::malformed("the body must be a JSON object"));
        }
        self.expect_media(JSON)?;
        json::read(bytes)
    }

    /// The pairs of a form body.
    pub(crate) fn form(&self) -> Result<Vec<(String, String)>, Failure> {
        let bytes = self.body.as_ref().map_err(Clone::clone)?;
        self.expect_media(FORM)?;
        Ok(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A document of SCIM, which a context reads.
    pub(crate) fn document(&self) -> Result<String, Failure> {
        let bytes = self.body.as_ref().map_err(Clone::clone)?;
        if bytes.is_empty() {
            return Err(Failure::malformed("the body must be a JSON object"));
        }
        self.expect_media(kit::scim::MEDIA)
            .or_else(|_| self.expect_media(JSON))?;
        let _: serde_json::Map<String, serde_json::Value> = json::read(bytes)?;
        let text = String::from_utf8(bytes.to_vec());
        text.map_err(|_| Failure::malformed("the body is not UTF-8"))
    }

    fn expect_media(&self, wanted: &str) -> Result<(), Failure> {
        let mut values = self.headers.get_all(CONTENT_TYPE).iter();
        let value = values
            .next()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (media, rest) = value.split_once(';').unwrap_or((value, ""));
        let charset = rest
            .split(';')
            .find_map(|part| part.trim().strip_prefix("charset="));
        let utf8 = charset.is_none_or(|name| name.trim_matches('"').eq_ignore_ascii_case("utf-8"));
        if values.next().is_none() && media.trim().eq_ignore_ascii_case(wanted) && utf8 {
            return Ok(());
        }
        let message = format!("the body must be {wanted} in UTF-8");
        Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            table::MEDIA_TYPE,
            message,
        ))
    }

    /// The sub-partner that a parent acts for with this request.
    pub(crate) fn acting_for(&self) -> Option<Uuid> {
        self.query.organization(ON_BEHALF).ok().flatten()
    }

    /// A message to a context with the caller's token; with a sub-partner's where one is named.
    pub(crate) async fn request<T>(&self, message: T) -> Result<tonic::Request<T>, Failure> {
        match self.query.organization(ON_BEHALF)? {
            None => caller::request(message, &self.token),
            Some(organization) => {
                let token = self
                    .surface
                    .delegations
                    .exchange(&self.token, organization)
                    .await?;
                caller::request(message, &token)
            }
        }
    }

    /// A message to a context with the caller's own token.
    pub(crate) fn own_request<T>(&self, message: T) -> Result<tonic::Request<T>, Failure> {
        caller::request(message, &self.token)
    }

    /// The optional key that makes a repeat safe.
    pub(crate) fn idempotency_key(&self) -> Result<String, Failure> {
        const NAME: &str = "Idempotency-Key";
        let mut values = self.headers.get_all("idempotency-key").iter();
        let Some(value) = values.next() else {
            return Ok(String::new());
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text.is_empty() || text.len() > 255 || values.next().is_some() {
            let message = format!("{NAME} must be one value of 1 to 255 visible characters");
            return Err(Failure::field(NAME, reason::INVALID, message));
        }
        Ok(text.to_owned())
    }

    /// The absolute URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        if let Some(base) = &self.surface.config.base_url {
            return format!("{}{path}", base.trim_end_matches('/'));
        }
        let header =
            |name: &HeaderName| self.headers.get(name).and_then(|value| value.to_str().ok());
        let host = header(&HOST).or_else(|| self.uri.authority().map(http::uri::Authority::as_str));
        let host = host.filter(|host| plausible(host)).unwrap_or("localhost");
        let forwarded = header(&HeaderName::from_static("x-forwarded-proto"));
        let scheme = if forwarded == Some("https") {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{host}{path}")
    }

    /// The absolute URL of this request, without its query.
    pub(crate) fn own_url(&self) -> String {
        self.url(self.uri.path())
    }
}

/// A host that may stand in a URL, and in a header that is split at commas.
fn plausible(host: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !host.is_empty() && host.len() <= 255 && host.bytes().all(known)
}

/// A response with a JSON body.
pub(crate) fn json_response<T: Serialize>(status: StatusCode, value: &T) -> Outcome {
    let body = serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "response not written");
        Failure::internal()
    })?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media);
    Ok(response)
}

/// The usual answer.
pub(crate) fn ok<T: Serialize>(value: &T) -> Outcome {
    json_response(StatusCode::OK, value)
}

/// An answer with a JSON body that names where the resource is.
pub(crate) fn located<T: Serialize>(status: StatusCode, url: &str, value: &T) -> Outcome {
    let mut response = json_response(status, value)?;
    if let Ok(value) = HeaderValue::try_from(url) {
        response.headers_mut().insert(LOCATION, value);
    }
    Ok(response)
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A list with its links.
pub(crate) fn listed<T: Serialize>(value: &T, links: Option<(HeaderName, HeaderValue)>) -> Outcome {
    let mut response = ok(value)?;
    response.headers_mut().extend(links);
    Ok(response)
}
