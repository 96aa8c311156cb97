//! Who calls: the bearer token, which is handed on to the context that verifies it, and its exchange
//! for a token that acts for a sub-partner.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use kit::{
    auth::EDGE,
    link::Link,
    time::{Clock, from_proto},
};
use proto::identity::v1::{ActForSubPartnerRequest, tokens_client::TokensClient};
use tonic::metadata::MetadataValue;
use uuid::Uuid;

use crate::failure::Failure;

/// Longer than any token we issue.
const LONGEST_TOKEN: usize = 8 * 1024;

/// The bearer token of a request (RFC 6750).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        // no error code when the request carried no token at all (RFC 6750 section 3.1)
        let challenge = HeaderValue::from_static("Bearer");
        return Err(Failure::unauthenticated().with_header(WWW_AUTHENTICATE, challenge));
    };
    let text = if values.next().is_none() {
        value.to_str().unwrap_or_default()
    } else {
        ""
    };
    let (scheme, token) = text.split_once(' ').unwrap_or_default();
    let token = token.trim();
    let plausible = scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
        && token.len() <= LONGEST_TOKEN
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if plausible {
        Ok(token)
    } else {
        Err(Failure::unauthenticated())
    }
}

/// A message with a token, ready to be sent to a context.
pub(crate) fn request<T>(message: T, token: &str) -> Result<tonic::Request<T>, Failure> {
    let value = format!("Bearer {token}")
        .parse()
        .map_err(|_| Failure::unauthenticated())?;
    let mut request = tonic::Request::new(message);
    let metadata = request.metadata_mut();
    metadata.insert("authorization", value);
    metadata.insert(EDGE, MetadataValue::from_static("1"));
    Ok(request)
}

/// Tokens that act for a sub-partner, kept for a short while.
#[derive(Debug)]
pub(crate) struct Delegations {
    identity: Link,
    clock: Clock,
    kept: Mutex<HashMap<(String, Uuid), Kept>>,
}

#[derive(Debug)]
struct Kept {
    token: String,
    until: DateTime<Utc>,
}

/// Kept at most; one more and all that ended are thrown away, or everything.
const MOST_KEPT: usize = 4096;

impl Delegations {
    pub(crate) fn new(identity: Link, clock: Clock) -> Self {
        Self {
            identity,
            clock,
            kept: Mutex::default(),
        }
    }

    /// The token with which the holder of `token` acts for a sub-partner (R-1103).
    pub(crate) async fn exchange(&self, token: &str, sub_partner: Uuid) -> Result<String, Failure> {
        let key = (token.to_owned(), sub_partner);
        let now = self.clock.now();
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = kept.get(&key).filter(|found| found.until > now) {
                return Ok(found.token.clone());
            }
        }
        let message = ActForSubPartnerRequest {
            sub_partner_id: sub_partner.to_string(),
        };
        let request = request(message, token)?;
        let issued = TokensClient::new(self.identity.clone())
            .act_for_sub_partner(request)
            .await?;
        let issued = issued.into_inner();
        // short enough that a suspension (R-1106) and a revocation take effect within a minute
        let soon = now + TimeDelta::seconds(60);
        let end = issued
            .expires_at
            .as_ref()
            .and_then(from_proto)
            .unwrap_or(now);
        self.keep(
            key,
            &issued.access_token,
            soon.min(end - TimeDelta::seconds(30)),
            now,
        );
        Ok(issued.access_token)
    }

    /// Forgets the tokens for a sub-partner whose rights have changed.
    pub(crate) fn forget(&self, sub_partner: Uuid) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, organization), _| *organization != sub_partner);
    }

    fn keep(&self, key: (String, Uuid), token: &str, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, kept| kept.until > now);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
        }
        kept.insert(
            key,
            Kept {
                token: token.to_owned(),
                until,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn only_one_plausible_bearer_token_is_taken() {
        assert_eq!(bearer(&headers(&["Bearer abc"])).unwrap(), "abc");
        assert_eq!(bearer(&headers(&["bearer  abc"])).unwrap(), "abc");
        for bad in [
            &[][..],
            &["Basic abc"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(bearer(&headers(bad)).unwrap_err().status(), 401, "{bad:?}");
        }
        let huge = format!("Bearer {}", "x".repeat(LONGEST_TOKEN + 1));
        assert_eq!(bearer(&headers(&[&huge])).unwrap_err().status(), 401);
    }
}
