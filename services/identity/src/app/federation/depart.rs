//! A browser is sent to a provider.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    app::{
        State, Work,
        saml::{keys, ours},
        sign_in::{Cookie, Next, Reply},
    },
    domain::{
        language::Language,
        provider::{Provider, Speaks},
        round_trip::{self, Memory, Purpose, Question},
        saml::request::{Parameter, authn_request, redirect_url},
        secret::SecretHash,
    },
    error::Error,
    store::{
        provider,
        round_trip::{self as trips, Key},
    },
};

/// Sends a browser to a provider, and remembers what must come back: the state in the address, and a cookie
/// that binds the answer to this browser.
pub(crate) fn depart<'a>(
    state: &'a State,
    tx: &'a mut Tx,
    provider: &'a Provider,
    purpose: Purpose,
    language: Language,
    now: DateTime<Utc>,
) -> Work<'a, Reply> {
    Box::pin(async move {
        let random = &state.context.random;
        let (text, cookie) = (random.token(), random.token());
        let Some((url, question)) = ask(state, tx, provider, &text, now).await? else {
            return Ok(Reply::new(Next::Refused("PROVIDER_UNAVAILABLE", language)));
        };
        let key = Key {
            state: SecretHash::of(&text),
            browser: SecretHash::of(&cookie),
        };
        let memory = Memory {
            purpose,
            question,
            language,
        };
        let ends_at = now + round_trip::LIFE;
        trips::insert(tx, key, provider.id, &memory, now, ends_at).await?;
        Ok(Reply {
            sso: Cookie::Set(cookie, Some(ends_at)),
            ..Reply::new(Next::Leave(url))
        })
    })
}

/// The address that asks the provider, and what it is asked; none for what cannot be asked yet.
async fn ask(
    state: &State,
    tx: &mut Tx,
    provider: &Provider,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Option<(String, Question)>, Error> {
    let Speaks::Saml(connection) = &provider.settings.speaks else {
        return Ok(None);
    };
    let sealed = provider::secrets(tx, provider.partner, provider.id).await?;
    let own = keys::open(state, provider.id, &sealed)?;
    let key = own
        .first()
        .ok_or(Error::Impossible("identity_provider.secrets"))?;
    let request_id = request_id(state);
    let saml = &connection.provider;
    let message = authn_request(&ours(state, provider.id), saml, &request_id, now);
    let url = redirect_url(
        &saml.sign_in_url,
        Parameter::Request,
        &message,
        Some(text),
        key,
    );
    let url = url.map_err(|broken| Error::Signing(broken.into()))?;
    let question = Question::Saml {
        request_id,
        fresh_since: saml.force_authentication.then_some(now),
    };
    Ok(Some((url, question)))
}

/// The id of a request: 160 random bits, and no digit first.
pub(crate) fn request_id(state: &State) -> String {
    format!("_{}", hex::encode(state.context.random.bytes::<20>()))
}
