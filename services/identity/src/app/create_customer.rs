//! Customers' organizations.

use std::{collections::HashMap, sync::Arc};

use kit::{db::Tx, group::Grouped, id::PartnerId, scope::Scope};

use crate::{
    app::State,
    domain::{
        organization::{Kind, Organization, OrganizationId, Profile},
        provider::Authentication,
        sip_domain::sip_domain,
    },
    error::Error,
    store::{
        organization,
        provider::{self, Named},
        setting,
    },
};

/// A customer's organization as asked for.
#[derive(Debug)]
pub(crate) struct NewCustomer {
    /// Its id.
    pub(crate) id: OrganizationId,
    /// The rest.
    pub(crate) profile: Profile,
    /// The provider through which its people will sign in; none for the platform's own means.
    pub(crate) provider: Option<Named>,
    /// Its own administrators are not restricted by the partner (R-1001).
    pub(crate) unrestricted: bool,
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
        let mut tx = self
            .0
            .context
            .db
            .begin_many(Scope::Partner(partner))
            .await?;
        let providers = bindings(&mut tx, partner, items).await?;
        let wanted: Vec<_> = items
            .iter()
            .map(|new| self.wanted(partner, new, &providers))
            .collect();
        let able: Vec<_> = wanted.iter().flatten().cloned().collect();
        let mut added = organization::insert_customers(&mut tx, partner, &able).await?;
        // of several with the same id the first was added, and the others are repeats
        let is_new: Vec<bool> = wanted
            .iter()
            .map(|one| one.as_ref().is_some_and(|one| added.remove(&one.id)))
            .collect();
        let repeats: Vec<OrganizationId> = wanted
            .iter()
            .zip(&is_new)
            .filter_map(|(one, is_new)| Some(one.as_ref()?.id).filter(|_| !is_new))
            .collect();
        let found = if repeats.is_empty() {
            HashMap::new()
        } else {
            organization::find_all(&mut tx, partner, &repeats).await?
        };
        if is_new.contains(&true) {
            let now = self.0.context.clock.now();
            let new = items.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
            let free = new.filter(|(one, _)| one.unrestricted);
            let free: Vec<_> = free.map(|(one, _)| one.id.uuid()).collect();
            setting::insert_free(&mut tx, partner, &free, now).await?;
            tx.commit().await?;
        }
        let done = wanted.into_iter().zip(is_new);
        Ok(done
            .map(|(wanted, is_new)| {
                let wanted = wanted.ok_or(Error::ProviderUnknown)?;
                match found.get(&wanted.id) {
                    _ if is_new => Ok(wanted),
                    Some(found) if found.is_repeat_of(&wanted) => Ok(found.clone()),
                    _ => Err(Error::OrganizationDiffers),
                }
            })
            .collect())
    }
}

impl CreateCustomer {
    /// An organization as it is to become; none when nobody knows its provider.
    fn wanted(
        &self,
        partner: PartnerId,
        new: &NewCustomer,
        providers: &HashMap<Named, Authentication>,
    ) -> Option<Organization> {
        let suffix = &self.0.config.sip_suffix;
        let authentication = match &new.provider {
            None => Authentication::Platform,
            Some(named) => *providers.get(named)?,
        };
        Some(Organization {
            partner_id: partner,
            id: new.id,
            parent: None,
            kind: Kind::Customer,
            sip_domain: Some(sip_domain(&new.profile.display_name, new.id, suffix)),
            profile: new.profile.clone(),
            suspended: false,
            authentication,
            created_at: self.0.context.clock.now(),
        })
    }
}

/// The providers that are named, each once; they stay until the organizations are there. One that is
/// out of use for now is bound all the same: nobody signs in past it.
async fn bindings(
    tx: &mut Tx,
    partner: PartnerId,
    items: &[NewCustomer],
) -> Result<HashMap<Named, Authentication>, Error> {
    let mut found = HashMap::new();
    for named in items.iter().filter_map(|new| new.provider.as_ref()) {
        if found.contains_key(named) {
            continue;
        }
        if let Some((id, _)) = provider::named(tx, partner, named).await? {
            found.insert(named.clone(), Authentication::Through(named.protocol, id));
        }
    }
    Ok(found)
}
