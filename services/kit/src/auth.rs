//! Who calls. Every context verifies the access token of every call itself, with the key set of the
//! identity context; the same token and the same check in one process and in many.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    access::{self, Effective, Permission, Permissions, Role, Set, Side},
    fault::{Fault, Kind, reason},
    id::PartnerId,
    scope::Scope,
    time::Clock,
};

mod revoked;
mod service;
mod verify;

pub use service::{ServiceToken, bearer, derive};
pub use verify::{KeySet, Verifier, VerifyingKey};

/// Audience of the tokens of people and clients.
pub const API: &str = "entrepot-api";
/// Audience of the tokens of contexts.
pub const INTERNAL: &str = "entrepot-internal";
/// Header with which the gateway marks calls that it makes for clients.
pub const EDGE: &str = "entrepot-edge";
/// Media type of an access token (RFC 9068), so that no other JWT of ours can pass for one.
pub const TYPE: &str = "at+jwt";

/// What an access token says (RFC 9068, and our own claims).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: the public URL of the platform.
    pub iss: String,
    /// Audience.
    pub aud: Vec<String>,
    /// Client or person.
    pub sub: String,
    /// Ends at, Unix seconds.
    pub exp: i64,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Not good before, Unix seconds.
    pub nbf: i64,
    /// Id of the token, a UUID version 7: its milliseconds are the exact time of issue.
    pub jti: Uuid,
    /// The client that got it.
    pub client_id: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// The tenant it speaks for.
    pub partner: PartnerId,
    /// Kind of caller.
    pub kind: CallerKind,
    /// The one organization it speaks for.
    pub org: Uuid,
    /// Kind of that organization.
    pub org_kind: OrgKind,
    /// Codes of the roles that are held in that organization.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Restrictions in force, each with the version of its table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rst: Vec<String>,
    /// Who really acts (RFC 8693, R-1105).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// The session it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// How the person proved who it is (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// When the person proved it, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The tenant is suspended (R-1106).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}

/// Who really acts, where a token speaks for another organization (R-1103, R-1105).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Client or person.
    pub sub: String,
    /// Its own organization.
    pub org: PartnerId,
    /// Its own session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
}

/// What kind of organization a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgKind {
    /// The platform operator.
    Operator,
    /// A partner.
    Partner,
    /// A partner of a partner.
    SubPartner,
    /// A customer.
    Customer,
}

/// What kind of party calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// The platform operator.
    Operator,
    /// A partner's back office.
    Partner,
    /// A compliance reviewer.
    Reviewer,
    /// A context of the platform.
    Service,
    /// A person of a customer's organization.
    Customer,
}

/// The verified caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Client or person.
    pub subject: String,
    /// Kind.
    pub kind: CallerKind,
    /// The tenant it speaks for.
    pub partner: PartnerId,
    /// Scopes of its token.
    pub scopes: BTreeSet<String>,
    /// Who really acts, where it is another (R-1103, R-1105).
    pub actor: Option<Act>,
    /// The tenant is suspended (R-1106).
    pub suspended: bool,
    /// The client that got the token.
    pub client: String,
    /// The one organization it speaks for.
    pub organization: Uuid,
    /// Kind of that organization.
    pub organization_kind: OrgKind,
    /// The roles that it has in that organization.
    pub roles: Vec<Role>,
    /// What it may do: what scopes and roles allow and no restriction takes away.
    pub permissions: Permissions,
    /// What a restriction took away (R-1001).
    pub masked: Permissions,
    /// The restrictions in force.
    pub restrictions: Vec<Set>,
    /// The session it comes from; clients have none.
    pub session: Option<Uuid>,
    /// Id of the token.
    pub token_id: Uuid,
    /// When the person proved who it is; clients never do.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How it proved it (RFC 8176).
    pub methods: Vec<String>,
}

