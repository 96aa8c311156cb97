//! Pages as HTML, and the headers that every one of them has.

use askama::Template;
use axum::{body::Body, response::Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{
        CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER, X_FRAME_OPTIONS,
    },
};
use proto::identity::v1::{Page, PageKind, Refusal};

use super::{
    style,
    text::{self, Text},
};
use crate::{call::Outcome, failure::Failure};

mod brand;
mod session;

use brand::Mark;
use session::Session;

/// What is around every page.
struct Frame<'a> {
    text: &'static Text,
    title: &'a str,
    mark: Mark<'a>,
    style: &'static str,
}

impl<'a> Frame<'a> {
    fn new(text: &'static Text, title: &'a str, mark: Mark<'a>) -> Self {
        Self {
            text,
            title,
            mark,
            style: &style::URL,
        }
    }
}

#[derive(Template)]
#[template(path = "identifier.html")]
struct Identifier<'a> {
    frame: Frame<'a>,
    page: &'a Page,
    problem: &'a str,
    lead: String,
}

#[derive(Template)]
#[template(path = "password.html")]
struct Password<'a> {
    frame: Frame<'a>,
    page: &'a Page,
    problem: &'a str,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPassword<'a> {
    frame: Frame<'a>,
    page: &'a Page,
    problem: &'a str,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account<'a> {
    frame: Frame<'a>,
    page: &'a Page,
    problem: &'a str,
    sessions: Vec<Session<'a>>,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct Findings<'a> {
    frame: Frame<'a>,
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame<'a>,
    words: &'a str,
    again: &'a str,
    tracking: &'a str,
}

/// A page that identity wants to be shown.
pub(super) fn page(page: &Page) -> Outcome {
    let text = text::of(&[&page.language]);
    let mark = Mark::of(page.brand.as_ref());
    let problem = if page.busy {
        text.busy
    } else {
        text.problem(&page.problem)
    };
    let html = match page.kind() {
        PageKind::Identifier => Identifier {
            frame: Frame::new(text, text.sign_in, mark),
            page,
            problem,
            lead: if page.client_name.is_empty() {
                String::new()
            } else {
                text::fill(text.continue_to, &page.client_name)
            },
        }
        .render(),
        PageKind::Password => Password {
            frame: Frame::new(text, text.enter_password, mark),
            page,
            problem,
        }
        .render(),
        PageKind::NewPassword => NewPassword {
            frame: Frame::new(text, text.choose_password, mark),
            page,
            problem,
        }
        .render(),
        PageKind::Account => Account {
            frame: Frame::new(text, text.account, mark),
            page,
            problem,
            sessions: page.choices.iter().map(Session::of).collect(),
        }
        .render(),
        PageKind::TestResult => Findings {
            frame: Frame::new(text, text.test_result, mark),
            page,
        }
        .render(),
        PageKind::SignedOut => Message {
            frame: Frame::new(text, text.signed_out.title, mark),
            words: text.signed_out.message,
            again: text.sign_in,
            tracking: "",
        }
        .render(),
        kind => {
            tracing::error!(?kind, "a page that cannot be shown");
            return Err(Failure::internal());
        }
    };
    response(StatusCode::OK, html, &page.form_target)
}

/// Identity says that it cannot go on.
pub(super) fn refusal(refusal: &Refusal) -> Outcome {
    let text = text::of(&[&refusal.language]);
    let status = match refusal.reason.as_str() {
        "FORM_INVALID" | "ACCESS_DENIED" => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let notice = text.refusal(&refusal.reason, status);
    let html = Message {
        frame: Frame::new(text, notice.title, Mark::default()),
        words: notice.message,
        again: text.begin_again,
        tracking: "",
    }
    .render();
    response(status, html, "")
}

/// What went wrong on the way to a page.
pub(crate) fn failure(failure: Failure, text: &'static Text, tracking: &str) -> Response {
    let status = failure.status();
    let notice = text.failure(status);
    let html = Message {
        frame: Frame::new(text, notice.title, Mark::default()),
        words: notice.message,
        again: text.begin_again,
        tracking,
    }
    .render();
    let plain = failure.into_response(tracking);
    match response(status, html, "") {
        Ok(mut page) => {
            if let Some(wait) = plain.headers().get(RETRY_AFTER) {
                page.headers_mut().insert(RETRY_AFTER, wait.clone());
            }
            page
        }
        Err(_) => plain,
    }
}

fn response(status: StatusCode, html: Result<String, askama::Error>, form_target: &str) -> Outcome {
    let html = html.map_err(|error| {
        tracing::error!(%error, "page not written");
        Failure::internal()
    })?;
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media);
    protect(&mut response, form_target);
    Ok(response)
}

/// Nothing is loaded but our style sheet, nobody frames us, and no other site is told where the browser
/// was. `no-referrer` would be one word stricter, and would make browsers hide the origin of our own
/// forms from us.
pub(super) fn protect(response: &mut Response, form_target: &str) {
    let target = if is_source(form_target) {
        format!(" {form_target}")
    } else {
        String::new()
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
}

/// One source of a policy (`https://app.example`, or `com.example.app:` of an application on a device)
/// and nothing that would begin another.
fn is_source(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:/[]+".contains(&byte);
    text.contains(':') && text.len() <= 255 && text.bytes().all(known)
}
