//! `entrepot.identity.v1.SigningKeys`.

use std::sync::Arc;

use kit::auth::{Caller, CallerKind};
use proto::identity::v1::{RetireSigningKeyRequest, RetireSigningKeyResponse, signing_keys_server};
use tonic::{Request, Response, Status};

use crate::{
    app::{self, State},
    domain::scope,
};

/// The service.
#[derive(Debug)]
pub(crate) struct SigningKeys(pub(crate) Arc<State>);

#[tonic::async_trait]
impl signing_keys_server::SigningKeys for SigningKeys {
    async fn retire_signing_key(
        &self,
        request: Request<RetireSigningKeyRequest>,
    ) -> Result<Response<RetireSigningKeyResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_kind(CallerKind::Operator)?;
        caller.require(scope::PARTNERS_WRITE)?;
        caller.require_own()?;
        let key_id = &request.get_ref().key_id;
        let successor_key_id = app::retire_key::retire_key(&self.0, &caller, key_id).await?;
        Ok(Response::new(RetireSigningKeyResponse { successor_key_id }))
    }
}
