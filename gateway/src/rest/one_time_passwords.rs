//! `/identity/organizations/{id}/users/{id}/actions/generateOtp`.

use kit::time::from_proto;
use proto::identity::v1::{CreateOneTimePasswordRequest, sessions_client::SessionsClient};

use crate::{
    call::{Call, Outcome, ok},
    id::Kind,
    routes::{Route, handler},
    wire::one_time_passwords::OneTimePassword,
};

pub(crate) const ROUTES: &[Route] = &[Route::new(
    "POST",
    "/identity/organizations/{organizationId}/users/{userId}/actions/generateOtp",
    "identity:one_time_password",
    "generateOneTimePassword",
    "Make a password that is good once, with which a person chooses its own",
    handler!(generate),
)
.answers::<OneTimePassword>()];

async fn generate(call: Call) -> Outcome {
    let message = CreateOneTimePasswordRequest {
        organization_id: call.id("organizationId", Kind::Organization)?.to_string(),
        person_id: call.id("userId", Kind::Person)?.to_string(),
    };
    let mut client = SessionsClient::new(call.surface.links.identity.clone());
    let request = call.own_request(message)?;
    let made = client.create_one_time_password(request).await?.into_inner();
    let now = call.surface.clock.now();
    let end = made.ends_at.as_ref().and_then(from_proto).unwrap_or(now);
    ok(&OneTimePassword {
        one_time_password: made.password,
        expires_in: (end - now).num_seconds().max(0),
    })
}
