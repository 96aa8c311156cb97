//! Somebody is signed in.

use kit::audit;

use crate::{
    app::{
        State, session as ended,
        sign_in::{
            ACCOUNT, Cookie, Next, Reply, SCOPE,
            proceed::{Filled, late},
            told,
        },
        tell::tell,
    },
    domain::{
        phc::Phc,
        secret::SecretHash,
        session::{self, Session, SessionId},
        sign_in::Passed,
    },
    error::Error,
    store::{
        attempt,
        flow::{self, Turn},
        one_time_password, password, person, session as sessions,
    },
};

/// What happens with it.
pub(super) enum Also {
    /// No more.
    Nothing,
    /// The password was hashed at another cost.
    Rehash(Phc, Phc),
    /// There is a new password.
    Password(Phc),
}

/// Ends the sign-in and the session that the browser had, and begins a new one (A34).
pub(super) async fn finish(
    state: &State,
    filled: &Filled<'_>,
    at: Turn,
    passed: Passed,
    also: Also,
) -> Result<Reply, Error> {
    let context = &state.context;
    let now = context.clock.now();
    let account = passed.account();
    let mut tx = context.db.begin(SCOPE).await?;
    // the sign-in's row is what makes this happen once
    if !flow::end(&mut tx, at).await? {
        drop(tx);
        return late(state, filled.browser).await;
    }
    match also {
        Also::Nothing => {}
        Also::Rehash(old, new) => password::rehash(&mut tx, account, &old, &new).await?,
        Also::Password(phc) => {
            // the one that led here is used up: this one was made since, to take its place
            if one_time_password::exists(&mut tx, account, now).await? {
                tx.commit().await?;
                return late(state, filled.browser).await;
            }
            password::set(&mut tx, account, &phc, now).await?;
            let act = told::of(account, filled.browser, audit::nobody("password.chosen"));
            tell(&mut tx, state, account.partner, act, now).await?;
            sessions::end_all(&mut tx, account).await?;
            ended::revoke_all(&mut tx, state, account, now).await?;
            person::activate(&mut tx, account, now).await?;
        }
    }
    attempt::forget(&mut tx, SecretHash::of(&filled.flow.email)).await?;
    if !filled.browser.session.is_empty() {
        sessions::end_by_secret(&mut tx, SecretHash::of(&filled.browser.session)).await?;
    }
    let secret = context.random.token();
    let session = Session {
        id: SessionId::new(&context.ids),
        account,
        methods: passed.methods(),
        authenticated_at: now,
        seen_at: now,
        ends_at: now + session::LIFE,
        address: filled.browser.place.address.clone(),
        agent: filled.browser.place.agent.clone(),
    };
    sessions::insert(&mut tx, &session, SecretHash::of(&secret)).await?;
    let act = told::started(&session, filled.browser);
    tell(&mut tx, state, account.partner, act, now).await?;
    tx.commit().await?;
    Ok(Reply {
        session: Cookie::Set(secret, None),
        flow: Cookie::Take,
        ..Reply::new(Next::Redirect(ACCOUNT))
    })
}
