//! Passwords that are good once.

use chrono::{DateTime, Utc};
use kit::{
    boot::Context,
    db::Tx,
    fault::{self, Fault, reason},
};

use crate::{
    app::{
        State,
        session::{self, Reach},
    },
    domain::{
        one_time_password::{LIFE, OneTimePassword, Purpose},
        organization::{Kind, OrganizationId},
        sign_in::Account,
    },
    error::Error,
    store::{
        one_time_password::{self, New},
        organization, password,
    },
};
use uuid::Uuid;

/// One that was just made.
pub(crate) struct Made {
    /// Its text; shown this once.
    pub(crate) password: OneTimePassword,
    /// When it ends.
    pub(crate) ends_at: DateTime<Utc>,
}

/// Makes one for a person of an organization within this reach.
pub(crate) async fn create(
    state: &State,
    reach: Reach,
    organization: OrganizationId,
    person: Uuid,
    created_by: &str,
) -> Result<Made, Error> {
    let mut tx = state.context.db.begin(reach.scope).await?;
    let whose = session::account(&mut tx, &reach, person).await?;
    if whose.organization != organization {
        return Err(Error::Missing("person"));
    }
    // a password for somebody is the power to be that person: whoever makes one for an administrator of
    // its own tenant would be more than it is
    let kind = organization::find(&mut tx, Some(whose.partner), organization.uuid()).await?;
    if kind.is_none_or(|found| found.kind != Kind::Customer) {
        let message = "passwords are made for people of customers only";
        let reason = reason::CALLER_NOT_ALLOWED;
        return Err(Fault::new(fault::Kind::Forbidden, reason, message).into());
    }
    let made = create_in(&state.context, &mut tx, whose, created_by).await?;
    tx.commit().await?;
    Ok(made)
}

/// The same within a transaction.
pub(crate) async fn create_in(
    context: &Context,
    tx: &mut Tx,
    whose: Account,
    created_by: &str,
) -> Result<Made, Error> {
    let now = context.clock.now();
    let password = OneTimePassword::generate(&context.random);
    let purpose = if password::exists(tx, whose).await? {
        Purpose::Reset
    } else {
        Purpose::First
    };
    let ends_at = now + LIFE;
    let new = New {
        whose,
        secret: password.hash(),
        purpose,
        created_by,
        ends_at,
    };
    one_time_password::replace(tx, new, now).await?;
    Ok(Made { password, ends_at })
}
