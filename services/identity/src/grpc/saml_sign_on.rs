//! `entrepot.identity.v1.SamlSignOn`.

use std::sync::Arc;

use proto::identity::v1::{
    ReadServiceProviderRequest, ReceiveAssertionRequest, ServiceProviderMetadata, SignInStep,
    saml_sign_on_server,
};
use tonic::{Request, Response, Status};

use super::{
    sign_in::{answer, browser},
    uuid,
};
use crate::app::{State, saml};

/// The service.
#[derive(Debug)]
pub(crate) struct SamlSignOn(pub(crate) Arc<State>);

#[tonic::async_trait]
impl saml_sign_on_server::SamlSignOn for SamlSignOn {
    async fn receive_assertion(
        &self,
        request: Request<ReceiveAssertionRequest>,
    ) -> Result<Response<SignInStep>, Status> {
        let request = request.into_inner();
        let browser = browser(request.browser);
        let id = uuid(&request.connection_id, "identity provider")?;
        let (response, relay_state) = (&request.saml_response, &request.relay_state);
        let done = saml::assertion::receive(&self.0, &browser, id, response, relay_state).await;
        answer(&self.0, done)
    }

    async fn read_service_provider(
        &self,
        request: Request<ReadServiceProviderRequest>,
    ) -> Result<Response<ServiceProviderMetadata>, Status> {
        let id = uuid(&request.get_ref().connection_id, "identity provider")?;
        let document = saml::service_provider::read(&self.0, id).await?;
        Ok(Response::new(ServiceProviderMetadata { document }))
    }
}
