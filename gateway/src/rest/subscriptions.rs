//! `/platform/v1/subscriptions`.

use http::StatusCode;
use kit::fault::Violations;
use proto::billing::v1::{self as pb, subscriptions_client::SubscriptionsClient};

use super::{refuse, required_id, time};
use crate::{
    call::{Call, Outcome, json_response, ok},
    id::{self, Kind},
    routes::{Route, handler},
    wire::subscriptions::{CreateSubscription, Subscription, SubscriptionList},
};

const ALL: &str = "/platform/v1/subscriptions";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        "platform:subscriptions_read",
        "listSubscriptions",
        "List the caller's subscriptions, and for a sub-partner the shared one",
        handler!(list),
    )
    .answers::<SubscriptionList>(),
    Route::new(
        "POST",
        ALL,
        "platform:subscriptions_write",
        "createSubscription",
        "Create a partner's subscription; the operator only",
        handler!(create),
    )
    .takes::<CreateSubscription>()
    .status(201)
    .answers::<Subscription>(),
];

fn client(call: &Call) -> SubscriptionsClient<kit::link::Link> {
    SubscriptionsClient::new(call.surface.links.billing.clone())
}

async fn list(call: Call) -> Outcome {
    let request = call.own_request(pb::ListSubscriptionsRequest {})?;
    let found = client(&call)
        .list_subscriptions(request)
        .await?
        .into_inner();
    let items = found
        .subscriptions
        .into_iter()
        .map(subscription_out)
        .collect();
    ok(&SubscriptionList { items })
}

async fn create(call: Call) -> Outcome {
    let body: CreateSubscription = call.json()?;
    let mut violations = Violations::default();
    let message = pb::CreateSubscriptionRequest {
        partner_id: required_id(&mut violations, "orgId", Kind::Organization, body.org_id),
        subscription_id: body.subscription_id.unwrap_or_default(),
        currency: body.currency.unwrap_or_default(),
    };
    refuse(violations)?;
    let request = call.own_request(message)?;
    let created = client(&call)
        .create_subscription(request)
        .await?
        .into_inner();
    json_response(StatusCode::CREATED, &subscription_out(created))
}

fn subscription_out(subscription: pb::Subscription) -> Subscription {
    Subscription {
        subscription_id: subscription.subscription_id,
        org_id: id::encode(Kind::Organization, &subscription.partner_id),
        currency: subscription.currency,
        created: time(subscription.created_at.as_ref()),
    }
}
