//! `Holders`: for the identity context only.

use kit::{
    auth::{Caller, CallerKind},
    boot::Context,
    fault::Violations,
};
use proto::subscriber::v1::{CheckPersonRequest, CheckPersonResponse, holders_server::Holders};
use tonic::{Request, Response, Status};

use super::entitlements::id;
use crate::{app::check_person::check_person, error::Error};

/// The service.
pub(super) struct Service {
    context: Context,
}

impl Service {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }
}

#[tonic::async_trait]
impl Holders for Service {
    async fn check_person(
        &self,
        request: Request<CheckPersonRequest>,
    ) -> Result<Response<CheckPersonResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let partner = id(&mut violations, "partnerId", &request.partner_id);
        let person = id(&mut violations, "personId", &request.person_id);
        let (Some(partner), Some(person)) = (partner, person) else {
            return Err(Error::Invalid(violations.into_vec()).into());
        };
        let held = check_person(&self.context, partner, person).await?;
        Ok(Response::new(CheckPersonResponse {
            subscriber_id: held.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }
}
