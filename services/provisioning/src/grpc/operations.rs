//! `Operations`.

use proto::provisioning::v1::{GetOperationRequest, Operation, operations_server::Operations};
use tonic::{Request, Response, Status};

use super::{id, reader, scope};
use crate::{
    app::{self, App},
    message,
};

#[derive(Debug)]
pub(crate) struct Service(pub(crate) App);

#[tonic::async_trait]
impl Operations for Service {
    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        // the scope of the resource is enough
        let caller = reader(&request, scope::OPERATIONS_READ)
            .or_else(|_| reader(&request, scope::CUSTOMERS_READ))?;
        let operation_id = id(&request.get_ref().operation_id, "operation")?;
        let view = app::read::get_operation(&self.0, &caller, operation_id).await?;
        Ok(Response::new(message::operation(view)))
    }
}
