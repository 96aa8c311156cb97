//! What SAML providers, and the browsers that they send back, ask for.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header::CONTENT_TYPE};
use proto::identity::v1::{ReadServiceProviderRequest, saml_sign_on_client::SamlSignOnClient};

use crate::{
    call::{Call, Outcome},
    routes::{Route, handler},
};

/// What metadata is sent as.
const METADATA: &str = "application/samlmetadata+xml";

pub(crate) const ROUTES: &[Route] = &[Route::open(
    "GET",
    "/saml/{connectionId}/metadata",
    "describeServiceProvider",
    "What a SAML provider needs to know of us",
    handler!(describe),
)
.answers_media(METADATA)];

async fn describe(call: Call) -> Outcome {
    let message = ReadServiceProviderRequest {
        connection_id: call.part("connectionId").to_owned(),
    };
    let mut client = SamlSignOnClient::new(call.surface.links.identity.clone());
    let answer = client.read_service_provider(message).await?.into_inner();
    let mut response = Response::new(Body::from(answer.document));
    let media = HeaderValue::from_static(METADATA);
    response.headers_mut().insert(CONTENT_TYPE, media);
    Ok(response)
}
