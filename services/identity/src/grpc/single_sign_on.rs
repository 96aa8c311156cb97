//! `entrepot.identity.v1.SingleSignOn`.

use std::sync::Arc;

use proto::identity::v1::{DepartRequest, SignInStep, single_sign_on_server};
use tonic::{Request, Response, Status};

use super::{
    sign_in::{answer, browser},
    uuid,
};
use crate::app::{State, federation};

/// The service.
#[derive(Debug)]
pub(crate) struct SingleSignOn(pub(crate) Arc<State>);

#[tonic::async_trait]
impl single_sign_on_server::SingleSignOn for SingleSignOn {
    async fn depart(
        &self,
        request: Request<DepartRequest>,
    ) -> Result<Response<SignInStep>, Status> {
        let request = request.into_inner();
        let browser = browser(request.browser);
        let id = uuid(&request.connection_id, "identity provider")?;
        let done = federation::test::open(&self.0, &browser, id, &request.ticket).await;
        answer(&self.0, done)
    }
}