impl Caller {
    /// The caller of a request that passed the authentication layer.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Fault> {
        request
            .extensions()
            .get::<std::sync::Arc<Self>>()
            .map(|caller| Self::clone(caller))
            .ok_or_else(unauthenticated)
    }

    /// Needs a scope, and something of what it is for.
    pub fn require(&self, scope: &str) -> Result<(), Fault> {
        self.require_scope(scope)?;
        let reached = access::scope(scope).map_or(Permissions::NONE, |row| row.permissions);
        if reached.is_empty() || !reached.intersection(self.permissions).is_empty() {
            return Ok(());
        }
        Err(self.lacks(reached))
    }

    /// Needs a scope, whatever is left of what it is for.
    pub fn require_scope(&self, scope: &str) -> Result<(), Fault> {
        if self.scopes.contains(scope) {
            return Ok(());
        }
        let message = format!("the token lacks the scope {scope}");
        Err(Fault::new(Kind::Forbidden, reason::SCOPE_MISSING, message))
    }

    /// Needs a permission, where it is finer than a scope.
    pub fn may(&self, permission: Permission) -> Result<(), Fault> {
        if self.permissions.contains(permission) {
            return Ok(());
        }
        Err(self.lacks(Permissions::of(&[permission])))
    }

    fn lacks(&self, wanted: Permissions) -> Fault {
        if wanted.intersection(self.masked).is_empty() {
            let message = "the caller's roles do not allow that";
            return forbidden(reason::PERMISSION_MISSING, message);
        }
        let message = "the partner has restricted what its customer may change";
        forbidden(reason::RESTRICTED_BY_PARTNER, message)
    }

    /// Needs a kind of caller.
    pub fn require_kind(&self, kind: CallerKind) -> Result<(), Fault> {
        if self.kind == kind {
            return Ok(());
        }
        let message = "this caller may not do that";
        Err(forbidden(reason::CALLER_NOT_ALLOWED, message))
    }

    /// Needs a tenant that is not suspended: for everything but reading and deleting (R-1106).
    pub fn require_active(&self) -> Result<(), Fault> {
        if self.suspended {
            let message = "the partner is suspended: it may read and delete only";
            return Err(forbidden(reason::TENANT_SUSPENDED, message));
        }
        Ok(())
    }

    /// Needs a caller that acts in its own name.
    pub fn require_own(&self) -> Result<(), Fault> {
        if self.actor.is_some() {
            let message = "nobody may do this for another organization";
            return Err(forbidden(reason::ACTING_NOT_ALLOWED, message));
        }
        Ok(())
    }

    /// Needs a person that has proved lately who it is; clients prove it with each token.
    pub fn require_fresh(&self, clock: &Clock, within: TimeDelta) -> Result<(), Fault> {
        let fresh = match (self.session, self.authenticated_at) {
            (None, None) => true,
            (_, Some(at)) => clock.now() - at <= within,
            (Some(_), None) => false,
        };
        if fresh {
            return Ok(());
        }
        let message = "sign in again before you do this";
        Err(forbidden(reason::FRESH_SIGN_IN_NEEDED, message))
    }

    /// Its reach: the tenant, or of a tenant the one organization whose person it is.
    pub fn scope(&self) -> Scope {
        match self.kind {
            CallerKind::Customer => Scope::Organization(self.partner, self.organization),
            _ => Scope::Partner(self.partner),
        }
    }

    fn from_claims(claims: Claims) -> Self {
        let scopes = claims.scope.split_whitespace().map(str::to_owned).collect();
        // a role that we do not know allows nothing, a restriction that we do not know takes much
        let roles: Vec<_> = claims.roles.iter().filter_map(|r| Role::parse(r)).collect();
        let restrictions: Vec<_> = claims.rst.iter().map(|set| Set::parse(set)).collect();
        let side = claims.kind.side();
        let Effective {
            permissions,
            masked,
        } = access::effective(&scopes, &roles, &restrictions, side);
        Self {
            subject: claims.sub,
            kind: claims.kind,
            partner: claims.partner,
            scopes,
            actor: claims.act,
            suspended: claims.suspended,
            client: claims.client_id,
            organization: claims.org,
            organization_kind: claims.org_kind,
            roles,
            permissions,
            masked,
            restrictions,
            session: claims.sid,
            token_id: claims.jti,
            authenticated_at: claims
                .auth_time
                .and_then(|at| DateTime::from_timestamp(at, 0)),
            methods: claims.amr,
        }
    }
}

impl CallerKind {
    /// Whose people and clients are of this kind.
    pub fn side(self) -> Side {
        match self {
            Self::Operator | Self::Reviewer | Self::Service => Side::Operator,
            Self::Partner => Side::Partner,
            Self::Customer => Side::Customer,
        }
    }
}

fn forbidden(reason: &'static str, message: &str) -> Fault {
    Fault::new(Kind::Forbidden, reason, message)
}

pub(crate) fn unauthenticated() -> Fault {
    Fault::new(
        Kind::Unauthenticated,
        reason::TOKEN_INVALID,
        "the access token is missing or invalid",
    )
}
