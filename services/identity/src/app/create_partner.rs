//! Partners and sub-partners (R-1101).

use kit::{audit::Entry, db::Tx, feed, id::PartnerId, scope::Scope};
use proto::identity::v1::{Event, PartnerChanged, event};

use crate::{
    app::State,
    domain::{
        organization::{Kind, Organization, OrganizationId, Profile},
        provider::Authentication,
        sip_domain::sip_domain,
    },
    error::Error,
    store::{management, organization},
};

/// Creates a partner, or with a parent a sub-partner; a repeat answers with what there is.
pub(crate) async fn create_partner(
    state: &State,
    id: PartnerId,
    parent: Option<PartnerId>,
    profile: Profile,
    act: Entry,
) -> Result<Organization, Error> {
    let context = &state.context;
    let mut tx = context
        .db
        .begin(Scope::Whole("a new partner is a new tenant"))
        .await?;
    if let Some(parent) = parent {
        may_be_parent(&mut tx, parent).await?;
    }
    let wanted = new_partner(state, id, parent, profile);
    let partner = insert_partner(state, &mut tx, wanted, act).await?;
    tx.commit().await?;
    Ok(partner)
}

/// A partner as it is to become.
pub(crate) fn new_partner(
    state: &State,
    id: PartnerId,
    parent: Option<PartnerId>,
    profile: Profile,
) -> Organization {
    let own = OrganizationId::from_uuid(id.uuid());
    let sip_domain = sip_domain(&profile.display_name, own, &state.config.sip_suffix);
    Organization {
        partner_id: id,
        id: own,
        parent,
        kind: Kind::Partner,
        profile,
        sip_domain: Some(sip_domain),
        suspended: false,
        authentication: Authentication::Platform,
        created_at: state.context.clock.now(),
    }
}

/// Adds it and tells the others, unless it is there already.
pub(crate) async fn insert_partner(
    state: &State,
    tx: &mut Tx,
    wanted: Organization,
    act: Entry,
) -> Result<Organization, Error> {
    if organization::insert(tx, &wanted).await? {
        if let Some(parent) = wanted.parent {
            management::insert_parent(tx, &wanted, parent).await?;
        }
        let act = act.detail("name", &wanted.profile.display_name);
        announce(state, tx, &wanted, act).await?;
        return Ok(wanted);
    }
    match organization::find(tx, None, wanted.id.uuid()).await? {
        Some(found) if found.is_repeat_of(&wanted) => Ok(found),
        _ => Err(Error::OrganizationDiffers),
    }
}

/// Tells the others how a partner is now, and by which act; its row must be locked.
pub(crate) async fn announce(
    state: &State,
    tx: &mut Tx,
    partner: &Organization,
    act: Entry,
) -> Result<(), Error> {
    let changed = PartnerChanged {
        partner_id: partner.partner_id.to_string(),
        parent_partner_id: partner.parent.map(|id| id.to_string()).unwrap_or_default(),
        display_name: partner.profile.display_name.clone(),
        suspended: partner.suspended,
    };
    let event = Event {
        header: None,
        kind: Some(event::Kind::PartnerChanged(changed)),
    };
    let id = partner.id.uuid();
    let events = [
        event,
        act.organization(id).target("organization", id).into(),
    ];
    let now = state.context.clock.now();
    feed::append_all(tx, &state.context.ids, partner.partner_id, now, &events).await?;
    Ok(())
}

/// Says it better than the constraint that would stop it as well.
async fn may_be_parent(tx: &mut Tx, parent: PartnerId) -> Result<(), Error> {
    match organization::find(tx, None, parent.uuid()).await? {
        Some(found) if found.kind != Kind::Partner => Err(Error::Missing("parent partner")),
        Some(found) if found.parent.is_some() => Err(Error::OneLevel),
        Some(_) => Ok(()),
        None => Err(Error::Missing("parent partner")),
    }
}
