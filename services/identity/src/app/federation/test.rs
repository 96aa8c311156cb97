//! A partner tries its provider before anybody depends on it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use kit::auth::Caller;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::{
        State,
        federation::depart::depart,
        provider::tenant_to_change,
        sign_in::{Browser, Next, Reply, SCOPE},
    },
    domain::{
        provider::State as Stands,
        round_trip::{LIFE, Purpose},
    },
    error::Error,
    store::provider,
};

/// What tickets are sealed as.
const TICKET: &str = "identity_provider/test";

#[derive(Serialize, Deserialize)]
struct Ticket {
    connection: Uuid,
    ends_at: DateTime<Utc>,
}

/// An address that begins a test in whatever browser opens it, and until when.
pub(crate) async fn begin(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<(String, DateTime<Utc>), Error> {
    let partner = tenant_to_change(state, caller).await?;
    let mut tx = state.context.db.begin(caller.scope()).await?;
    let found = provider::find(&mut tx, Some(partner), id).await?;
    let found = found.ok_or(Error::Missing("identity provider"))?;
    let ends_at = state.context.clock.now() + LIFE;
    let ticket = Ticket {
        connection: id,
        ends_at,
    };
    let text = serde_json::to_vec(&ticket).map_err(|broken| Error::Signing(broken.into()))?;
    let sealed = state.sealer.seal(TICKET, &text);
    let sealed = sealed.map_err(|broken| Error::Signing(broken.into()))?;
    let ticket = URL_SAFE_NO_PAD.encode(sealed);
    let url = format!(
        "{}/single-sign-on/{}/test?ticket={ticket}",
        state.issuer, found.id
    );
    Ok((url, ends_at))
}

/// Somebody opens the address.
pub(crate) async fn open(
    state: &State,
    browser: &Browser,
    connection: Uuid,
    ticket: &str,
) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let language = browser.language();
    let over = || Ok(Reply::new(Next::Refused("SIGN_IN_ENDED", language)));
    let Some(ticket) = read(state, ticket) else {
        return over();
    };
    if ticket.connection != connection || ticket.ends_at <= now {
        return over();
    }
    let mut tx = state.context.db.begin(SCOPE).await?;
    let found = provider::find(&mut tx, None, connection).await?;
    let Some(found) = found.filter(|found| found.state != Stands::Disabled) else {
        return over();
    };
    let reply = depart(state, &mut tx, &found, Purpose::Test, language, now).await?;
    tx.commit().await?;
    Ok(reply)
}

fn read(state: &State, text: &str) -> Option<Ticket> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = state.sealer.open(TICKET, &sealed).ok()?;
    serde_json::from_slice(&text).ok()
}
