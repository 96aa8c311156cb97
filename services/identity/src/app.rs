//! The use cases: one function each, one transaction each.

use kit::boot::Context;

use crate::{Config, app::keyring::Keyring};

pub(crate) mod act_for_sub_partner;
pub(crate) mod check_email;
pub(crate) mod create_client;
pub(crate) mod create_customer;
pub(crate) mod create_partner;
pub(crate) mod enrol_person;
pub(crate) mod issue_token;
pub(crate) mod keyring;
pub(crate) mod read;
pub(crate) mod set_suspended;

/// What the use cases share.
#[derive(Debug)]
pub(crate) struct State {
    /// Database, clock, ids.
    pub(crate) context: Context,
    /// Settings.
    pub(crate) config: Config,
    /// The key that signs tokens.
    pub(crate) keyring: Keyring,
}

impl State {
    pub(crate) fn new(context: Context, config: Config) -> Self {
        Self {
            context,
            config,
            keyring: Keyring::default(),
        }
    }
}
