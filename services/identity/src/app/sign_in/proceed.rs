//! A form was filled in.

use crate::{
    app::{
        State,
        sign_in::{Browser, FlowPage, Next, Reply, SCOPE, choose_password, prove, resume, route},
    },
    domain::{
        secret::SecretHash,
        sign_in::{Flow, Input, Problem, Step},
    },
    error::Error,
    store::flow::{self, Key, Turn},
};

/// A form that was the one shown last.
pub(super) struct Filled<'a> {
    /// Who sent it.
    pub(super) browser: &'a Browser,
    /// Its own text.
    pub(super) form: &'a str,
    /// What is known.
    pub(super) flow: Flow,
    /// Where the sign-in is kept, and how many steps were taken before this one.
    pub(super) at: Turn,
}

impl Filled<'_> {
    /// The same page with the same form: nothing has happened, for there is no time for it now.
    fn busy(&self) -> Reply {
        Reply::new(Next::Flow(FlowPage {
            flow: self.flow.clone(),
            form: self.form.to_owned(),
            problem: None,
            busy: true,
        }))
    }
}

/// Goes on with what was typed. A form that is not the one shown last does nothing.
pub(crate) async fn proceed(
    state: &State,
    browser: &Browser,
    form: &str,
    input: Input,
) -> Result<Reply, Error> {
    let context = &state.context;
    let now = context.clock.now();
    let cookie = SecretHash::of(&browser.flow);
    let mut tx = context.db.begin(SCOPE).await?;
    let found = flow::find(&mut tx, cookie, now).await?;
    let found = found.filter(|found| SecretHash::matches(&found.form_hash, form));
    let Some(found) = found else {
        let reply = resume(state, &mut tx, browser, now, Some(Problem::Ended)).await?;
        tx.commit().await?;
        return Ok(reply);
    };

    let mut filled = Filled {
        browser,
        form,
        flow: found.flow,
        at: Turn {
            cookie,
            turn: found.turn,
        },
    };
    let done = match filled.flow.step(input) {
        Step::Show(problem) => {
            let text = context.random.token();
            let new = Key {
                cookie,
                form: SecretHash::of(&text),
            };
            if !flow::replace(&mut tx, filled.at, new, &filled.flow, now).await? {
                drop(tx);
                return late(state, browser).await;
            }
            tx.commit().await?;
            return Ok(Reply::page(filled.flow, text, problem));
        }
        Step::Route(email) => return route::route(state, tx, filled, &email).await,
        // a hash takes its time, and no connection meanwhile
        Step::Prove(email, credential) => {
            drop(tx);
            prove::prove(state, &filled, &email, credential).await
        }
        Step::Keep(account, password) => {
            drop(tx);
            choose_password::choose_password(state, &filled, account, &password).await
        }
    };
    match done {
        Err(Error::Busy) => Ok(filled.busy()),
        done => done,
    }
}

/// Somebody else was faster with the same form: shows where that has led.
pub(super) async fn late(state: &State, browser: &Browser) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(SCOPE).await?;
    let reply = resume(state, &mut tx, browser, now, Some(Problem::Ended)).await?;
    tx.commit().await?;
    Ok(reply)
}
