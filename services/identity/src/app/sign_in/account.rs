//! Who is signed in, and where.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    app::{
        State,
        sign_in::{AccountPage, Browser, Cookie, Next, Reply, SCOPE, SIGN_IN},
    },
    domain::{secret::SecretHash, session::Session},
    error::Error,
    store::{organization, person, session},
};

/// Most sessions that are shown.
const MOST: i64 = 20;

/// The live session of a browser; its use is noted.
pub(super) async fn session_of(
    tx: &mut Tx,
    browser: &Browser,
    now: DateTime<Utc>,
) -> Result<Option<Session>, Error> {
    if browser.session.is_empty() {
        return Ok(None);
    }
    let found = session::find(tx, SecretHash::of(&browser.session), now).await?;
    if let Some(found) = &found
        && found.is_to_be_noted(now)
    {
        session::note(tx, found, now).await?;
    }
    Ok(found)
}

/// Shows who is signed in; leads to the sign-in page when nobody is.
pub(crate) async fn read_account(state: &State, browser: &Browser) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(SCOPE).await?;
    let Some(session) = session_of(&mut tx, browser, now).await? else {
        let session = if browser.session.is_empty() {
            Cookie::Keep
        } else {
            Cookie::Take
        };
        return Ok(Reply {
            session,
            ..Reply::new(Next::Redirect(SIGN_IN))
        });
    };
    let page = page(&mut tx, browser, session, now).await?;
    tx.commit().await?;
    Ok(Reply::new(Next::Account(page)))
}

async fn page(
    tx: &mut Tx,
    browser: &Browser,
    this: Session,
    now: DateTime<Utc>,
) -> Result<AccountPage, Error> {
    let account = this.account;
    let tenant = Some(account.partner);
    let person = person::find(tx, tenant, account.person.uuid()).await?;
    let person = person.ok_or(Error::Impossible("session.person_id"))?;
    let organization = organization::find(tx, tenant, account.organization.uuid()).await?;
    let organization = organization.ok_or(Error::Impossible("session.organization_id"))?;
    let mut sessions = session::list(tx, account, None, now, MOST).await?;
    let id = this.id;
    sessions.retain(|session| session.id != id);
    sessions.insert(0, this);
    Ok(AccountPage {
        form: form(&browser.session),
        email: person.email,
        person: format!("{} {}", person.first_name, person.last_name),
        organization: organization.profile.display_name,
        this: id,
        sessions,
        language: browser.language(),
    })
}

/// What proves that the account page of this session was filled in. Who knows it does not know the
/// cookie.
pub(super) fn form(cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&form_key(cookie), FORM).as_ref())
}

/// Whether this is the form of the session.
pub(super) fn is_form(cookie: &str, form: &str) -> bool {
    let tag = URL_SAFE_NO_PAD.decode(form).unwrap_or_default();
    hmac::verify(&form_key(cookie), FORM, &tag).is_ok()
}

const FORM: &[u8] = b"account form";

fn form_key(cookie: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_one_session() {
        assert!(is_form("one", &form("one")));
        assert!(!is_form("two", &form("one")));
        assert!(!is_form("one", ""));
        assert!(!is_form("one", "%"));
    }
}
