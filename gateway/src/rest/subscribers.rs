//! `/v1/wholesale/subscribers`, and the consent mail beside it.

use http::StatusCode;
use kit::{
    fault::{Violations, reason},
    time::to_proto,
};
use proto::subscriber::v1::{
    self as pb, SubscriberOrder, SubscriberStatus, subscribers_client::SubscribersClient,
};

use super::{
    FOR, MAX, OFFSET, body_id, body_provisioning_id, errors, name_of, passed, refuse, some, time,
};
use crate::{
    call::{Call, Outcome, empty, listed, located, ok},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::{
        common::Precheck,
        subscribers::{
            CheckSubscriber, CreateSubscriber, Subscriber, SubscriberList, SubscriberParameters,
            UpdateSubscriber,
        },
    },
};

const READ: &str = "spark-admin:wholesale_subscribers_read";
const WRITE: &str = "spark-admin:wholesale_subscribers_write";
const ALL: &str = "/v1/wholesale/subscribers";
const ONE: &str = "/v1/wholesale/subscribers/{subscriberId}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listSubscribers",
        "List wholesale subscribers",
        handler!(list),
    )
    .query(&[
        ("customerId", "only of this customer"),
        ("personId", "only this person"),
        (
            "externalCustomerId",
            "only of the customer with this external id",
        ),
        ("email", "only with this e-mail address"),
        ("status", "only in this status"),
        ("after", "only created after this time"),
        (
            "lastStatusChange",
            "only with a change of status after this time",
        ),
        ("sortBy", "`created` (default) or `lastStatusChange`"),
        ("sortOrder", "`ASC` or `DESC`"),
        OFFSET,
        MAX,
        FOR,
    ])
    .answers::<SubscriberList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createSubscriber",
        "Provision a wholesale subscriber",
        handler!(create),
    )
    .query(&[FOR])
    .takes::<CreateSubscriber>()
    .or_status(202)
    .answers::<Subscriber>(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getSubscriber",
        "Get a wholesale subscriber",
        handler!(get),
    )
    .query(&[FOR])
    .answers::<Subscriber>(),
    Route::new(
        "PUT",
        ONE,
        WRITE,
        "updateSubscriber",
        "Change a subscriber's packages",
        handler!(update),
    )
    .query(&[FOR])
    .takes::<UpdateSubscriber>()
    .answers::<Subscriber>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteSubscriber",
        "Remove a subscriber's packages",
        handler!(delete),
    )
    .query(&[FOR])
    .status(204),
    Route::new(
        "POST",
        "/v1/wholesale/subscribers/validate",
        WRITE,
        "validateSubscriber",
        "Check whether a subscriber could be provisioned",
        handler!(validate),
    )
    .query(&[FOR])
    .takes::<CheckSubscriber>()
    .answers::<Precheck>(),
    Route::new(
        "POST",
        "/v1/subscribers/{subscriberId}/emails/consentMove",
        WRITE,
        "sendConsentMail",
        "Send the consent mail of a pending move again",
        handler!(consent),
    )
    .query(&[FOR])
    .status(204),
];

const STATUSES: &[(&str, SubscriberStatus)] = &[
    ("provisioned", SubscriberStatus::Provisioned),
    (
        "pending_user_migration",
        SubscriberStatus::PendingUserMigration,
    ),
];

const ORDERS: &[(&str, SubscriberOrder)] = &[
    ("created", SubscriberOrder::Created),
    ("lastStatusChange", SubscriberOrder::StatusChanged),
];

fn client(call: &Call) -> SubscribersClient<kit::link::Link> {
    SubscribersClient::new(call.surface.links.subscriber.clone())
}

async fn list(call: Call) -> Outcome {
    let query = &call.query;
    let page = Page::offset(query, 50, 100)?;
    let order = query.choice("sortBy", ORDERS)?.unwrap_or_default();
    let status = query.choice("status", STATUSES)?.unwrap_or_default();
    let directions = [
        ("ASC", false),
        ("DESC", true),
        ("asc", false),
        ("desc", true),
    ];
    let message = pb::ListSubscribersRequest {
        customer_id: query.id("customerId", Kind::Customer)?,
        external_customer_id: query.text("externalCustomerId")?,
        person_id: query.id("personId", Kind::Person)?,
        email: query.text("email")?,
        status: status.into(),
        created_after: query.instant("after")?.map(to_proto),
        status_changed_after: query.instant("lastStatusChange")?.map(to_proto),
        order: order.into(),
        descending: query.choice("sortOrder", &directions)?.unwrap_or(false),
        page_size: page.size,
        page_token: page.token.clone(),
        offset: page.offset,
    };
    let found = client(&call)
        .list_subscribers(call.request(message).await?)
        .await?
        .into_inner();
    let rows = found.subscribers.len();
    let links = page.offset_links(&call.own_url(), query, rows, &found.next_page_token);
    let items = found.subscribers.into_iter().map(subscriber_out).collect();
    listed(&SubscriberList { items }, links)
}

