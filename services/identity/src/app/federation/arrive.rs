//! A browser comes back from a provider, which says who it is.

use chrono::{DateTime, Utc};
use kit::{audit, db::Tx};

use crate::{
    app::{
        State, Work,
        federation::Asserted,
        sign_in::{ACCOUNT, Browser, Cookie, Finding, Next, Reply, SCOPE, told},
        tell::{tell, tell_operator},
    },
    domain::{
        language::Language,
        linking::{Decision, decide},
        provider::{Provider, State as Stands},
        round_trip::{Memory, Purpose},
        secret::SecretHash,
        session::{self, Session, SessionId},
        sign_in::Account,
    },
    error::Error,
    store::{
        federated::{self, By},
        flow, person, provider as providers, session as sessions,
    },
};

/// The one word that browsers get for whatever went wrong (S85).
const FAILED: &str = "SIGN_IN_FAILED";

/// Somebody was not let in: why stands in the audit, and is shown to whoever tests its own provider.
pub(crate) fn refused<'a>(
    state: &'a State,
    browser: &'a Browser,
    provider: Option<&'a Provider>,
    memory: Option<&'a Memory>,
    reason: &'static str,
) -> Work<'a, Reply> {
    Box::pin(async move {
        let now = state.context.clock.now();
        let mut tx = state.context.db.begin(SCOPE).await?;
        note(state, &mut tx, browser, provider, reason, now).await?;
        tx.commit().await?;
        let language = memory.map_or_else(|| browser.language(), |memory| memory.language);
        let next = match memory.map(|memory| &memory.purpose) {
            Some(Purpose::Test) => Next::Findings(vec![Finding::problem(reason)], language),
            _ => Next::Refused(FAILED, language),
        };
        Ok(Reply {
            sso: Cookie::Take,
            ..Reply::new(next)
        })
    })
}

fn note<'a>(
    state: &'a State,
    tx: &'a mut Tx,
    browser: &'a Browser,
    provider: Option<&'a Provider>,
    reason: &'static str,
    now: DateTime<Utc>,
) -> Work<'a, ()> {
    Box::pin(async move {
        let act = audit::nobody("sign_in.refused")
            .refused(reason)
            .address(&browser.place.address);
        match provider {
            Some(provider) => {
                let act = act
                    .organization(provider.partner.uuid())
                    .target("identity_provider", provider.id);
                tell(tx, state, provider.partner, act, now).await
            }
            None if state.gate.lets_through(
                SecretHash::of(&browser.place.address),
                reason,
                now,
            ) =>
            {
                tell_operator(tx, state, act, now).await
            }
            None => Ok(()),
        }
    })
}

/// What comes of it, in the transaction in which the answer was used up.
pub(crate) fn arrive<'a>(
    state: &'a State,
    mut tx: Tx,
    browser: &'a Browser,
    mut provider: Provider,
    memory: &'a Memory,
    asserted: Asserted,
) -> Work<'a, Reply> {
    Box::pin(async move {
        let now = state.context.clock.now();
        if memory.purpose == Purpose::Test {
            provider.tested(now);
            providers::update(&mut tx, &provider, None).await?;
            let act = audit::nobody("identity_provider.tested")
                .organization(provider.partner.uuid())
                .target("identity_provider", provider.id)
                .address(&browser.place.address);
            tell(&mut tx, state, provider.partner, act, now).await?;
            tx.commit().await?;
            let findings = asserted.findings.into_iter().map(Finding::from).collect();
            return Ok(Reply {
                sso: Cookie::Take,
                ..Reply::new(Next::Findings(findings, memory.language))
            });
        }
        // whoever took it out of use meanwhile meant this one, too (R26)
        if provider.state != Stands::Active {
            return turned_away(
                state,
                tx,
                browser,
                &provider,
                memory,
                "PROVIDER_NOT_IN_USE",
                now,
            )
            .await;
        }
        let account = match whom(&mut tx, &provider, &asserted, now).await? {
            Ok(account) => account,
            Err(why) => return turned_away(state, tx, browser, &provider, memory, why, now).await,
        };
        enter(
            state, tx, browser, &provider, memory, account, asserted, now,
        )
        .await
    })
}

/// The answer stays used up, and nobody comes in.
async fn turned_away(
    state: &State,
    mut tx: Tx,
    browser: &Browser,
    provider: &Provider,
    memory: &Memory,
    reason: &'static str,
    now: DateTime<Utc>,
) -> Result<Reply, Error> {
    note(state, &mut tx, browser, Some(provider), reason, now).await?;
    tx.commit().await?;
    Ok(refusal(memory.language))
}

fn refusal(language: Language) -> Reply {
    Reply {
        sso: Cookie::Take,
        ..Reply::new(Next::Refused(FAILED, language))
    }
}

/// Who it is, remembered from now on.
async fn whom(
    tx: &mut Tx,
    provider: &Provider,
    asserted: &Asserted,
    now: DateTime<Utc>,
) -> Result<Result<Account, &'static str>, Error> {
    let (partner, id) = (provider.partner, provider.id);
    let subject = asserted.subject.as_str();
    let by_subject = federated::candidate(tx, partner, id, By::Subject(subject)).await?;
    let by_address = match &asserted.email {
        Some(email) if by_subject.is_none() => {
            federated::candidate(tx, partner, id, By::Address(email)).await?
        }
        _ => None,
    };
    let account = match decide(by_subject, by_address) {
        Decision::Known(account) | Decision::Link(account) => account,
        Decision::Nobody(why) => return Ok(Err(why.reason())),
    };
    if federated::remember(tx, account, id, subject, now).await? {
        Ok(Ok(account))
    } else {
        Ok(Err("NOT_KNOWN_HERE"))
    }
}

/// Ends the sign-in and the session that the browser had, and begins a new one (A34).
#[expect(
    clippy::too_many_arguments,
    reason = "all of it is needed once, at the end"
)]
async fn enter(
    state: &State,
    mut tx: Tx,
    browser: &Browser,
    provider: &Provider,
    memory: &Memory,
    account: Account,
    asserted: Asserted,
    now: DateTime<Utc>,
) -> Result<Reply, Error> {
    let context = &state.context;
    if let Purpose::SignIn(flow) = &memory.purpose
        && let Ok(hash) = hex::decode(flow)
    {
        flow::forget(&mut tx, &hash).await?;
    }
    if !browser.session.is_empty() {
        sessions::end_by_secret(&mut tx, SecretHash::of(&browser.session)).await?;
    }
    person::activate(&mut tx, account, now).await?;
    let longest = now + session::LIFE;
    let secret = context.random.token();
    let session = Session {
        id: SessionId::new(&context.ids),
        account,
        methods: asserted.methods,
        authenticated_at: asserted.authenticated_at.min(now),
        seen_at: now,
        ends_at: asserted.ends_at.map_or(longest, |ends| ends.min(longest)),
        address: browser.place.address.clone(),
        agent: browser.place.agent.clone(),
    };
    sessions::insert(&mut tx, &session, SecretHash::of(&secret)).await?;
    sessions::came_through(&mut tx, &session, provider.id, &asserted.upstream).await?;
    let act = told::started(&session, browser).target("identity_provider", provider.id);
    tell(&mut tx, state, account.partner, act, now).await?;
    tx.commit().await?;
    Ok(Reply {
        session: Cookie::Set(secret, None),
        flow: Cookie::Take,
        sso: Cookie::Take,
        ..Reply::new(Next::Redirect(ACCOUNT))
    })
}
