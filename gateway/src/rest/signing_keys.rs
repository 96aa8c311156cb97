//! `/platform/v1/signing-keys`: the emergency brake.

use proto::identity::v1::{RetireSigningKeyRequest, signing_keys_client::SigningKeysClient};

use crate::{
    call::{Call, Outcome, ok},
    routes::{Route, handler},
    wire::signing_keys::RetiredSigningKey,
};

pub(crate) const ROUTES: &[Route] = &[Route::new(
    "POST",
    "/platform/v1/signing-keys/{id}/retire",
    "platform:partners_write",
    "retireSigningKey",
    "Take a key that signs tokens out of use at once, with every token that it signed; the operator only",
    handler!(retire),
)
.answers::<RetiredSigningKey>()];

async fn retire(call: Call) -> Outcome {
    let key_id = call.part("id").to_owned();
    let mut keys = SigningKeysClient::new(call.surface.links.identity.clone());
    let request = call.own_request(RetireSigningKeyRequest { key_id })?;
    let retired = keys.retire_signing_key(request).await?.into_inner();
    ok(&RetiredSigningKey {
        successor_key_id: retired.successor_key_id,
    })
}
