//! The one style sheet of all pages, inside of the binary.

use std::{
    hash::{DefaultHasher, Hasher as _},
    sync::LazyLock,
};

use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};

use crate::call::{Call, empty};

pub(super) const PATH: &str = "/pages/pages.css";

const TEXT: &str = include_str!("../../assets/pages.css");

/// Changes with the text, so that a copy may be kept for long.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    hasher.write(TEXT.as_bytes());
    format!("{:016x}", hasher.finish())
});

/// Where the sheet is.
pub(super) static URL: LazyLock<String> = LazyLock::new(|| format!("{PATH}?v={}", *VERSION));

pub(super) fn answer(call: &Call) -> Response {
    let tag = format!("\"{}\"", *VERSION);
    let known = call.headers.get_all(IF_NONE_MATCH).iter();
    let known = known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = if known {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Body::from(TEXT))
    };
    let headers = response.headers_mut();
    if !known {
        let media = HeaderValue::from_static("text/css; charset=utf-8");
        headers.insert(CONTENT_TYPE, media);
    }
    let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, keep);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}
