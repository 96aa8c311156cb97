//! Names for lists that hold ids only.

use kit::{
    auth::{Caller, CallerKind},
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::State,
    error::Error,
    store::name::{self, OrganizationName, SubjectName, Within},
};

/// What was found, of what was asked for.
#[derive(Debug)]
pub(crate) struct Names {
    /// People and clients.
    pub(crate) subjects: Vec<SubjectName>,
    /// Organizations.
    pub(crate) organizations: Vec<OrganizationName>,
}

/// Names what the caller may see: its tenant, and of other tenants the partners right below it. Somebody
/// of a customer sees that customer only.
pub(crate) async fn resolve_names(
    state: &State,
    caller: &Caller,
    subjects: &[String],
    organizations: &[Uuid],
) -> Result<Names, Error> {
    let (reach, only) = match caller.kind {
        CallerKind::Customer => {
            let own = caller.organization;
            (Scope::Organization(caller.partner, own), Some(own))
        }
        _ => (Scope::Whole("the partners below are tenants"), None),
    };
    let within = Within {
        partner: caller.partner,
        only,
        operator: caller.kind == CallerKind::Operator,
    };
    let mut tx = state.context.db.begin(reach).await?;
    Ok(Names {
        subjects: name::subjects(&mut tx, within, subjects).await?,
        organizations: name::organizations(&mut tx, within, organizations).await?,
    })
}
