//! Browsers on their way to a provider and back.

use proto::identity::v1::{
    DepartRequest, ReceiveAssertionRequest, saml_sign_on_client::SamlSignOnClient,
    single_sign_on_client::SingleSignOnClient,
};

use super::{MOST_FIELDS, answer, browser};
use crate::{
    call::{Call, Outcome},
    failure::Failure,
};

/// Largest form of a provider: 256 KiB, in base64, and what else is in it.
pub(crate) const LARGEST_ANSWER: usize = 384 * 1024;

/// Somebody opens the link of a test.
pub(super) async fn depart(call: Call) -> Outcome {
    let message = DepartRequest {
        browser: Some(browser::of(&call)),
        connection_id: call.part("connectionId").to_owned(),
        ticket: call.query.text("ticket").unwrap_or_default(),
    };
    let mut client = SingleSignOnClient::new(call.surface.links.identity.clone());
    let step = client.depart(message).await?.into_inner();
    answer(&call, step)
}

/// A provider's page posts what it says: from another site, which is how it is meant.
pub(super) async fn receive_assertion(call: Call) -> Outcome {
    let form = call.form()?;
    if form.len() > MOST_FIELDS {
        return Err(Failure::malformed("the form is not one of a provider"));
    }
    // what comes twice counts as absent: nobody knows which one is meant
    let only = |name: &str| {
        let mut found = form.iter().filter(|(known, _)| known == name);
        let first = found.next().filter(|_| found.next().is_none());
        first.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let message = ReceiveAssertionRequest {
        browser: Some(browser::of(&call)),
        connection_id: call.part("connectionId").to_owned(),
        saml_response: only("SAMLResponse"),
        relay_state: only("RelayState"),
    };
    let mut client = SamlSignOnClient::new(call.surface.links.identity.clone());
    let step = client.receive_assertion(message).await?.into_inner();
    answer(&call, step)
}
