//! A new password was typed, twice.

use crate::{
    app::{
        State,
        sign_in::{
            Reply,
            finish::{self, Also},
            proceed::Filled,
        },
    },
    domain::{password::Password, sign_in::Account},
    error::Error,
};

/// Keeps the new password; all sessions that the person had end (A20), and one begins.
pub(super) async fn choose_password(
    state: &State,
    filled: &Filled<'_>,
    account: Account,
    password: &Password,
) -> Result<Reply, Error> {
    let passed = filled.flow.chosen();
    let passed = passed.filter(|passed| passed.account() == account);
    let passed = passed.ok_or(Error::Impossible("sign_in.flow"))?;
    let slot = state.hasher.slot().await?;
    let phc = slot.hash(password, state.context.random.bytes()).await?;
    drop(slot);
    finish::finish(state, filled, filled.at, passed, Also::Password(phc)).await
}
