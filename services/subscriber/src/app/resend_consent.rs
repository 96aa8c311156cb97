//! Sends the consent mail of a pending move again.

use kit::{auth::Caller, boot::Context};

use super::get;
use crate::{domain::subscriber::Subscriber, error::Error};

/// Refuses: an e-mail address of another organization is refused at creation, so no
/// subscriber ever waits for a consent.
pub(crate) async fn resend_consent(
    context: &Context,
    caller: &Caller,
    subscriber: &str,
) -> Result<(), Error> {
    let Subscriber { .. } = get::get(context, caller, subscriber).await?;
    Err(Error::ConsentNotPending)
}
