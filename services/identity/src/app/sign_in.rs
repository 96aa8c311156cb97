//! People sign in with a browser. Each use case answers with what the browser is to do next.
//!
//! Nothing that could be counted or timed tells whether anybody has an address: a try costs the same
//! reads and one hash, whoever is named.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::Random, scope::Scope};

use crate::{
    app::State,
    domain::{
        language::Language,
        secret::SecretHash,
        session::{self, Place, SessionId},
        sign_in::{self, Flow, Problem},
    },
    error::Error,
    store::flow::{self, Key},
};

pub(crate) mod account;
mod choose_password;
mod finish;
pub(crate) mod proceed;
mod prove;
mod route;
pub(crate) mod sign_out;
pub(crate) mod told;

/// Why these transactions reach every tenant.
pub(super) const SCOPE: Scope = Scope::Whole("a browser signs in before its tenant is known");
/// The account page.
pub(super) const ACCOUNT: &str = "/sign-in/account";
/// The sign-in page.
const SIGN_IN: &str = "/sign-in";

/// What a browser brings along.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    /// Text of the session cookie.
    pub(crate) session: String,
    /// Text of the flow cookie.
    pub(crate) flow: String,
    /// Text of the cookie that binds a round trip to a provider.
    pub(crate) sso: String,
    /// Where it is.
    pub(crate) place: Place,
    /// Languages it asks for, best first.
    pub(crate) languages: Vec<String>,
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Browser").field(&self.place).finish()
    }
}

impl Browser {
    pub(super) fn language(&self) -> Language {
        Language::choose(self.languages.iter().map(String::as_str))
    }
}

/// What the browser is to do next.
pub(crate) struct Reply {
    /// Show or go.
    pub(crate) next: Next,
    /// What becomes of the session cookie.
    pub(crate) session: Cookie,
    /// What becomes of the flow cookie.
    pub(crate) flow: Cookie,
    /// What becomes of the cookie of a round trip to a provider.
    pub(crate) sso: Cookie,
}

/// Show or go.
pub(crate) enum Next {
    /// Show the page of a sign-in.
    Flow(FlowPage),
    /// Show who is signed in.
    Account(AccountPage),
    /// Show that nobody is.
    SignedOut(Language),
    /// Go there.
    Redirect(&'static str),
    /// Show why it cannot go on.
    Refused(&'static str, Language),
    /// Go on elsewhere.
    Leave(String),
    /// Show what a test of a provider found.
    Findings(Vec<Finding>, Language),
}

/// A line of what a test found.
pub(crate) struct Finding {
    /// What.
    pub(crate) name: String,
    /// As it was said.
    pub(crate) text: String,
}

impl Finding {
    /// Why the test failed.
    pub(super) fn problem(reason: &str) -> Self {
        Self {
            name: "problem".to_owned(),
            text: reason.to_owned(),
        }
    }
}

impl From<(String, String)> for Finding {
    fn from((name, text): (String, String)) -> Self {
        Self { name, text }
    }
}

/// A page of a sign-in.
pub(crate) struct FlowPage {
    /// How far it has come.
    pub(crate) flow: Flow,
    /// Goes into the form.
    pub(crate) form: String,
    /// What was wrong.
    pub(crate) problem: Option<Problem>,
    /// Too many want to sign in at this moment.
    pub(crate) busy: bool,
}

/// Who is signed in.
pub(crate) struct AccountPage {
    /// Goes into the form.
    pub(crate) form: String,
    /// Address of the person.
    pub(crate) email: String,
    /// Name of the person.
    pub(crate) person: String,
    /// Name of its organization.
    pub(crate) organization: String,
    /// The session that asks.
    pub(crate) this: SessionId,
    /// All of the person's, the one that asks first.
    pub(crate) sessions: Vec<session::Session>,
    /// Language.
    pub(crate) language: Language,
}

/// What becomes of a cookie.
#[derive(Default)]
pub(crate) enum Cookie {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is set, until then or until the browser is closed.
    Set(String, Option<DateTime<Utc>>),
    /// It is taken away.
    Take,
}

impl Reply {
    pub(super) fn new(next: Next) -> Self {
        Self {
            next,
            session: Cookie::Keep,
            flow: Cookie::Keep,
            sso: Cookie::Keep,
        }
    }

    fn page(flow: Flow, form: String, problem: Option<Problem>) -> Self {
        Self::new(Next::Flow(FlowPage {
            flow,
            form,
            problem,
            busy: false,
        }))
    }
}

/// Somebody opens the sign-in page.
pub(crate) async fn begin(state: &State, browser: &Browser) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(SCOPE).await?;
    if account::session_of(&mut tx, browser, now).await?.is_some() {
        return Ok(Reply::new(Next::Redirect(ACCOUNT)));
    }
    let reply = resume(state, &mut tx, browser, now, None).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Shows the page of the sign-in under way again, with a new form; where there is none, begins one and
/// says `gone`.
async fn resume(
    state: &State,
    tx: &mut Tx,
    browser: &Browser,
    now: DateTime<Utc>,
    gone: Option<Problem>,
) -> Result<Reply, Error> {
    let random = &state.context.random;
    let cookie = SecretHash::of(&browser.flow);
    let form = random.token();
    let key = Key {
        cookie,
        form: SecretHash::of(&form),
    };
    if let Some(found) = flow::find(tx, cookie, now).await?
        && flow::show_again(tx, key, now).await?
    {
        return Ok(Reply::page(found.flow, form, None));
    }
    fresh(random, tx, Flow::new(browser.language()), now, gone).await
}

async fn fresh(
    random: &Random,
    tx: &mut Tx,
    flow: Flow,
    now: DateTime<Utc>,
    problem: Option<Problem>,
) -> Result<Reply, Error> {
    let (cookie, form) = (random.token(), random.token());
    let key = Key {
        cookie: SecretHash::of(&cookie),
        form: SecretHash::of(&form),
    };
    let ends_at = now + sign_in::LIFE;
    flow::insert(tx, key, &flow, now, ends_at).await?;
    Ok(Reply {
        flow: Cookie::Set(cookie, Some(ends_at)),
        ..Reply::page(flow, form, problem)
    })
}
