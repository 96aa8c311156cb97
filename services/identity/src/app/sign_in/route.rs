//! An address was typed: who signs in through a provider is sent there.

use kit::{db::Tx, email::Email};

use crate::{
    app::{
        State, Work,
        federation::depart::depart,
        sign_in::{
            Next, Reply,
            proceed::{Filled, late},
        },
    },
    domain::{round_trip::Purpose, secret::SecretHash},
    store::{
        federated,
        flow::{self, Key},
        provider,
    },
};

/// Asks for the password, or sends the browser to the provider of the organization. For whoever is known
/// nowhere it is the password.
pub(super) fn route<'a>(
    state: &'a State,
    mut tx: Tx,
    mut filled: Filled<'a>,
    email: &'a Email,
) -> Work<'a, Reply> {
    Box::pin(async move {
        let now = state.context.clock.now();
        let routed = federated::route(&mut tx, email).await?;
        filled.flow.routed(routed.map(|routed| routed.connection));
        let form = state.context.random.token();
        let key = Key {
            cookie: filled.at.cookie,
            form: SecretHash::of(&form),
        };
        if !flow::replace(&mut tx, filled.at, key, &filled.flow, now).await? {
            drop(tx);
            return late(state, filled.browser).await;
        }
        let Some(routed) = routed else {
            tx.commit().await?;
            return Ok(Reply::page(filled.flow, form, None));
        };
        let language = filled.flow.language;
        let found = provider::find(&mut tx, None, routed.connection.uuid()).await?;
        let Some(found) = found.filter(|_| routed.active) else {
            tx.commit().await?;
            return Ok(Reply::new(Next::Refused("PROVIDER_UNAVAILABLE", language)));
        };
        let purpose = Purpose::SignIn(hex::encode(filled.at.cookie.as_bytes()));
        let reply = depart(state, &mut tx, &found, purpose, language, now).await?;
        tx.commit().await?;
        Ok(reply)
    })
}
