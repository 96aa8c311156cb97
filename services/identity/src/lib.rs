//! Who is who: organizations, people, clients, and the tokens that prove it.
//!
//! **Organizations** form a tree of fixed shape: the operator, partners, sub-partners of partners, and
//! customers of either (R-1101). A partner's organization is a tenant: its id is the `partner_id` that
//! leads every key of every table on the platform. That a sub-partner has no sub-partners, and that a
//! customer is owned by a partner, the database itself enforces.
//!
//! **People** belong to one organization. Their e-mail address is the platform's only one of its kind
//! the first person of a new organization is its administrator.
//!
//! **Clients** sign in with an id and a secret (OAuth 2.0 client credentials) and get an **access
//! token**: a JWT (RFC 9068) signed with Ed25519, which every context verifies by itself with the keys
//! that this one publishes. It names the tenant, the scopes, whether the tenant is suspended (R-1106)
//! and, where a parent acts for its sub-partner, the parent (R-1103). Issuing one is one read.
//!
//! **People sign in** with a browser ([`proto::identity::v1::sign_in_server::SignIn`]): the gateway shows
//! pages and keeps cookies, and everything is decided here. A session is a random value of which only
//! the hash is kept; a password is kept as Argon2id, hashed in bounded memory; whether anybody has an
//! address is never told.
//!
//! Others learn of new, suspended and resumed partners from the feed ([`proto::identity::v1::Event`]).
//!
//! Tokens live for minutes, and can be taken back before: what takes rights away writes a
//! **revocation**, which every verifier hears of through the feed. The keys that sign change by
//! themselves, lie sealed in the database, and can be taken out of use at once.
//!
//! Partners register **identity providers** (R-1302). An organization is bound to one when it is created,
//! or to the platform's own means, and stays so (R-1303).
//!
//! **SAML 2.0**: the people of an organization that is bound to a SAML provider sign in there. What the
//! provider says is guarded, verified and read twice before it is believed.
//!
//! **Directories** of partners keep people and groups by SCIM 2.0.

use std::sync::Arc;

use kit::{
    boot::{Context, Parts},
    feed,
};
use proto::identity::v1::{
    directory_server::DirectoryServer, events_server::EventsServer,
    identity_providers_server::IdentityProvidersServer, members_server::MembersServer,
    organizations_server::OrganizationsServer, people_server::PeopleServer,
    revocations_server::RevocationsServer, roles_server::RolesServer,
    saml_sign_on_server::SamlSignOnServer, scim_server::ScimServer,
    sessions_server::SessionsServer, settings_server::SettingsServer, sign_in_server::SignInServer,
    signing_keys_server::SigningKeysServer, single_sign_on_server::SingleSignOnServer,
    tokens_server::TokensServer,
};
use sqlx::migrate::Migrator;
use tonic::service::Routes;

mod app;
pub mod bootstrap;
mod config;
mod domain;
mod error;
mod grpc;
mod store;
mod worker;

pub use config::{BadConfig, Config};

use crate::app::State;

/// The tables of this context.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Nobody has a token before these have answered.
const OPEN: &[&str] = &[
    "/entrepot.identity.v1.SamlSignOn/ReadServiceProvider",
    "/entrepot.identity.v1.SamlSignOn/ReceiveAssertion",
    "/entrepot.identity.v1.SignIn/Begin",
    "/entrepot.identity.v1.SignIn/Continue",
    "/entrepot.identity.v1.SignIn/ReadAccount",
    "/entrepot.identity.v1.SignIn/SignOut",
    "/entrepot.identity.v1.SingleSignOn/Depart",
    "/entrepot.identity.v1.Tokens/IssueToken",
    "/entrepot.identity.v1.Tokens/ListKeys",
];

/// The service.
pub fn parts(context: Context, config: Config) -> Parts {
    if config.seal_key.is_none() {
        tracing::warn!("no seal key is set: what is sealed now, nobody can open later");
    }
    let stamper = feed::stamper(context.db.clone(), context.tasks.clone());
    let state = Arc::new(State::new(context, config));
    let routes = Routes::new(OrganizationsServer::new(
        grpc::organizations::Organizations::new(Arc::clone(&state)),
    ))
    .add_service(PeopleServer::new(grpc::people::People(Arc::clone(&state))))
    .add_service(SessionsServer::new(grpc::sessions::Sessions(Arc::clone(
        &state,
    ))))
    .add_service(SettingsServer::new(grpc::settings::Settings(Arc::clone(
        &state,
    ))))
    .add_service(SingleSignOnServer::new(grpc::single_sign_on::SingleSignOn(
        Arc::clone(&state),
    )))
    .add_service(SignInServer::new(grpc::sign_in::SignIn(Arc::clone(&state))))
    .add_service(DirectoryServer::new(grpc::directory::Directory(
        Arc::clone(&state),
    )))
    .add_service(MembersServer::new(grpc::members::Members(Arc::clone(
        &state,
    ))))
    .add_service(IdentityProvidersServer::new(
        grpc::identity_providers::IdentityProviders(Arc::clone(&state)),
    ))
    .add_service(RolesServer::new(grpc::roles::Roles))
    .add_service(ScimServer::new(grpc::scim::Scim(Arc::clone(&state))))
    .add_service(SamlSignOnServer::new(grpc::saml_sign_on::SamlSignOn(
        Arc::clone(&state),
    )))
    .add_service(TokensServer::new(grpc::tokens::Tokens(Arc::clone(&state))))
    .add_service(RevocationsServer::new(grpc::revocations::Revocations(
        Arc::clone(&state),
    )))
    .add_service(SigningKeysServer::new(grpc::signing_keys::SigningKeys(
        Arc::clone(&state),
    )))
    .add_service(EventsServer::new(grpc::events::Events(Arc::clone(&state))));
    let mut workers = worker::all(&state);
    workers.push(stamper);
    Parts {
        routes,
        workers,
        open: OPEN,
    }
}
