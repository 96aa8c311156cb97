//! Runs every validation of a creation and changes nothing.

use kit::email::Email;
use kit::{auth::Caller, boot::Context, id::PartnerId};
use uuid::Uuid;

use super::{
    EMAIL_TAKEN,
    examine::{self, Demand, Wanted},
    person,
};
use crate::{
    domain::{CustomerId, OrganizationId, problem::Problems, subscriber::Creation},
    error::{CUSTOMER, EMAIL_IN_USE, Error},
};

/// What would be created, and for a customer that would be new, what is known of that.
#[derive(Debug)]
pub(crate) struct Precheck {
    /// The subscriber; the customer may be empty.
    pub(crate) subscriber: Creation,
    /// Template of a new customer; empty with an existing one.
    pub(crate) provisioning_id: String,
    /// Primary e-mail of a new customer.
    pub(crate) customer_email: String,
}

/// Fails with all problems found.
pub(crate) async fn precheck(
    context: &Context,
    caller: &Caller,
    request: &Precheck,
) -> Result<(), Error> {
    let mut problems = Problems::default();
    let wanted = examine::read(&request.subscriber, Demand::Email, &mut problems);
    let customer = request.subscriber.customer_id.trim();
    let new = !request.provisioning_id.trim().is_empty();
    if new && !customer.is_empty() {
        let text = "a customer is either new or exists: provisioningId or customerId";
        problems.invalid.add("provisioningId", "NOT_ALLOWED", text);
    }

    let organization = if customer.is_empty() {
        let seat = examine::as_asked(&wanted);
        let nobody = CustomerId::from_uuid(Uuid::nil());
        examine::note_taken(context, caller.partner, nobody, None, &seat, &mut problems).await?;
        None
    } else {
        existing(context, caller.partner, customer, &wanted, &mut problems).await?
    };
    note_emails(
        context,
        organization,
        &wanted,
        new.then_some(request),
        &mut problems,
    )
    .await?;
    Ok(problems.check()?)
}

/// Examines as a creation does; answers with the organization, unless its e-mail is settled.
async fn existing(
    context: &Context,
    partner: PartnerId,
    customer: &str,
    wanted: &Wanted,
    problems: &mut Problems,
) -> Result<Option<OrganizationId>, Error> {
    let customer = customer.parse().map_err(|_| Error::Missing(CUSTOMER))?;
    let found = examine::examine(context, partner, customer, wanted, problems).await?;
    Ok(Some(found.customer.organization_id))
}

/// Asks the identity context about the addresses.
async fn note_emails(
    context: &Context,
    organization: Option<OrganizationId>,
    wanted: &Wanted,
    new: Option<&Precheck>,
    problems: &mut Problems,
) -> Result<(), Error> {
    let field = "customerInfo.primaryEmail";
    let primary = new
        .and_then(|request| Email::required(&mut problems.invalid, field, &request.customer_email));
    let taken = async |organization, email: Option<&Email>| match email {
        Some(email) => person::taken_elsewhere(context, organization, email).await,
        None => Ok(false),
    };
    let own = wanted
        .email
        .as_ref()
        .filter(|_| !problems.has_conflict("email", EMAIL_IN_USE));
    let (own, primary) = tokio::try_join!(taken(organization, own), taken(None, primary.as_ref()))?;
    if own {
        problems.conflict("email", EMAIL_IN_USE, EMAIL_TAKEN);
    }
    if primary {
        problems.conflict(field, EMAIL_IN_USE, EMAIL_TAKEN);
    }
    Ok(())
}
