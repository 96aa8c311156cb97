//! Client credentials grant (RFC 6749 section 4.4): one read, no write.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    access::Role,
    auth::{API, Act, CallerKind, Claims, INTERNAL, OrgKind},
    id::PartnerId,
    scope::Scope,
};
use uuid::Uuid;

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
#[derive(Debug)]
pub(crate) struct Grant {
    /// Client or person.
    pub(crate) subject: String,
    /// The client that gets it.
    pub(crate) client: String,
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// The organization that it speaks for, and of which kind that is.
    pub(crate) organization: (Uuid, OrgKind),
    /// Kind of caller.
    pub(crate) kind: CallerKind,
    /// Scopes.
    pub(crate) scopes: Vec<String>,
    /// The roles that it has in the organization.
    pub(crate) roles: Vec<Role>,
    /// Who really acts.
    pub(crate) actor: Option<Act>,
    /// Whether the tenant is suspended.
    pub(crate) suspended: bool,
    /// When the rights were looked up, or earlier: what takes them away later takes the token along.
    pub(crate) asked_at: DateTime<Utc>,
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
    let asked_at = state.context.clock.now();
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
    let partner = found.client.partner_id;
    let grant = Grant {
        subject: found.client.id.clone(),
        client: found.client.id,
        partner,
        organization: (
            partner.uuid(),
            organization_kind(found.client.kind, found.sub_partner),
        ),
        kind: caller_kind(found.client.kind),
        scopes,
        roles: vec![Role::of_machine(found.client.kind.machine())],
        actor: None,
        suspended: found.suspended,
        asked_at,
        life: state.config.token_life(),
    };
    issue(state, grant).await
}

/// Issues what was granted.
pub(crate) async fn issue(state: &State, grant: Grant) -> Result<Issued, Error> {
    let now = grant.asked_at;
    // whole seconds, as the token says it
    let exp = (now + grant.life).timestamp();
    let audience = match grant.kind {
        CallerKind::Service => INTERNAL,
        _ => API,
    };
    let claims = Claims {
        iss: state.issuer.as_ref().to_owned(),
        aud: vec![audience.to_owned()],
        sub: grant.subject,
        exp,
        iat: now.timestamp(),
        nbf: now.timestamp(),
        jti: state.context.ids.uuid_at(now),
        client_id: grant.client,
        scope: grant.scopes.join(" "),
        partner: grant.partner,
        kind: grant.kind,
        org: grant.organization.0,
        org_kind: grant.organization.1,
        roles: grant
            .roles
            .into_iter()
            .map(|role| role.code().to_owned())
            .collect(),
        rst: Vec::new(),
        act: grant.actor,
        sid: None,
        amr: Vec::new(),
        auth_time: None,
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

fn organization_kind(kind: ClientKind, sub_partner: bool) -> OrgKind {
    match kind {
        ClientKind::Partner if sub_partner => OrgKind::SubPartner,
        ClientKind::Partner => OrgKind::Partner,
        ClientKind::Operator | ClientKind::Reviewer | ClientKind::Service => OrgKind::Operator,
    }
}

fn caller_kind(kind: ClientKind) -> CallerKind {
    match kind {
        ClientKind::Operator => CallerKind::Operator,
        ClientKind::Partner => CallerKind::Partner,
        ClientKind::Reviewer => CallerKind::Reviewer,
        ClientKind::Service => CallerKind::Service,
    }
}
