//! Subscriptions.

use kit::audit;
use kit::auth::{Caller, CallerKind};
use kit::time::to_proto;
use proto::billing::v1::subscriptions_server::Subscriptions;
use proto::billing::v1::{
    CreateSubscriptionRequest, ListSubscriptionsRequest, ListSubscriptionsResponse, Subscription,
};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::app::create_subscription::create_subscription;
use crate::app::list_subscriptions::list_subscriptions;
use crate::domain::subscription;

const READ: &str = "platform:subscriptions_read";
const WRITE: &str = "platform:subscriptions_write";

/// See `Subscriptions`.
pub(super) struct Service {
    pub(super) app: App,
}

#[tonic::async_trait]
impl Subscriptions for Service {
    async fn create_subscription(
        &self,
        request: Request<CreateSubscriptionRequest>,
    ) -> Result<Response<Subscription>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_kind(CallerKind::Operator)?;
        caller.require(WRITE)?;
        let request = request.into_inner();
        let kept = create_subscription(
            &self.app,
            &request.partner_id,
            &request.subscription_id,
            &request.currency,
            audit::by(&caller, "subscription.created"),
        )
        .await?;
        Ok(Response::new(wire(kept)))
    }

    async fn list_subscriptions(
        &self,
        request: Request<ListSubscriptionsRequest>,
    ) -> Result<Response<ListSubscriptionsResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let found = list_subscriptions(&self.app, &caller).await?;
        let subscriptions = found.into_iter().map(wire).collect();
        Ok(Response::new(ListSubscriptionsResponse { subscriptions }))
    }
}

fn wire(subscription: subscription::Subscription) -> Subscription {
    Subscription {
        subscription_id: subscription.id,
        partner_id: subscription.partner_id.to_string(),
        currency: subscription.currency,
        created_at: Some(to_proto(subscription.created_at)),
    }
}
