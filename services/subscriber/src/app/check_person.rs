//! Tells whether a person has wholesale service.

use kit::{boot::Context, id::PartnerId, scope::Scope};

use crate::{
    domain::{PersonId, SubscriberId},
    error::Error,
    store::subscriber,
};

/// The subscriber that a person is, if any.
pub(crate) async fn check_person(
    context: &Context,
    partner: PartnerId,
    person: PersonId,
) -> Result<Option<SubscriberId>, Error> {
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    subscriber::of_person(&mut tx, partner, person).await
}
