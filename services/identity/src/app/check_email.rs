//! Prechecks of addresses.

use kit::{email::Email, scope::Scope};

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

/// An address, and the organization that would be right, where there is one yet.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The address.
    pub(crate) email: Email,
    /// The organization.
    pub(crate) organization: Option<OrganizationId>,
}

/// Tells where addresses are, in their order, and no more: not whose.
pub(crate) async fn check_emails(
    state: &State,
    questions: &[Question],
) -> Result<Vec<Standing>, Error> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let reach = Scope::Whole("an address belongs to one organization of the platform");
    let mut tx = state.context.db.begin_many(reach).await?;
    let emails: Vec<Email> = questions.iter().map(|asked| asked.email.clone()).collect();
    let holders = person::holders(&mut tx, &emails).await?;
    let standings = questions.iter().zip(holders);
    Ok(standings
        .map(|(asked, holder)| match holder {
            None => Standing::Free,
            Some(holder) if Some(holder) == asked.organization => Standing::Here,
            Some(_) => Standing::Elsewhere,
        })
        .collect())
}
