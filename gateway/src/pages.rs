//! Pages for people: they sign in here, see where they are signed in, and sign out.
//!
//! A page is shown because identity said so. A browser's request becomes one call of its `SignIn`
//! service; what comes back says which page to show, where to go or what to refuse, and which cookies
//! to set. Nothing is decided here and nothing is kept.
//!
//! Pages need no script: they are forms. What a stranger's page could make a browser do with them is
//! shut off by headers (`render`) and by looking at where a form comes from (`browser`).

mod browser;
mod render;
pub(crate) mod sso;
mod style;
pub(crate) mod text;

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode, Uri,
    header::{LOCATION, RETRY_AFTER, SET_COOKIE},
};
use kit::link::Link;
use proto::identity::v1::{
    BeginRequest, ContinueRequest, Parameter, ReadAccountRequest, SignInStep, SignOutRequest,
    sign_in_client::SignInClient, sign_in_step::Next,
};

use crate::{
    call::{Call, Outcome},
    failure::Failure,
    query::Query,
    routes::{Route, handler},
};

pub(crate) use render::failure;
use text::Text;

/// Largest form, in bytes.
pub(crate) const LARGEST_FORM: usize = 64 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 64;
/// Seconds to wait when too many sign in at once.
const BUSY_SECONDS: u16 = 2;

const SIGN_IN: &str = "/sign-in";
/// What leads to providers, and back from them.
const SSO: &str = "/single-sign-on/";
const SAML: &str = "/saml/";
const ACCOUNT: &str = "/sign-in/account";
const SIGN_OUT: &str = "/sign-in/out";

pub(crate) const ROUTES: &[Route] = &[
    Route::page(
        "GET",
        SIGN_IN,
        "showSignIn",
        "Sign in",
        handler!(show_sign_in),
    ),
    Route::page(
        "POST",
        SIGN_IN,
        "signIn",
        "Go on with signing in",
        handler!(sign_in),
    )
    .filled(),
    Route::page(
        "GET",
        ACCOUNT,
        "showAccount",
        "Who is signed in, and where",
        handler!(show_account),
    ),
    Route::page("POST", SIGN_OUT, "signOut", "Sign out", handler!(sign_out)).filled(),
    Route::page(
        "GET",
        "/single-sign-on/{connectionId}/test",
        "testSingleSignOn",
        "Try an identity provider",
        handler!(sso::depart),
    ),
    Route::page(
        "POST",
        "/saml/{connectionId}/acs",
        "receiveAssertion",
        "A SAML provider sends a browser back",
        handler!(sso::receive_assertion),
    )
    .filled()
    .longest(sso::LARGEST_ANSWER),
    Route::page("GET", style::PATH, "pageStyle", "How pages look", |call| {
        Box::pin(std::future::ready(Ok(style::answer(&call))))
    }),
];

/// The words for whoever asks for a page; none when the path is no page's.
pub(crate) fn reader(uri: &Uri, headers: &HeaderMap) -> Option<&'static Text> {
    // slashes are put right before
    let path = uri.path();
    let known = if path.starts_with(SIGN_IN) {
        ROUTES.iter().any(|route| route.path == path)
    } else {
        path.starts_with(SSO) || (path.starts_with(SAML) && path.ends_with("/acs"))
    };
    let query = Query::parse(uri.query());
    known.then(|| text::of(&browser::languages(headers, &query)))
}

fn client(call: &Call) -> SignInClient<Link> {
    SignInClient::new(call.surface.links.identity.clone())
}

async fn show_sign_in(call: Call) -> Outcome {
    let message = BeginRequest {
        browser: Some(browser::of(&call)),
        parameters: Vec::new(),
    };
    let step = client(&call).begin(message).await?.into_inner();
    answer(&call, step)
}

async fn sign_in(call: Call) -> Outcome {
    let mut filled = Filled::read(&call)?;
    let message = ContinueRequest {
        browser: Some(browser::of(&call)),
        form: filled.take("form"),
        action: filled.take("action"),
        fields: filled.0,
    };
    let step = client(&call).r#continue(message).await?.into_inner();
    answer(&call, step)
}

async fn show_account(call: Call) -> Outcome {
    let message = ReadAccountRequest {
        browser: Some(browser::of(&call)),
    };
    let step = client(&call).read_account(message).await?.into_inner();
    answer(&call, step)
}

async fn sign_out(call: Call) -> Outcome {
    let mut filled = Filled::read(&call)?;
    let message = SignOutRequest {
        browser: Some(browser::of(&call)),
        form: filled.take("form"),
        session_id: filled.take("session_id"),
        parameters: Vec::new(),
    };
    let step = client(&call).sign_out(message).await?.into_inner();
    answer(&call, step)
}

/// What was filled in, in one of our own forms.
struct Filled(Vec<Parameter>);

impl Filled {
    fn read(call: &Call) -> Result<Self, Failure> {
        browser::expect_own_form(call)?;
        let form = call.form()?;
        let fits = form.len() <= MOST_FIELDS
            && form
                .iter()
                .all(|(name, text)| !name.chars().chain(text.chars()).any(char::is_control));
        if !fits {
            return Err(Failure::malformed("the form is not one of ours"));
        }
        let field = |(name, text)| Parameter { name, text };
        let filled = Self(form.into_iter().map(field).collect());
        // the value that only our page knows
        let own = |field: &Parameter| field.name == "form" && !field.text.is_empty();
        if filled.0.iter().any(own) {
            Ok(filled)
        } else {
            Err(browser::foreign())
        }
    }

    /// The only text of a field, which is then no longer among the others; empty when it is absent or
    /// comes more than once.
    fn take(&mut self, name: &str) -> String {
        let (mut found, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|field| field.name == name);
        self.0 = rest;
        let last = found.pop().filter(|_| found.is_empty());
        last.map(|field| field.text).unwrap_or_default()
    }
}

/// What identity wants the browser to do.
fn answer(call: &Call, step: SignInStep) -> Outcome {
    let mut response = match step.next {
        Some(Next::Page(page)) => {
            let mut response = render::page(&page)?;
            if page.busy {
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                let wait = HeaderValue::from(BUSY_SECONDS);
                response.headers_mut().insert(RETRY_AFTER, wait);
            } else if !page.problem.is_empty() {
                *response.status_mut() = StatusCode::BAD_REQUEST;
            }
            response
        }
        Some(Next::RedirectUrl(url)) => {
            let mut response = Response::new(Body::empty());
            // never 307: what was filled in stays here
            *response.status_mut() = StatusCode::SEE_OTHER;
            let place = HeaderValue::try_from(url).map_err(|_| broken("an odd redirect"))?;
            response.headers_mut().insert(LOCATION, place);
            render::protect(&mut response, "");
            response
        }
        Some(Next::Refusal(refusal)) => render::refusal(&refusal)?,
        None => return Err(broken("a step that leads nowhere")),
    };
    let now = call.surface.clock.now();
    for cookie in &step.cookies {
        let value = browser::set_cookie(cookie, now).ok_or_else(|| broken("an odd cookie"))?;
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

/// Identity said what nobody can follow.
fn broken(what: &str) -> Failure {
    tracing::error!(what, "identity's answer makes no sense");
    Failure::internal()
}
