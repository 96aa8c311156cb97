//! `SubPartners`.

use kit::idempotency::fingerprint;
use proto::provisioning::v1::{
    CreateSubPartnerRequest, GetSubPartnerRequest, ListSubPartnersRequest, ListSubPartnersResponse,
    ProvisioningState, SetSubPartnerSuspendedRequest, SubPartner, sub_partners_server::SubPartners,
};
use tonic::{Request, Response, Status};

use super::{id, reader, scope, writer};
use crate::{
    app::{App, sub_partner as app},
    domain::sub_partner::{SubPartnerForm, SubPartnerState},
    message,
};

#[derive(Debug)]
pub(crate) struct Service(pub(crate) App);

#[tonic::async_trait]
impl SubPartners for Service {
    async fn create_sub_partner(
        &self,
        request: Request<CreateSubPartnerRequest>,
    ) -> Result<Response<SubPartner>, Status> {
        let caller = writer(&request, scope::SUB_PARTNERS_WRITE)?;
        let request = request.into_inner();
        let print = fingerprint(&request);
        let key = request.idempotency_key;
        let form = SubPartnerForm {
            name: request.name,
            admin_email: request.admin_email,
            admin_first_name: request.admin_first_name,
            admin_last_name: request.admin_last_name,
            subscription_id: request.subscription_id,
            billing_start_date: request.billing_start_date,
        };
        let made = app::create_sub_partner(&self.0, &caller, &form, &key, &print).await?;
        Ok(Response::new(message::sub_partner(made)))
    }

    async fn get_sub_partner(
        &self,
        request: Request<GetSubPartnerRequest>,
    ) -> Result<Response<SubPartner>, Status> {
        let caller = reader(&request, scope::SUB_PARTNERS_READ)?;
        let organization_id = id(&request.get_ref().organization_id, "sub-partner")?;
        let found = app::get_sub_partner(&self.0, &caller, organization_id).await?;
        Ok(Response::new(message::sub_partner(found)))
    }

    async fn list_sub_partners(
        &self,
        request: Request<ListSubPartnersRequest>,
    ) -> Result<Response<ListSubPartnersResponse>, Status> {
        // one list, under a published name and under one of ours
        let caller = reader(&request, scope::SUB_PARTNERS_LIST)
            .or_else(|_| reader(&request, scope::SUB_PARTNERS_READ))?;
        let request = request.into_inner();
        let state = match request.state() {
            ProvisioningState::Unspecified => None,
            ProvisioningState::Active => Some(SubPartnerState::Active),
            ProvisioningState::Suspended => Some(SubPartnerState::Suspended),
        };
        let page = app::list_sub_partners(
            &self.0,
            &caller,
            state,
            request.page_size,
            &request.page_token,
            request.offset,
        )
        .await?;
        Ok(Response::new(ListSubPartnersResponse {
            sub_partners: page.items.into_iter().map(message::sub_partner).collect(),
            next_page_token: page.next,
        }))
    }

    async fn set_sub_partner_suspended(
        &self,
        request: Request<SetSubPartnerSuspendedRequest>,
    ) -> Result<Response<SubPartner>, Status> {
        let caller = writer(&request, scope::SUB_PARTNERS_WRITE)?;
        let request = request.into_inner();
        let organization_id = id(&request.organization_id, "sub-partner")?;
        let now = app::set_suspended(&self.0, &caller, organization_id, request.suspended).await?;
        Ok(Response::new(message::sub_partner(now)))
    }
}
