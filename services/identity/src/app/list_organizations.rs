//! The organizations that somebody manages.

use kit::{
    auth::{Caller, CallerKind},
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::State,
    domain::organization::Organization,
    error::Error,
    store::directory::{self, Whose},
};

/// Organizations by id, so its own comes before those that came after it. Customers of sub-partners are
/// not among them (R-1103).
pub(crate) async fn list_organizations(
    state: &State,
    caller: &Caller,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<Organization>, Error> {
    let partner = caller.partner;
    let (whose, reach) = match caller.kind {
        CallerKind::Operator => (
            Whose::Operators,
            Scope::Whole("the operator reads the tree"),
        ),
        CallerKind::Partner => (
            Whose::Partners(partner),
            Scope::Whole("a partner's sub-partners are other tenants"),
        ),
        _ => (
            Whose::Own(partner, caller.organization),
            Scope::Organization(partner, caller.organization),
        ),
    };
    let mut tx = state.context.db.begin(reach).await?;
    directory::list(&mut tx, whose, after, most).await
}
