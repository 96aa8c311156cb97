//! What other contexts are asked. Never within a transaction.

use kit::{fault::Fault, id::PartnerId};
use proto::subscriber::v1::{CheckPersonRequest, holders_client::HoldersClient};

use crate::{app::State, domain::person::PersonId, error::Error};

/// Whether a person has wholesale service. Fails when nobody can tell.
pub(crate) async fn has_service(
    state: &State,
    partner: PartnerId,
    person: PersonId,
) -> Result<bool, Error> {
    let context = &state.context;
    let message = CheckPersonRequest {
        partner_id: partner.to_string(),
        person_id: person.to_string(),
    };
    let request = context.token.request(message).await?;
    let mut holders = HoldersClient::new(context.links.subscriber.clone());
    let answer = holders.check_person(request).await.map_err(Fault::from)?;
    Ok(!answer.into_inner().subscriber_id.is_empty())
}
