//! Attaching wholesale service to an organization that exists (section 5).
//!
//! Every organization of the platform is managed by the partner that owns it, so a partner attaches
//! to its customers' organizations, for example after a removal, and to its own;
//! both go without an approval. Somebody else's is answered like one that is not there
//! (R-505, R-1203).

use kit::{
    fault::{
        Violations,
        reason::{INVALID, NOT_FOUND},
    },
    id::PartnerId,
};
use uuid::Uuid;

use crate::{
    app::App,
    domain::application::Application,
    error::{Error, reason},
};

/// The organization, which keeps its name and its language.
#[derive(Debug, Clone)]
pub(crate) struct Attached {
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) locale: String,
}

/// What the organization id of an application came to.
#[derive(Debug)]
pub(crate) enum Found {
    /// A new organization is asked for.
    Unasked,
    /// The id is none.
    Malformed,
    /// There is no such organization, as far as the partner may know.
    Unknown,
    /// It is there.
    Organization(Attached),
}

impl Found {
    /// The id of the organization, if it is there.
    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Organization(attached) => Some(attached.organization_id),
            Self::Unasked | Self::Malformed | Self::Unknown => None,
        }
    }

    /// The organization; none when a new one is asked for. What is wrong with the id is noted.
    pub(crate) fn check(self, violations: &mut Violations) -> Option<Attached> {
        const FIELD: &str = "orgId";
        match self {
            Self::Unasked => {}
            Self::Malformed => violations.add(FIELD, INVALID, "orgId is no id"),
            Self::Unknown => violations.add(FIELD, NOT_FOUND, "there is no such organization"),
            Self::Organization(attached) => return Some(attached),
        }
        None
    }
}

/// Looks for the organization that an application names.
pub(crate) async fn find(
    app: &App,
    partner: PartnerId,
    application: &Application,
) -> Result<Found, Error> {
    let text = application.organization_id.trim();
    if text.is_empty() {
        return Ok(Found::Unasked);
    }
    let Ok(organization_id) = text.parse::<Uuid>() else {
        return Ok(Found::Malformed);
    };
    let found = app.organization(organization_id).await?;
    let owned = found.filter(|found| found.partner_id == partner.to_string());
    Ok(owned.map_or(Found::Unknown, |found| {
        Found::Organization(Attached {
            organization_id,
            name: found.display_name,
            locale: found.locale,
        })
    }))
}

/// The organization has the service already.
pub(crate) fn already_wholesale() -> Error {
    Error::conflict(
        reason::ORGANIZATION_ALREADY_WHOLESALE,
        "the organization has wholesale service already",
    )
}
