//! A password was typed.

use kit::email::Email;

use crate::{
    app::{
        State,
        hasher::Slot,
        sign_in::{
            Cookie, Reply, SCOPE,
            finish::{self, Also},
            proceed::{Filled, late},
            told,
        },
    },
    domain::{
        one_time_password::OneTimePassword,
        password::Password,
        phc::Phc,
        secret::SecretHash,
        sign_in::{Account, Credential, Onward, Problem, Proof},
    },
    error::Error,
    store::{
        attempt,
        flow::{self, Key},
        one_time_password,
        password::{self, Credentials},
    },
};

/// A try that was counted.
struct Counted {
    /// What the address can be recognised by; none when nobody has it.
    found: Option<Credentials>,
    /// The next form.
    form: String,
}

/// Finds out whether a password is right. Unknown and wrong are one answer after the same work (A30).
pub(super) async fn prove(
    state: &State,
    filled: &Filled<'_>,
    email: &Email,
    credential: Credential,
) -> Result<Reply, Error> {
    match credential {
        Credential::Password(typed) => {
            // before the try is counted: a refusal for want of time is no failure
            let slot = state.hasher.slot().await?;
            let counted = match count(state, filled, email).await? {
                Ok(counted) => counted,
                Err(refused) => return Ok(refused),
            };
            by_password(state, filled, counted, &slot, &typed).await
        }
        Credential::OneTime(typed) => {
            let counted = match count(state, filled, email).await? {
                Ok(counted) => counted,
                Err(refused) => return Ok(refused),
            };
            by_one_time(state, filled, counted, &typed).await
        }
    }
}

/// Counts the try and reads what to compare with; or the answer, when there is nothing to try.
async fn count(
    state: &State,
    filled: &Filled<'_>,
    email: &Email,
) -> Result<Result<Counted, Reply>, Error> {
    let context = &state.context;
    let now = context.clock.now();
    let form = context.random.token();
    let mut tx = context.db.begin(SCOPE).await?;
    let new = Key {
        cookie: filled.at.cookie,
        form: SecretHash::of(&form),
    };
    if !flow::replace(&mut tx, filled.at, new, &filled.flow, now).await? {
        drop(tx);
        return Ok(Err(late(state, filled.browser).await?));
    }
    let may_try = attempt::count(&mut tx, subject(email), now).await?;
    let found = password::credentials(&mut tx, email, now).await?;
    tx.commit().await?;
    if may_try {
        return Ok(Ok(Counted { found, form }));
    }
    let whose = found.map(|found| found.account);
    let problem = Problem::TooManyTries;
    told::refused(state, filled.browser, subject(email), whose, problem).await?;
    let refused = Reply::page(filled.flow.clone(), form, Some(Problem::TooManyTries));
    Ok(Err(refused))
}

fn subject(email: &Email) -> SecretHash {
    SecretHash::of(email.as_str())
}

async fn wrong(
    state: &State,
    filled: &Filled<'_>,
    form: String,
    whose: Option<Account>,
) -> Result<Reply, Error> {
    let problem = Problem::WrongCredentials;
    let subject = SecretHash::of(&filled.flow.email);
    told::refused(state, filled.browser, subject, whose, problem).await?;
    Ok(Reply::page(filled.flow.clone(), form, Some(problem)))
}

async fn by_password(
    state: &State,
    filled: &Filled<'_>,
    counted: Counted,
    slot: &Slot,
    typed: &Password,
) -> Result<Reply, Error> {
    let Counted { found, form } = counted;
    let whose = found.as_ref().map(|found| found.account);
    let known: Option<(Account, Phc)> = found.and_then(|found| Some((found.account, found.phc?)));
    let stored = known.as_ref().map_or(&Phc::NOBODY, |(_, phc)| phc);
    let matches = slot.verify(typed, stored).await?;
    let (Some((account, old)), true) = (known, matches) else {
        return wrong(state, filled, form, whose).await;
    };
    let also = if old.is_outdated() {
        let salt = state.context.random.bytes();
        let new = slot.hash(typed, salt).await?;
        Also::Rehash(old, new)
    } else {
        Also::Nothing
    };
    let at = filled.at.next();
    match filled.flow.clone().proved(account, Proof::Password) {
        Onward::Passed(passed) => finish::finish(state, filled, at, passed, also).await,
        Onward::Flow(_) => Err(Error::Impossible("sign_in.flow")),
    }
}

async fn by_one_time(
    state: &State,
    filled: &Filled<'_>,
    counted: Counted,
    typed: &OneTimePassword,
) -> Result<Reply, Error> {
    let Counted { found, form } = counted;
    let hash = typed.hash();
    let whose = found.as_ref().map(|found| found.account);
    let right = found.filter(|found| found.one_time.as_deref() == Some(hash.as_bytes()));
    let Some(found) = right else {
        return wrong(state, filled, form, whose).await;
    };
    let Onward::Flow(flow) = filled.flow.clone().proved(found.account, Proof::OneTime) else {
        return Err(Error::Impossible("sign_in.flow"));
    };

    let context = &state.context;
    let now = context.clock.now();
    // who knew the cookie before must not come along (A34)
    let (cookie, next_form) = (context.random.token(), context.random.token());
    let new = Key {
        cookie: SecretHash::of(&cookie),
        form: SecretHash::of(&next_form),
    };
    let mut tx = context.db.begin(SCOPE).await?;
    if !flow::replace(&mut tx, filled.at.next(), new, &flow, now).await? {
        drop(tx);
        return late(state, filled.browser).await;
    }
    if !one_time_password::use_up(&mut tx, found.account, hash, now).await? {
        drop(tx);
        return wrong(state, filled, form, whose).await;
    }
    attempt::forget(&mut tx, SecretHash::of(&flow.email)).await?;
    tx.commit().await?;
    let ends_at = now + crate::domain::sign_in::LIFE;
    Ok(Reply {
        flow: Cookie::Set(cookie, Some(ends_at)),
        ..Reply::page(flow, next_form, None)
    })
}