async fn create(call: Call) -> Outcome {
    let body: CreateSubscriber = call.json()?;
    let mut violations = Violations::default();
    let message = pb::CreateSubscriberRequest {
        customer_id: body_id(
            &mut violations,
            "customerId",
            Kind::Customer,
            body.customer_id,
        ),
        email: body.email.unwrap_or_default(),
        packages: packages_in(&mut violations, body.package, body.packages),
        parameters: body
            .provisioning_parameters
            .map(|given| parameters_in(&mut violations, given)),
    };
    refuse(violations)?;
    let request = call.request(message).await?;
    let subscriber = client(&call).create_subscriber(request).await?.into_inner();
    let pending = subscriber.status() == SubscriberStatus::PendingUserMigration;
    shown(
        &call,
        if pending {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
        },
        subscriber,
    )
}

async fn get(call: Call) -> Outcome {
    let subscriber_id = call.id("subscriberId", Kind::Subscriber)?.to_string();
    let request = call
        .request(pb::GetSubscriberRequest { subscriber_id })
        .await?;
    let subscriber = client(&call).get_subscriber(request).await?.into_inner();
    shown(&call, StatusCode::OK, subscriber)
}

async fn update(call: Call) -> Outcome {
    let subscriber_id = call.id("subscriberId", Kind::Subscriber)?.to_string();
    let body: UpdateSubscriber = call.json()?;
    let mut violations = Violations::default();
    let message = pb::UpdateSubscriberRequest {
        subscriber_id,
        packages: packages_in(&mut violations, body.package, body.packages),
        parameters: body
            .provisioning_parameters
            .map(|given| parameters_in(&mut violations, given)),
    };
    refuse(violations)?;
    let request = call.request(message).await?;
    let subscriber = client(&call).update_subscriber(request).await?.into_inner();
    shown(&call, StatusCode::OK, subscriber)
}

async fn delete(call: Call) -> Outcome {
    let subscriber_id = call.id("subscriberId", Kind::Subscriber)?.to_string();
    let request = call
        .request(pb::DeleteSubscriberRequest { subscriber_id })
        .await?;
    client(&call).delete_subscriber(request).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn validate(call: Call) -> Outcome {
    let body: CheckSubscriber = call.json()?;
    let mut violations = Violations::default();
    let subscriber = pb::CreateSubscriberRequest {
        customer_id: body_id(
            &mut violations,
            "customerId",
            Kind::Customer,
            body.customer_id,
        ),
        email: body.email.unwrap_or_default(),
        packages: packages_in(&mut violations, body.package, body.packages),
        parameters: body
            .provisioning_parameters
            .map(|given| parameters_in(&mut violations, given)),
    };
    let customer_email = body.customer_info.and_then(|info| info.primary_email);
    let message = pb::PrecheckSubscriberRequest {
        subscriber: Some(subscriber),
        provisioning_id: body_provisioning_id(&mut violations, body.provisioning_id),
        customer_primary_email: customer_email.unwrap_or_default(),
    };
    refuse(violations)?;
    client(&call)
        .precheck_subscriber(call.request(message).await?)
        .await?;
    ok(&passed())
}

async fn consent(call: Call) -> Outcome {
    let subscriber_id = call.id("subscriberId", Kind::Subscriber)?.to_string();
    let request = call
        .request(pb::ResendConsentRequest { subscriber_id })
        .await?;
    client(&call).resend_consent(request).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `package` or `packages`. Our own answers carry both, so both are taken where they agree.
fn packages_in(
    violations: &mut Violations,
    package: Option<String>,
    packages: Option<Vec<String>>,
) -> Vec<String> {
    match (package, packages) {
        (Some(package), Some(packages)) => {
            let agree = packages.contains(&package);
            let text = "give package or packages; here they differ";
            violations.check(agree, "packages", reason::INVALID, text);
            packages
        }
        (Some(package), None) => vec![package],
        (None, packages) => packages.unwrap_or_default(),
    }
}

fn parameters_in(
    violations: &mut Violations,
    given: SubscriberParameters,
) -> pb::SubscriberParameters {
    let field = "provisioningParameters.locationId";
    pb::SubscriberParameters {
        first_name: given.first_name.unwrap_or_default(),
        last_name: given.last_name.unwrap_or_default(),
        primary_phone_number: given.primary_phone_number.unwrap_or_default(),
        extension: given.extension.unwrap_or_default(),
        location_id: body_id(violations, field, Kind::Location, given.location_id),
    }
}

fn shown(call: &Call, status: StatusCode, subscriber: pb::Subscriber) -> Outcome {
    let id = id::encode(Kind::Subscriber, &subscriber.subscriber_id);
    located(
        status,
        &call.url(&format!("{ALL}/{id}")),
        &subscriber_out(subscriber),
    )
}

fn subscriber_out(subscriber: pb::Subscriber) -> Subscriber {
    let status = subscriber.status();
    Subscriber {
        id: id::encode(Kind::Subscriber, &subscriber.subscriber_id),
        person_id: id::encode_optional(Kind::Person, &subscriber.person_id),
        email: subscriber.email,
        customer_id: id::encode(Kind::Customer, &subscriber.customer_id),
        external_customer_id: some(subscriber.external_customer_id),
        package: subscriber.packages.first().cloned(),
        packages: subscriber.packages,
        status: name_of(STATUSES, &status),
        errors: errors(subscriber.errors),
        created: time(subscriber.created_at.as_ref()),
        last_status_change: time(subscriber.status_changed_at.as_ref()),
    }
}
