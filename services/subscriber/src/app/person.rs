//! What the identity context is asked about people. Never within a transaction.

use kit::email::Email;
use kit::{
    boot::Context,
    fault::{Fault, Kind},
    id::PartnerId,
};
use proto::identity::v1::{CheckEmailRequest, EnrolPersonRequest, people_client::PeopleClient};

use super::EMAIL_TAKEN;
use crate::{
    domain::{OrganizationId, PersonId, problem::Problems, subscriber::Draft},
    error::{EMAIL_IN_USE, Error},
};

/// A person of the organization.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    /// Id.
    pub(super) person_id: PersonId,
    /// The organization's full administrator: the first person of a new one.
    pub(super) administrator: bool,
}

/// Makes sure that the person is in the organization. Safe to repeat.
pub(super) async fn enrol(
    context: &Context,
    partner: PartnerId,
    organization: OrganizationId,
    draft: &Draft,
) -> Result<Person, Error> {
    let message = EnrolPersonRequest {
        partner_id: partner.to_string(),
        organization_id: organization.to_string(),
        email: draft.email.as_str().to_owned(),
        first_name: draft.names.first.clone(),
        last_name: draft.names.last.clone(),
    };
    let request = context.token.request(message).await?;
    let mut people = PeopleClient::new(context.links.identity.clone());
    let person = match people.enrol_person(request).await.map_err(Fault::from) {
        Ok(answer) => answer.into_inner(),
        Err(fault) if fault.kind == Kind::Conflict => {
            return Err(Problems::taken("email", EMAIL_IN_USE, EMAIL_TAKEN).into());
        }
        Err(fault) => return Err(fault.into()),
    };
    let person_id = person
        .person_id
        .parse()
        .map_err(|_| Error::Inconsistent("person id"))?;
    Ok(Person {
        person_id,
        administrator: person.administrator,
    })
}

/// Whether an address belongs to an organization other than this one; with none, to any.
pub(super) async fn taken_elsewhere(
    context: &Context,
    organization: Option<OrganizationId>,
    email: &Email,
) -> Result<bool, Error> {
    let request = context
        .token
        .request(CheckEmailRequest {
            email: email.as_str().to_owned(),
            organization_id: organization.map(|id| id.to_string()).unwrap_or_default(),
        })
        .await?;
    let mut people = PeopleClient::new(context.links.identity.clone());
    let answer = people.check_email(request).await.map_err(Fault::from)?;
    Ok(answer.into_inner().taken_elsewhere)
}
