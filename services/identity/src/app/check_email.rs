//! Prechecks of addresses.

use kit::email::Email;
use kit::scope::Scope;

use crate::{app::State, domain::organization::OrganizationId, error::Error, store::person};

/// Where an address is, seen from one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody has it.
    Free,
    /// Somebody of the asked organization.
    Here,
    /// Somebody else.
    Elsewhere,
}

/// Tells where an address is, and no more: not whose.
pub(crate) async fn check_email(
    state: &State,
    email: &Email,
    organization: Option<OrganizationId>,
) -> Result<Standing, Error> {
    let reach = Scope::Whole("an address belongs to one organization of the platform");
    let mut tx = state.context.db.begin(reach).await?;
    Ok(match person::holder(&mut tx, email).await? {
        None => Standing::Free,
        Some(holder) if Some(holder) == organization => Standing::Here,
        Some(_) => Standing::Elsewhere,
    })
}
