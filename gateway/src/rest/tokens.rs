//! `/v1/access_token`: the token endpoint of RFC 6749. Its errors carry both the standard's members and
//! those of the house.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, StatusCode,
    header::{AUTHORIZATION, PRAGMA, WWW_AUTHENTICATE},
};
use kit::{
    fault::{Fault, Kind, reason},
    time::from_proto,
};
use proto::identity::v1::{IssueTokenRequest, tokens_client::TokensClient};

use crate::{
    call::{Call, Outcome, ok},
    failure::Failure,
    routes::{Route, handler},
    wire::tokens::{Token, TokenRequest},
};

pub(crate) const ROUTES: &[Route] = &[Route::open(
    "POST",
    "/v1/access_token",
    "issueToken",
    "Get an access token for a client (OAuth 2.0 client credentials)",
    handler!(issue),
)
.takes_form::<TokenRequest>()
.answers::<Token>()];

/// Longer than any id or secret we issue.
const LONGEST: usize = 1024;

async fn issue(call: Call) -> Outcome {
    let form = call
        .form()
        .map_err(|failure| failure.with_oauth("invalid_request"))?;
    let form = read(form)?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        None => return Err(invalid_request("grant_type is required")),
        Some(_) => {
            return Err(refusal(
                "unsupported_grant_type",
                "only client_credentials is supported",
            ));
        }
    }
    let basic = basic(&call)?;
    let from_header = basic.is_some();
    let (client_id, client_secret) = match basic {
        Some((id, _)) if form.client_id.as_ref().is_some_and(|other| *other != id) => {
            return Err(invalid_request(
                "the header and the form name different clients",
            ));
        }
        Some(pair) => pair,
        None => (
            form.client_id.unwrap_or_default(),
            form.client_secret.unwrap_or_default(),
        ),
    };
    if client_id.is_empty() || client_secret.is_empty() {
        return Err(invalid_client(from_header));
    }
    let scopes = form.scope.as_deref().unwrap_or_default().split_whitespace();
    let message = IssueTokenRequest {
        client_id,
        client_secret,
        scopes: scopes.map(str::to_owned).collect(),
    };
    let mut client = TokensClient::new(call.surface.links.identity.clone());
    let answer = client.issue_token(message).await;
    let issued = answer
        .map_err(|status| translate(status, from_header))?
        .into_inner();
    let now = call.surface.clock.now();
    let end = issued
        .expires_at
        .as_ref()
        .and_then(from_proto)
        .unwrap_or(now);
    let mut response = ok(&Token {
        access_token: issued.access_token,
        expires_in: (end - now).num_seconds().max(0),
        token_type: "Bearer".to_owned(),
        scope: issued.scopes.join(" "),
    })?;
    response
        .headers_mut()
        .insert(PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The parameters, none of which may come twice (RFC 6749 section 3.2).
fn read(form: Vec<(String, String)>) -> Result<TokenRequest, Failure> {
    let mut read = TokenRequest::default();
    for (name, value) in form {
        let slot = match name.as_str() {
            "grant_type" => &mut read.grant_type,
            "client_id" => &mut read.client_id,
            "client_secret" => &mut read.client_secret,
            "scope" => &mut read.scope,
            _ => continue,
        };
        if slot.is_some() {
            return Err(invalid_request(&format!("{name} is given more than once")));
        }
        if value.len() > LONGEST * 4 || value.chars().any(char::is_control) {
            return Err(invalid_request(&format!("{name} is not valid")));
        }
        // a parameter without a value counts as absent (same section)
        *slot = Some(value).filter(|value| !value.is_empty());
    }
    Ok(read)
}

/// Client id and secret of a Basic header. The standard has them form-encoded first; ours need no
/// encoding, so both readings agree.
fn basic(call: &Call) -> Result<Option<(String, String)>, Failure> {
    let mut values = call.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let (scheme, encoded) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        // some clients send their old bearer token along
        return Ok(None);
    }
    let known = || -> Option<(String, String)> {
        let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = plain.split_once(':')?;
        let fits = plain.len() <= LONGEST && !plain.chars().any(char::is_control);
        fits.then(|| (id.to_owned(), secret.to_owned()))
    };
    let pair = known().filter(|_| values.next().is_none());
    pair.map(Some).ok_or_else(|| invalid_client(true))
}

/// What the identity context says, in the standard's words.
fn translate(status: tonic::Status, from_header: bool) -> Failure {
    let fault = Fault::from(status.clone());
    match fault.kind {
        Kind::Unauthenticated => invalid_client(from_header),
        Kind::Invalid | Kind::Forbidden if fault.reason == "INVALID_SCOPE" => {
            refusal("invalid_scope", &fault.message)
        }
        Kind::Invalid => Failure::from(status).with_oauth("invalid_request"),
        Kind::Forbidden => Failure::from(status).with_oauth("unauthorized_client"),
        Kind::Unavailable => Failure::from(status).with_oauth("temporarily_unavailable"),
        _ => Failure::from(status).with_oauth("server_error"),
    }
}

fn invalid_client(from_header: bool) -> Failure {
    let message = "the client is unknown or its secret is wrong";
    let failure = Failure::new(StatusCode::UNAUTHORIZED, "INVALID_CLIENT", message);
    let failure = failure.with_oauth("invalid_client");
    if !from_header {
        return failure;
    }
    // the scheme that the client used (RFC 6749 section 5.2)
    failure.with_header(
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"entrepot\""),
    )
}

fn invalid_request(message: &str) -> Failure {
    Failure::malformed(message).with_oauth("invalid_request")
}

fn refusal(code: &'static str, message: &str) -> Failure {
    let known = if code == "invalid_scope" {
        "INVALID_SCOPE"
    } else {
        reason::INVALID_ARGUMENT
    };
    let failure = Failure::new(StatusCode::BAD_REQUEST, known, message);
    failure.with_oauth(code)
}
