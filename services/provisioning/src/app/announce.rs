//! Telling the other contexts of the catalogue.

use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::{app::App, error::Error, message, store};

/// The tenant of events that belong to no partner: the platform itself.
pub(crate) const PLATFORM: PartnerId = PartnerId::from_uuid(Uuid::nil());

/// Announces every package that was defined or amended since the last time; in a transaction of the
/// whole reach, so that replicas take turns by the rows' locks.
pub(crate) async fn announce(app: &App, tx: &mut Tx) -> Result<usize, Error> {
    let now = app.now();
    let packages = store::package::announce(tx, now).await?;
    let events: Vec<_> = packages.into_iter().map(message::package_defined).collect();
    kit::feed::append_all(tx, &app.context.ids, PLATFORM, now, &events).await?;
    Ok(events.len())
}
