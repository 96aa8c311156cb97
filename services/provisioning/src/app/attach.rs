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

/// The organization that an application names; none when it asks for a new one. What is wrong with
/// the id is noted.
pub(crate) async fn find(
    app: &App,
    partner: PartnerId,
    application: &Application,
    violations: &mut Violations,
) -> Result<Option<Attached>, Error> {
    const FIELD: &str = "orgId";
    let text = application.organization_id.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let Ok(organization_id) = text.parse::<Uuid>() else {
        violations.add(FIELD, INVALID, "orgId is no id");
        return Ok(None);
    };
    let found = app.organization(organization_id).await?;
    let Some(found) = found.filter(|found| found.partner_id == partner.to_string()) else {
        violations.add(FIELD, NOT_FOUND, "there is no such organization");
        return Ok(None);
    };
    Ok(Some(Attached {
        organization_id,
        name: found.display_name,
        locale: found.locale,
    }))
}

/// The organization has the service already.
pub(crate) fn already_wholesale() -> Error {
    Error::conflict(
        reason::ORGANIZATION_ALREADY_WHOLESALE,
        "the organization has wholesale service already",
    )
}
