//! Customers' organizations.

use kit::{id::PartnerId, scope::Scope};

use crate::{
    app::State,
    domain::{
        organization::{Kind, Organization, OrganizationId, Profile},
        sip_domain::sip_domain,
    },
    error::Error,
    store::organization,
};

/// Creates a customer's organization and assigns its SIP domain; a repeat answers with what
/// there is.
pub(crate) async fn create_customer(
    state: &State,
    partner: PartnerId,
    id: OrganizationId,
    profile: Profile,
) -> Result<Organization, Error> {
    let wanted = Organization {
        partner_id: partner,
        id,
        parent: None,
        kind: Kind::Customer,
        sip_domain: Some(sip_domain(
            &profile.display_name,
            id,
            &state.config.sip_suffix,
        )),
        profile,
        suspended: false,
        created_at: state.context.clock.now(),
    };
    let mut tx = state.context.db.begin(Scope::Partner(partner)).await?;
    if organization::insert(&mut tx, &wanted).await? {
        tx.commit().await?;
        return Ok(wanted);
    }
    match organization::find(&mut tx, Some(partner), id.uuid()).await? {
        Some(found) if found.is_repeat_of(&wanted) => Ok(found),
        _ => Err(Error::OrganizationDiffers),
    }
}
