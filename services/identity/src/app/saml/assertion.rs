//! A browser brings what a SAML provider says.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use kit::email::Email;
use serde_json::json;
use uuid::Uuid;

use crate::{
    app::{
        State,
        federation::{self, arrive},
        saml::{keys, ours},
        sign_in::{Browser, Reply, SCOPE},
    },
    domain::{
        provider::{Provider, Speaks, State as Stands},
        round_trip::{self, Memory, Purpose, Question},
        saml::{
            consumer::{Consumer as _, SamlRs},
            guard::{self, Message},
            refusal::Refusal,
            settings::{Asserted, Connection, Expected},
        },
        secret::SecretHash,
    },
    error::Error,
    store::{
        provider,
        round_trip::{self as trips, Key},
        saml,
    },
};

/// Ways to prove oneself that take a second factor.
const TWO_FACTORS: &[&str] = &[
    "https://refeds.org/profile/mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
];

/// Ends a round trip. Whatever is wrong, the browser is told the same.
pub(crate) async fn receive(
    state: &State,
    browser: &Browser,
    connection: Uuid,
    response: &str,
    relay_state: &str,
) -> Result<Reply, Error> {
    let now = state.context.clock.now();
    let mut tx = state.context.db.begin(SCOPE).await?;
    let found = provider::find(&mut tx, None, connection).await?;
    let Some((provider, saml)) = found.and_then(speaks_saml) else {
        drop(tx);
        return arrive::refused(state, browser, None, None, "PROVIDER_UNKNOWN").await;
    };
    let memory = asked(&mut tx, browser, &provider, &saml, relay_state, now).await?;
    let Some(memory) = memory else {
        drop(tx);
        let reason = Refusal::ROUND_TRIP.reason();
        return arrive::refused(state, browser, Some(&provider), None, reason).await;
    };
    let sealed = provider::secrets(&mut tx, provider.partner, provider.id).await?;
    let own = keys::open(state, provider.id, &sealed)?;
    let Question::Saml {
        request_id,
        fresh_since,
    } = &memory.question;
    let expected = Expected {
        request_id: (!request_id.is_empty()).then(|| request_id.clone()),
        fresh_since: *fresh_since,
    };
    let asserted = guard::posted(response, Message::Response).and_then(|document| {
        let ours = ours(state, provider.id);
        SamlRs.consume(&saml.provider, &ours, &own, &expected, &document, now)
    });
    let asserted = match asserted {
        Ok(asserted) => asserted,
        Err(refusal) => {
            // the round trip is used up all the same: nobody tries twice
            tx.commit().await?;
            let reason = refusal.reason();
            return arrive::refused(state, browser, Some(&provider), Some(&memory), reason).await;
        }
    };
    let used = used(&saml, &asserted);
    if !saml::use_up(&mut tx, &used, asserted.usable_until).await? {
        tx.commit().await?;
        let reason = Refusal::REPLAYED.reason();
        return arrive::refused(state, browser, Some(&provider), Some(&memory), reason).await;
    }
    let asserted = translate(&asserted, &provider);
    arrive::arrive(state, tx, browser, provider, &memory, asserted).await
}

fn speaks_saml(provider: Provider) -> Option<(Provider, Connection)> {
    match &provider.settings.speaks {
        Speaks::Saml(saml) => {
            let saml = saml.as_ref().clone();
            Some((provider, saml))
        }
        Speaks::Oidc(_) => None,
    }
}

/// What was asked, of this browser and of this connection; or nothing, where answers are taken that nobody
/// asked for.
async fn asked(
    tx: &mut kit::db::Tx,
    browser: &Browser,
    provider: &Provider,
    saml: &Connection,
    relay_state: &str,
    now: DateTime<Utc>,
) -> Result<Option<Memory>, Error> {
    if round_trip::is_state(relay_state) && !browser.sso.is_empty() {
        let key = Key {
            state: SecretHash::of(relay_state),
            browser: SecretHash::of(&browser.sso),
        };
        let memory = trips::take(tx, key, provider.id.uuid(), now).await?;
        if memory.is_some() {
            return Ok(memory.filter(|memory| memory.purpose != Purpose::SignOut));
        }
    }
    let welcome = saml.provider.unsolicited_allowed && provider.state == Stands::Active;
    // where the provider wants the browser to go stays unread (S92)
    Ok(welcome.then(|| Memory {
        purpose: Purpose::SignIn(String::new()),
        question: Question::Saml {
            request_id: String::new(),
            fresh_since: saml.provider.force_authentication.then_some(now),
        },
        language: browser.language(),
    }))
}

/// What must not be used again: the assertion and the response, by who made them. Another connection with the
/// same provider is no other place (S72).
fn used(saml: &Connection, asserted: &Asserted) -> [[u8; 32]; 2] {
    let key = |kind: &str, id: &str| {
        let text = [kind, &saml.provider.entity_id, id].join("\n");
        let mut key = [0; 32];
        key.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        key
    };
    [
        key("assertion", &asserted.assertion_id),
        key("response", &asserted.response_id),
    ]
}

fn translate(asserted: &Asserted, provider: &Provider) -> federation::Asserted {
    let two = asserted
        .context_class
        .as_deref()
        .is_some_and(|class| TWO_FACTORS.contains(&class));
    let mut methods = vec!["fed".to_owned()];
    if two && provider.settings.trusted_for_factors {
        methods.push("mfa".to_owned());
    }
    let mut findings = vec![
        ("NameID".to_owned(), asserted.subject.value.clone()),
        ("Format".to_owned(), asserted.subject.format.clone()),
    ];
    findings.extend(
        asserted
            .context_class
            .iter()
            .map(|class| ("AuthnContextClassRef".to_owned(), class.clone())),
    );
    findings.extend(
        asserted
            .attributes
            .iter()
            .map(|(name, values)| (name.clone(), values.join(", "))),
    );
    let subject = asserted.subject.key();
    federation::Asserted {
        email: asserted.email().and_then(Email::parse),
        methods,
        authenticated_at: asserted.authenticated_at,
        ends_at: asserted.session_ends_at,
        upstream: json!({
            "subject": subject,
            "name": asserted.subject,
            "session_index": asserted.session_index,
        })
        .to_string(),
        subject,
        findings,
    }
}
