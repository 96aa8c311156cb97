//! The use cases: one function each, one transaction each.

use std::{pin::Pin, sync::Arc};

use kit::{boot::Context, seal::Sealer};

use crate::{
    Config,
    app::{hasher::Hasher, keyring::Keyring, sign_in::told::Gate},
    error::Error,
};

pub(crate) mod act_for_sub_partner;
pub(crate) mod change_organization;
pub(crate) mod change_roles;
pub(crate) mod change_settings;
pub(crate) mod check_email;
pub(crate) mod create_client;
pub(crate) mod create_customer;
pub(crate) mod create_member;
pub(crate) mod create_partner;
pub(crate) mod delete_member;
mod effective;
pub(crate) mod enrol_person;
pub(crate) mod enter;
pub(crate) mod federation;
pub(crate) mod hasher;
pub(crate) mod issue_token;
pub(crate) mod keyring;
pub(crate) mod list_members;
pub(crate) mod list_organizations;
pub(crate) mod list_revocations;
mod make_key;
pub(crate) mod one_time_password;
mod peer;
pub(crate) mod provider;
pub(crate) mod read;
pub(crate) mod replace_member;
pub(crate) mod resolve_names;
pub(crate) mod retire_key;
pub(crate) mod revoke;
pub(crate) mod rotate_keys;
pub(crate) mod saml;
pub(crate) mod scim;
pub(crate) mod session;
pub(crate) mod set_suspended;
pub(crate) mod sign_in;
pub(crate) mod tell;

/// A use case that others are made of. Its type ends here: futures within futures within futures are what
/// the compiler looks through again for each caller, as deep as they go.
pub(crate) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// The issuer where none is set: a start of the platform always sets one.
const HERE: &str = "http://127.0.0.1:8080";

/// What the use cases share.
#[derive(Debug)]
pub(crate) struct State {
    /// Database, clock, ids.
    pub(crate) context: Context,
    /// Settings.
    pub(crate) config: Config,
    /// The `iss` of our tokens: the public URL of the platform.
    pub(crate) issuer: Arc<str>,
    /// Seals what must be read again.
    pub(crate) sealer: Sealer,
    /// The key that signs tokens.
    pub(crate) keyring: Keyring,
    /// Hashes passwords.
    pub(crate) hasher: Hasher,
    /// Which refusals were told lately.
    pub(crate) gate: Gate,
    /// Fetches what identity providers publish.
    pub(crate) fetch: kit::fetch::Client,
}

impl State {
    pub(crate) fn new(context: Context, config: Config) -> Self {
        let issuer = config.issuer.as_deref().unwrap_or(HERE);
        let hasher = Hasher::new(config.hash_threads());
        let sealer = config.sealer();
        let sealer = sealer.unwrap_or_else(|| Sealer::of_bytes(&context.random.bytes()));
        if config.allow_private_networks {
            tracing::warn!("identity providers may be on private networks, and without TLS");
        }
        let policy = kit::fetch::Policy {
            private: config.allow_private_networks,
        };
        Self {
            fetch: kit::fetch::Client::new(policy),
            issuer: issuer.into(),
            sealer,
            context,
            config,
            keyring: Keyring::default(),
            hasher,
            gate: Gate::default(),
        }
    }

    /// Whether browsers reach the platform over TLS: then cookies travel over nothing else.
    pub(crate) fn is_secure(&self) -> bool {
        self.issuer.starts_with("https://")
    }
}
