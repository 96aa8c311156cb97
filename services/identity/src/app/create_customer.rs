//! Customers' organizations.

use std::{collections::HashMap, sync::Arc};

use kit::{group::Grouped, id::PartnerId, scope::Scope};

use crate::{
    app::State,
    domain::{
        organization::{Kind, Organization, OrganizationId, Profile},
        sip_domain::sip_domain,
    },
    error::Error,
    store::organization,
};

/// A customer's organization as asked for.
#[derive(Debug)]
pub(crate) struct NewCustomer {
    /// Its id.
    pub(crate) id: OrganizationId,
    /// The rest.
    pub(crate) profile: Profile,
}

/// Creates customers' organizations and assigns their SIP domains; a repeat answers with what
/// there is.
#[derive(Debug)]
pub(crate) struct CreateCustomer(pub(crate) Arc<State>);

impl Grouped for CreateCustomer {
    type Item = NewCustomer;
    type Done = Result<Organization, Error>;
    type Error = Error;

    async fn serve(
        &self,
        partner: PartnerId,
        items: &[NewCustomer],
    ) -> Result<Vec<Self::Done>, Error> {
        let wanted: Vec<Organization> = items.iter().map(|new| self.wanted(partner, new)).collect();
        let mut tx = self
            .0
            .context
            .db
            .begin_many(Scope::Partner(partner))
            .await?;
        let mut added = organization::insert_customers(&mut tx, partner, &wanted).await?;
        // of several with the same id the first was added, and the others are repeats
        let is_new: Vec<bool> = wanted.iter().map(|one| added.remove(&one.id)).collect();
        let repeats: Vec<OrganizationId> = wanted
            .iter()
            .zip(&is_new)
            .filter_map(|(one, is_new)| (!is_new).then_some(one.id))
            .collect();
        let found = if repeats.is_empty() {
            HashMap::new()
        } else {
            organization::find_all(&mut tx, partner, &repeats).await?
        };
        if is_new.contains(&true) {
            tx.commit().await?;
        }
        let done = wanted.into_iter().zip(is_new);
        Ok(done
            .map(|(wanted, is_new)| match found.get(&wanted.id) {
                _ if is_new => Ok(wanted),
                Some(found) if found.is_repeat_of(&wanted) => Ok(found.clone()),
                _ => Err(Error::OrganizationDiffers),
            })
            .collect())
    }
}

impl CreateCustomer {
    /// An organization as it is to become.
    fn wanted(&self, partner: PartnerId, new: &NewCustomer) -> Organization {
        let suffix = &self.0.config.sip_suffix;
        Organization {
            partner_id: partner,
            id: new.id,
            parent: None,
            kind: Kind::Customer,
            sip_domain: Some(sip_domain(&new.profile.display_name, new.id, suffix)),
            profile: new.profile.clone(),
            suspended: false,
            created_at: self.0.context.clock.now(),
        }
    }
}
