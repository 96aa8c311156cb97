//! Reading and changing an organization.

use kit::{
    access::Permission,
    audit,
    auth::Caller,
    fault::{Violations, reason},
    feed,
};
use proto::identity::v1::Event;
use uuid::Uuid;

use crate::{
    app::{
        State,
        create_partner::announce,
        enter::{self, Entered},
    },
    domain::{
        organization::{Detail, Kind, LONGEST_NAME, is_locale},
        reach::Relation,
    },
    error::Error,
    store::directory,
};

/// What is to change; what is empty stays.
#[derive(Debug)]
pub(crate) struct Change {
    /// Name.
    pub(crate) display_name: String,
    /// Locale.
    pub(crate) locale: String,
    /// The version that was read; 0 changes whatever is there.
    pub(crate) version: i32,
}

impl Change {
    /// Checks what was sent.
    pub(crate) fn parse(display_name: &str, locale: &str, version: i32) -> Result<Self, Error> {
        let mut wrong = Violations::default();
        let display_name = wrong.optional_text("displayName", display_name, LONGEST_NAME);
        let locale = locale.trim();
        wrong.check(
            locale.is_empty() || is_locale(locale),
            "preferredLanguage",
            reason::INVALID,
            "a language looks like `en_US`",
        );
        Error::check(wrong)?;
        Ok(Self {
            display_name,
            locale: locale.to_owned(),
            version,
        })
    }
}

/// One organization with who manages it.
pub(crate) async fn read_organization(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<(Detail, Vec<Relation>), Error> {
    let entered = enter::organization(state, caller, id).await?;
    entered.require(Permission::OrganizationsRead)?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let found = directory::detail(&mut tx, entered.organization, false).await?;
    let found = found.ok_or(Error::Missing("organization"))?;
    Ok((found, directory::relations(&mut tx, id).await?))
}

/// Changes name and locale.
pub(crate) async fn change_organization(
    state: &State,
    caller: &Caller,
    id: Uuid,
    change: Change,
) -> Result<(Detail, Vec<Relation>), Error> {
    let entered = enter::organization(state, caller, id).await?;
    may_change(&entered, &change)?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let found = directory::detail(&mut tx, entered.organization, true).await?;
    let mut found = found.ok_or(Error::Missing("organization"))?;
    if change.version != 0 && change.version != found.version {
        return Err(Error::VersionDiffers);
    }
    let profile = &mut found.organization.profile;
    let before = profile.clone();
    if !change.display_name.is_empty() {
        profile.display_name = change.display_name;
    }
    if !change.locale.is_empty() {
        profile.locale = change.locale;
    }
    let relations = directory::relations(&mut tx, id).await?;
    if found.organization.profile == before {
        return Ok((found, relations));
    }
    found.version += 1;
    found.changed_at = state.context.clock.now();
    directory::change(&mut tx, &found).await?;
    let act = audit::by(caller, "organization.updated");
    if found.organization.kind == Kind::Partner {
        announce(state, &mut tx, &found.organization, act).await?;
    } else {
        let event = Event::from(act.organization(id).target("organization", id));
        let (partner, ids) = (found.organization.partner_id, &state.context.ids);
        feed::append(&mut tx, ids, partner, found.changed_at, &event).await?;
    }
    tx.commit().await?;
    Ok((found, relations))
}

fn may_change(entered: &Entered, change: &Change) -> Result<(), Error> {
    entered.require(Permission::OrganizationsRead)?;
    if !change.display_name.is_empty() {
        entered.require(Permission::OrganizationName)?;
    }
    if !change.locale.is_empty() {
        entered.require(Permission::OrganizationSettings)?;
    }
    Ok(())
}
