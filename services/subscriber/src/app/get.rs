//! Reads a subscriber.

use kit::{auth::Caller, boot::Context};

use crate::{
    domain::{SubscriberId, subscriber::Subscriber},
    error::{Error, SUBSCRIBER},
    store::subscriber,
};

/// One of the caller's partner.
pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    subscriber: &str,
) -> Result<Subscriber, Error> {
    let id: SubscriberId = subscriber.parse().map_err(|_| Error::Missing(SUBSCRIBER))?;
    let mut tx = context.db.begin(caller.scope()).await?;
    let found = subscriber::find(&mut tx, caller.partner, id).await?;
    tx.commit().await?;
    found.ok_or(Error::Missing(SUBSCRIBER))
}
