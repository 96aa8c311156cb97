//! `/platform/v1/operations`.

use proto::provisioning::v1::{self as pb, operations_client::OperationsClient};

use super::{FOR, some, time};
use crate::{
    call::{Call, Outcome, ok},
    id::{self, Kind},
    routes::{Route, handler},
    wire::operations::{Operation, OperationEvent},
};

pub(crate) const ROUTES: &[Route] = &[Route::new(
    "GET",
    "/platform/v1/operations/{id}",
    "platform:operations_read",
    "getOperation",
    "Get an asynchronous operation with its steps",
    handler!(get),
)
.query(&[FOR])
.answers::<Operation>()];

async fn get(call: Call) -> Outcome {
    let operation_id = call.id("id", Kind::Operation)?.to_string();
    let request = call
        .request(pb::GetOperationRequest { operation_id })
        .await?;
    let mut client = OperationsClient::new(call.surface.links.provisioning.clone());
    let found = client.get_operation(request).await?.into_inner();
    let event = |event: pb::OperationEvent| OperationEvent {
        step: event.step,
        outcome: event.outcome,
        detail: some(event.detail),
        occurred: time(event.occurred_at.as_ref()),
    };
    ok(&Operation {
        id: id::encode(Kind::Operation, &found.operation_id),
        kind: found.kind,
        customer_id: id::encode_optional(Kind::Customer, &found.customer_id),
        state: found.state,
        step: found.step,
        attempt: found.attempt,
        last_error: some(found.last_error),
        events: found.events.into_iter().map(event).collect(),
        created: time(found.created_at.as_ref()),
    })
}
