//! People of the organizations.

use chrono::{DateTime, Utc};
use kit::email::Email;
use kit::{
    fault::{Violations, reason},
    id::PartnerId,
};

use super::organization::OrganizationId;

kit::id! {
    /// A person.
    pub(crate) PersonId
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The tenant.
    pub(crate) partner_id: PartnerId,
    /// The organization.
    pub(crate) organization_id: OrganizationId,
    /// The person's id.
    pub(crate) id: PersonId,
    /// Address, the platform's only one of its kind.
    pub(crate) email: String,
    /// Given name.
    pub(crate) first_name: String,
    /// Family name.
    pub(crate) last_name: String,
    /// Full administrator of the organization.
    pub(crate) administrator: bool,
    /// When the person was added.
    pub(crate) created_at: DateTime<Utc>,
}

/// A person as asked for.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    /// Address.
    pub(crate) email: Email,
    /// Given name.
    pub(crate) first_name: String,
    /// Family name.
    pub(crate) last_name: String,
}

const LONGEST_NAME: usize = 128;

impl Newcomer {
    /// Checks what was sent.
    pub(crate) fn parse(
        wrong: &mut Violations,
        email: &str,
        first_name: &str,
        last_name: &str,
    ) -> Option<Self> {
        let email = parse_email(wrong, email);
        let first_name = wrong.text("provisioningParameters.firstName", first_name, LONGEST_NAME);
        let last_name = wrong.text("provisioningParameters.lastName", last_name, LONGEST_NAME);
        Some(Self {
            email: email?,
            first_name,
            last_name,
        })
    }
}

/// Checks an address that is called `email` in the request.
pub(crate) fn parse_email(wrong: &mut Violations, email: &str) -> Option<Email> {
    if email.trim().is_empty() {
        wrong.add("email", reason::MISSING, "an e-mail address is required");
        return None;
    }
    let parsed = Email::parse(email);
    wrong.check(
        parsed.is_some(),
        "email",
        reason::INVALID,
        "this is not an e-mail address",
    );
    parsed
}
