//! Client credentials grant (RFC 6749 section 4.4): one read, no write.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    auth::{CallerKind, Claims, ISSUER},
    id::PartnerId,
    scope::Scope,
};

use crate::{
    app::{State, keyring},
    domain::{client::ClientKind, scope, secret::SecretHash},
    error::Error,
    store::client,
};

/// A token with what its holder is told about it.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The JWT.
    pub(crate) token: String,
    /// When it ends.
    pub(crate) expires_at: DateTime<Utc>,
    /// The scopes it carries.
    pub(crate) scopes: Vec<String>,
    /// Whether its partner is suspended.
    pub(crate) suspended: bool,
}

/// What a token is to say.
pub(crate) struct Grant {
    /// Client or person.
    pub(crate) subject: String,
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// Kind of caller.
    pub(crate) kind: CallerKind,
    /// Scopes.
    pub(crate) scopes: Vec<String>,
    /// The parent that acts.
    pub(crate) actor: Option<PartnerId>,
    /// Whether the tenant is suspended.
    pub(crate) suspended: bool,
    /// How long it lives.
    pub(crate) life: TimeDelta,
}

/// Issues a token to a client.
pub(crate) async fn issue_token(
    state: &State,
    client_id: &str,
    client_secret: &str,
    wanted: &[String],
) -> Result<Issued, Error> {
    let scope = Scope::Whole("a client signs in before its tenant is known");
    let mut tx = state.context.db.begin(scope).await?;
    let found = client::sign_in(&mut tx, client_id).await?;
    drop(tx);
    // An unknown client costs the same comparison, so that the time tells nothing either.
    let stored = found
        .as_ref()
        .map_or(&[0; 32][..], |found| found.secret_hash.as_slice());
    let known = SecretHash::matches(stored, client_secret);
    let (Some(found), true) = (found, known) else {
        return Err(Error::InvalidClient);
    };

    let scopes = scope::choose(&found.client.scopes, wanted).map_err(Error::InvalidScope)?;
    let grant = Grant {
        subject: found.client.id,
        partner: found.client.partner_id,
        kind: caller_kind(found.client.kind),
        scopes,
        actor: None,
        suspended: found.suspended,
        // only a sub-partner can be suspended, and that must not wait for half a day (R-1106)
        life: if found.sub_partner {
            state.config.acting_token_life()
        } else {
            state.config.token_life()
        },
    };
    issue(state, grant).await
}

/// Issues what was granted.
pub(crate) async fn issue(state: &State, grant: Grant) -> Result<Issued, Error> {
    let now = state.context.clock.now();
    // whole seconds, as the token says it
    let exp = (now + grant.life).timestamp();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: grant.subject,
        exp,
        iat: now.timestamp(),
        jti: state.context.ids.uuid().to_string(),
        partner: grant.partner,
        kind: grant.kind,
        scope: grant.scopes.join(" "),
        act: grant.actor,
        suspended: grant.suspended,
    };
    let token = keyring::sign(state, &claims).await?;
    let expires_at = DateTime::from_timestamp(exp, 0).unwrap_or(now);
    Ok(Issued {
        token,
        expires_at,
        scopes: grant.scopes,
        suspended: grant.suspended,
    })
}

fn caller_kind(kind: ClientKind) -> CallerKind {
    match kind {
        ClientKind::Operator => CallerKind::Operator,
        ClientKind::Partner => CallerKind::Partner,
        ClientKind::Reviewer => CallerKind::Reviewer,
        ClientKind::Service => CallerKind::Service,
    }
}
