//! Somebody wants to be signed in no more.

use kit::audit;

use crate::{
    app::{
        State,
        session::revoke_one,
        sign_in::{
            ACCOUNT, Browser, Cookie, Next, Reply, SCOPE,
            account::{is_form, read_account, session_of},
            told,
        },
        tell::tell,
    },
    domain::session::SessionId,
    error::Error,
    store::session,
};

/// Ends this session, or another one of the same person. Only the account page's form does: whom a
/// foreign page sends here is asked first.
pub(crate) async fn sign_out(
    state: &State,
    browser: &Browser,
    form: &str,
    other: Option<SessionId>,
) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(SCOPE).await?;
    let Some(this) = session_of(&mut tx, browser, now).await? else {
        return Ok(signed_out(browser));
    };
    if !is_form(&browser.session, form) {
        drop(tx);
        return read_account(state, browser).await;
    }
    let ended = other.unwrap_or(this.id);
    if session::end_own(&mut tx, this.account, ended).await? {
        let act = told::of(this.account, browser, audit::nobody("session.ended"));
        let act = act.target("session", ended);
        tell(&mut tx, state, this.account.partner, act, now).await?;
        revoke_one(&mut tx, state, this.account.partner, ended.uuid(), now).await?;
    }
    tx.commit().await?;
    if ended == this.id {
        return Ok(signed_out(browser));
    }
    Ok(Reply::new(Next::Redirect(ACCOUNT)))
}

fn signed_out(browser: &Browser) -> Reply {
    Reply {
        session: Cookie::Take,
        ..Reply::new(Next::SignedOut(browser.language()))
    }
}
