//! Lists the subscriptions that the caller may sell under (R-1401, R-1102).

use kit::auth::Caller;
use kit::scope::Scope;

use super::App;
use crate::domain::subscription::Subscription;
use crate::error::Error;
use crate::store;

/// The caller's own, then its parent's. Own rows name the parent, so the second transaction can
/// only reach that one.
pub(crate) async fn list_subscriptions(
    app: &App,
    caller: &Caller,
) -> Result<Vec<Subscription>, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let mut found = store::subscription::list(&mut tx, caller.partner).await?;
    let partner = store::projection::partner(&mut tx, caller.partner).await?;
    tx.commit().await?;
    if let Some((_, Some(parent))) = partner {
        let mut tx = app.context.db.begin(Scope::Partner(parent)).await?;
        found.extend(store::subscription::list(&mut tx, parent).await?);
        tx.commit().await?;
    }
    Ok(found)
}
