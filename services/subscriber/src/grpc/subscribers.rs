//! `Subscribers`: for partners.

use kit::{auth::Caller, boot::Context};
use proto::subscriber::v1::{
    CreateSubscriberRequest, DeleteSubscriberRequest, DeleteSubscriberResponse,
    GetSubscriberRequest, ListSubscribersRequest, ListSubscribersResponse,
    PrecheckSubscriberRequest, PrecheckSubscriberResponse, ResendConsentRequest,
    ResendConsentResponse, Subscriber, UpdateSubscriberRequest, subscribers_server::Subscribers,
};
use tonic::{Request, Response, Status};

use super::convert;
use crate::app::{
    create, delete, get, list,
    precheck::{self, Precheck},
    resend_consent, update,
};

/// To read.
const READ: &str = "spark-admin:wholesale_subscribers_read";
/// To change, and to try out a change.
const WRITE: &str = "spark-admin:wholesale_subscribers_write";

/// The service.
pub(super) struct Service {
    context: Context,
}

impl Service {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }
}

fn caller<T>(request: &Request<T>, scope: &str) -> Result<Caller, Status> {
    let caller = Caller::of(request)?;
    caller.require(scope)?;
    Ok(caller)
}

#[tonic::async_trait]
impl Subscribers for Service {
    async fn create_subscriber(
        &self,
        request: Request<CreateSubscriberRequest>,
    ) -> Result<Response<Subscriber>, Status> {
        let caller = caller(&request, WRITE)?;
        caller.require_active()?;
        let creation = convert::creation(request.into_inner());
        let created = create::create(&self.context, &caller, &creation).await?;
        Ok(Response::new(convert::subscriber(created)))
    }

    async fn get_subscriber(
        &self,
        request: Request<GetSubscriberRequest>,
    ) -> Result<Response<Subscriber>, Status> {
        let caller = caller(&request, READ)?;
        let id = request.into_inner().subscriber_id;
        let found = get::get(&self.context, &caller, &id).await?;
        Ok(Response::new(convert::subscriber(found)))
    }

    async fn list_subscribers(
        &self,
        request: Request<ListSubscribersRequest>,
    ) -> Result<Response<ListSubscribersResponse>, Status> {
        let caller = caller(&request, READ)?;
        let query = convert::query(request.into_inner())?;
        let page = list::list(&self.context, &caller, &query).await?;
        Ok(Response::new(ListSubscribersResponse {
            subscribers: page
                .subscribers
                .into_iter()
                .map(convert::subscriber)
                .collect(),
            next_page_token: page.next.map(|cursor| cursor.token()).unwrap_or_default(),
        }))
    }

    async fn update_subscriber(
        &self,
        request: Request<UpdateSubscriberRequest>,
    ) -> Result<Response<Subscriber>, Status> {
        let caller = caller(&request, WRITE)?;
        caller.require_active()?;
        let UpdateSubscriberRequest {
            subscriber_id,
            packages,
            parameters,
        } = request.into_inner();
        let parameters = parameters.map(convert::parameters);
        let changed = update::update(
            &self.context,
            &caller,
            &subscriber_id,
            &packages,
            parameters.as_ref(),
        )
        .await?;
        Ok(Response::new(convert::subscriber(changed)))
    }

    async fn delete_subscriber(
        &self,
        request: Request<DeleteSubscriberRequest>,
    ) -> Result<Response<DeleteSubscriberResponse>, Status> {
        let caller = caller(&request, WRITE)?;
        let id = request.into_inner().subscriber_id;
        delete::delete(&self.context, &caller, &id).await?;
        Ok(Response::new(DeleteSubscriberResponse {}))
    }

    async fn precheck_subscriber(
        &self,
        request: Request<PrecheckSubscriberRequest>,
    ) -> Result<Response<PrecheckSubscriberResponse>, Status> {
        let caller = caller(&request, WRITE)?;
        // a precheck says what the creation would
        caller.require_active()?;
        let request = request.into_inner();
        let wanted = Precheck {
            subscriber: convert::creation(request.subscriber.unwrap_or_default()),
            provisioning_id: request.provisioning_id,
            customer_email: request.customer_primary_email,
        };
        precheck::precheck(&self.context, &caller, &wanted).await?;
        Ok(Response::new(PrecheckSubscriberResponse {}))
    }

    async fn resend_consent(
        &self,
        request: Request<ResendConsentRequest>,
    ) -> Result<Response<ResendConsentResponse>, Status> {
        let caller = caller(&request, WRITE)?;
        let id = request.into_inner().subscriber_id;
        resend_consent::resend_consent(&self.context, &caller, &id).await?;
        Ok(Response::new(ResendConsentResponse {}))
    }
}
