//! What a partner restricts for its customer's own people (R-1001, R-1005).

use kit::{
    access::Permission,
    audit::{self, Entry},
    auth::Caller,
    fault::Violations,
    id::PartnerId,
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::{
        State, enter,
        revoke::{revoke, revoke_again},
        tell::tell,
    },
    domain::{
        organization::{Kind, OrganizationId},
        revocation::RevocationKind,
        settings::{Change, Settings},
    },
    error::Error,
    store::{organization, person::Place, setting},
};

/// The settings of an organization.
pub(crate) async fn read_settings(
    state: &State,
    caller: &Caller,
    id: Uuid,
) -> Result<Settings, Error> {
    let entered = enter::organization(state, caller, id).await?;
    entered.require(Permission::SettingsRead)?;
    let mut tx = state.context.db.begin(entered.scope()).await?;
    setting::find(&mut tx, entered.place(), entered.organization.kind).await
}

/// Changes them. What is taken away or given back counts at once: tokens that say otherwise are no
/// longer good.
pub(crate) async fn change_settings(
    state: &State,
    caller: &Caller,
    id: Uuid,
    change: Change,
) -> Result<Settings, Error> {
    let entered = enter::organization(state, caller, id).await?;
    entered.require(Permission::SettingsWrite)?;
    let act = audit::by(caller, "settings.updated");
    let (place, reach) = (entered.place(), entered.scope());
    settle(state, place, reach, change, act).await
}

/// Wholesale service is attached to an organization that exists: it is not restricted.
pub(crate) async fn attach_customer(
    state: &State,
    partner: PartnerId,
    id: OrganizationId,
    act: Entry,
) -> Result<(), Error> {
    let place = Place {
        partner,
        organization: id,
    };
    let free = Change {
        restricted_by_partner: Some(false),
        ..Change::default()
    };
    settle(state, place, Scope::Partner(partner), free, act).await?;
    Ok(())
}

async fn settle(
    state: &State,
    place: Place,
    reach: Scope,
    change: Change,
    act: Entry,
) -> Result<Settings, Error> {
    let mut tx = state.context.db.begin(reach).await?;
    let organization = place.organization.uuid();
    let kind = organization::lock(&mut tx, place.partner, organization).await?;
    let kind = kind.ok_or(Error::Missing("organization"))?;
    let before = setting::find(&mut tx, place, kind).await?;
    let mut wrong = Violations::default();
    let after = change.apply(before, kind, &mut wrong);
    Error::check(wrong)?;
    let (what, key) = (RevocationKind::Organization, organization.to_string());
    let restricts = change.restricts() && kind == Kind::Customer;
    if after == before {
        drop(tx);
    } else {
        // tokens that were issued until now may tell what is no longer so
        let now = state.context.clock.now();
        setting::write(&mut tx, place, after, now).await?;
        let act = act
            .organization(organization)
            .target("organization", organization);
        let act = change
            .details()
            .fold(act, |act, (name, text)| act.detail(name, text));
        tell(&mut tx, state, place.partner, act, now).await?;
        if restricts {
            revoke(&mut tx, state, place.partner, what, &key, now).await?;
        }
        tx.commit().await?;
    }
    if restricts {
        // after a repeat too: the first one may have been cut off right here
        revoke_again(state, place.partner, what, &key).await?;
    }
    Ok(after)
}
