//! Passwords that are good once.

use chrono::{DateTime, Utc};
use kit::{
    access::Role,
    audit::{self, Entry},
    auth::Caller,
    boot::Context,
    db::Tx,
    feed,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    app::{State, session},
    domain::{
        one_time_password::{LIFE, OneTimePassword, Purpose},
        organization::OrganizationId,
        role::outranks,
        sign_in::Account,
    },
    error::Error,
    store::{
        one_time_password::{self, New},
        password, role,
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

/// Who makes one.
pub(crate) struct By<'a> {
    /// Client or person; empty for the platform itself.
    pub(crate) subject: &'a str,
    /// As it is told.
    pub(crate) act: Entry,
}

/// Makes one for a person of an organization. A password for somebody is the power to be that person, so
/// only those make one who may do all that the person may, there and wherever else it holds a role.
pub(crate) async fn create(
    state: &State,
    caller: &Caller,
    organization: OrganizationId,
    person: Uuid,
) -> Result<Made, Error> {
    let (entered, whose) = session::of_person(state, caller, person).await?;
    if whose.organization != organization {
        return Err(Error::Missing("person"));
    }
    let elsewhere = Scope::Whole("what a person may do in other organizations counts as well");
    let mut tx = state.context.db.begin(elsewhere).await?;
    let held: Vec<Role> = role::of_person(&mut tx, whose.person)
        .await?
        .into_iter()
        .map(|grant| grant.role)
        .collect();
    drop(tx);
    if !outranks(&entered.roles, &held) {
        return Err(Error::PersonBeyondOwn);
    }
    let by = By {
        subject: &caller.subject,
        act: audit::by(caller, "one_time_password.created"),
    };
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let made = create_in(&state.context, &mut tx, whose, by).await?;
    tx.commit().await?;
    Ok(made)
}

/// The same within a transaction.
pub(crate) async fn create_in(
    context: &Context,
    tx: &mut Tx,
    whose: Account,
    by: By<'_>,
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
        created_by: by.subject,
        ends_at,
    };
    one_time_password::replace(tx, new, now).await?;
    let act = by.act.organization(whose.organization.uuid());
    let event = Event::from(act.target("person", whose.person));
    feed::append(tx, &context.ids, whose.partner, now, &event).await?;
    Ok(Made { password, ends_at })
}
