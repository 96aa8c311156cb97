//! `entrepot.identity.v1.SignIn`.

use std::sync::Arc;

use chrono::SecondsFormat;
use kit::time::to_proto;
use proto::identity::v1::{
    self as wire, BeginRequest, ContinueRequest, CookieKind, PageKind, ReadAccountRequest,
    SignInStep, SignOutRequest, sign_in_server, sign_in_step,
};
use tonic::{Request, Response, Status};

use crate::{
    app::{
        State,
        sign_in::{self, AccountPage, Browser, Cookie, FlowPage, Next, Reply},
    },
    domain::{
        session::{Place, Session, SessionId},
        sign_in::{Input, Stage},
    },
    error::Error,
};

/// The service.
#[derive(Debug)]
pub(crate) struct SignIn(pub(crate) Arc<State>);

/// Most languages that are looked at.
const MOST_LANGUAGES: usize = 20;

#[tonic::async_trait]
impl sign_in_server::SignIn for SignIn {
    async fn begin(&self, request: Request<BeginRequest>) -> Result<Response<SignInStep>, Status> {
        let browser = browser(request.into_inner().browser);
        self.answer(sign_in::begin(&self.0, &browser).await)
    }

    async fn r#continue(
        &self,
        request: Request<ContinueRequest>,
    ) -> Result<Response<SignInStep>, Status> {
        let request = request.into_inner();
        let browser = browser(request.browser);
        let input = input(&request.action, request.fields);
        let done = sign_in::proceed::proceed(&self.0, &browser, &request.form, input).await;
        self.answer(done)
    }

    async fn read_account(
        &self,
        request: Request<ReadAccountRequest>,
    ) -> Result<Response<SignInStep>, Status> {
        let browser = browser(request.into_inner().browser);
        self.answer(sign_in::account::read_account(&self.0, &browser).await)
    }

    async fn sign_out(
        &self,
        request: Request<SignOutRequest>,
    ) -> Result<Response<SignInStep>, Status> {
        let request = request.into_inner();
        let browser = browser(request.browser);
        let other: Option<SessionId> = match request.session_id.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| Error::Missing("session"))?),
        };
        let done = sign_in::sign_out::sign_out(&self.0, &browser, &request.form, other).await;
        self.answer(done)
    }
}

impl SignIn {
    fn answer(&self, done: Result<Reply, Error>) -> Result<Response<SignInStep>, Status> {
        answer(&self.0, done)
    }
}

/// What the browser is to do.
pub(super) fn answer(
    state: &State,
    done: Result<Reply, Error>,
) -> Result<Response<SignInStep>, Status> {
    let reply = done?;
    let secure = state.is_secure();
    let cookies = [
        (CookieKind::Session, reply.session),
        (CookieKind::Flow, reply.flow),
        (CookieKind::Sso, reply.sso),
    ];
    Ok(Response::new(SignInStep {
        next: Some(next(reply.next)),
        cookies: cookies
            .into_iter()
            .filter_map(|(kind, cookie)| message_of_cookie(kind, cookie, secure))
            .collect(),
    }))
}

pub(super) fn browser(told: Option<wire::Browser>) -> Browser {
    let told = told.unwrap_or_default();
    let mut languages = told.languages;
    languages.truncate(MOST_LANGUAGES);
    Browser {
        session: told.session_cookie,
        flow: told.flow_cookie,
        sso: told.sso_cookie,
        place: Place::of(&told.address, &told.agent),
        languages,
    }
}

/// What was typed. Fields of another page than the action's are not looked at.
fn input(action: &str, fields: Vec<wire::Parameter>) -> Input {
    let mut fields = fields;
    let mut take = |name: &str| {
        let place = fields.iter().position(|field| field.name == name)?;
        Some(fields.swap_remove(place).text)
    };
    let read = match action {
        "identify" => take("email").map(Input::Address),
        "password" => take("password").map(Input::Password),
        "new_password" => take("new_password")
            .zip(take("repeated"))
            .map(|(first, second)| Input::NewPassword(first, second)),
        "restart" => Some(Input::Restart),
        _ => None,
    };
    read.unwrap_or(Input::Unknown)
}

fn message_of_cookie(kind: CookieKind, cookie: Cookie, secure: bool) -> Option<wire::Cookie> {
    let (text, ends_at) = match cookie {
        Cookie::Keep => return None,
        Cookie::Set(text, ends_at) => (text, ends_at),
        Cookie::Take => (String::new(), None),
    };
    Some(wire::Cookie {
        kind: kind.into(),
        text,
        ends_at: ends_at.map(to_proto),
        secure,
    })
}

fn next(next: Next) -> sign_in_step::Next {
    match next {
        Next::Redirect(path) => sign_in_step::Next::RedirectUrl(path.to_owned()),
        Next::Leave(url) => sign_in_step::Next::RedirectUrl(url),
        Next::Refused(reason, language) => sign_in_step::Next::Refusal(wire::Refusal {
            reason: reason.to_owned(),
            language: language.tag().to_owned(),
        }),
        Next::Findings(findings, language) => sign_in_step::Next::Page(wire::Page {
            kind: PageKind::TestResult.into(),
            language: language.tag().to_owned(),
            findings: findings
                .into_iter()
                .map(|finding| wire::Parameter {
                    name: finding.name,
                    text: finding.text,
                })
                .collect(),
            ..wire::Page::default()
        }),
        Next::Flow(page) => sign_in_step::Next::Page(flow_page(page)),
        Next::Account(page) => sign_in_step::Next::Page(account_page(page)),
        Next::SignedOut(language) => sign_in_step::Next::Page(wire::Page {
            kind: PageKind::SignedOut.into(),
            language: language.tag().to_owned(),
            ..wire::Page::default()
        }),
    }
}

fn flow_page(page: FlowPage) -> wire::Page {
    let kind = match page.flow.stage {
        Stage::Identify | Stage::Away(_) => PageKind::Identifier,
        Stage::Password => PageKind::Password,
        Stage::NewPassword(_) => PageKind::NewPassword,
    };
    let problem = page.problem.map(|problem| problem.reason().to_owned());
    wire::Page {
        kind: kind.into(),
        form: page.form,
        problem: problem.unwrap_or_default(),
        email: page.flow.email,
        language: page.flow.language.tag().to_owned(),
        busy: page.busy,
        ..wire::Page::default()
    }
}

fn account_page(page: AccountPage) -> wire::Page {
    let this = page.this;
    wire::Page {
        kind: PageKind::Account.into(),
        form: page.form,
        email: page.email,
        client_name: page.person,
        brand: Some(wire::Brand {
            display_name: page.organization,
            color: String::new(),
        }),
        language: page.language.tag().to_owned(),
        choices: page
            .sessions
            .into_iter()
            .map(|session| choice(session, this))
            .collect(),
        ..wire::Page::default()
    }
}

/// A line of the list of sessions; the one that asks is ended by naming none.
fn choice(session: Session, this: SessionId) -> wire::Choice {
    let key = if session.id == this {
        String::new()
    } else {
        session.id.to_string()
    };
    let seen = session.seen_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    wire::Choice {
        key,
        label: session.agent,
        detail: format!("{} {seen}", session.address),
    }
}
