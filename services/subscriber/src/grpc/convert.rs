//! Messages to what use cases take, and back.

use chrono::{DateTime, Utc};
use kit::{
    fault::{Violations, reason},
    page::{self, Cursor},
    time::{from_proto, to_proto},
};
use proto::subscriber::v1::{
    CreateSubscriberRequest, ListSubscribersRequest, Subscriber as Message, SubscriberOrder,
    SubscriberParameters, SubscriberStatus,
};
use uuid::Uuid;

use crate::{
    app::list::order_key,
    domain::subscriber::{Creation, Parameters, Status, Subscriber},
    error::Error,
    store::list::{Order, Query},
};

/// Size of a page when none is asked for, and the largest.
const PAGE: (i64, i64) = (50, 100);

/// A subscriber as others see it.
pub(super) fn subscriber(from: Subscriber) -> Message {
    let status = match from.status {
        Status::Provisioned => SubscriberStatus::Provisioned,
        Status::PendingUserMigration => SubscriberStatus::PendingUserMigration,
    };
    Message {
        subscriber_id: from.id.to_string(),
        customer_id: from.customer_id.to_string(),
        external_customer_id: from.external_customer_id,
        person_id: from.person_id.to_string(),
        email: from.email,
        packages: from.packages,
        status: status.into(),
        errors: Vec::new(),
        created_at: Some(to_proto(from.created_at)),
        status_changed_at: Some(to_proto(from.status_changed_at)),
        location_id: from
            .seat
            .location
            .map(|id| id.to_string())
            .unwrap_or_default(),
        primary_phone_number: from.seat.number.unwrap_or_default(),
        extension: from.seat.extension.unwrap_or_default(),
    }
}

/// A request to create.
pub(super) fn creation(from: CreateSubscriberRequest) -> Creation {
    Creation {
        customer_id: from.customer_id,
        email: from.email,
        packages: from.packages,
        parameters: from.parameters.map(parameters),
    }
}

/// Parameters.
pub(super) fn parameters(from: SubscriberParameters) -> Parameters {
    Parameters {
        first_name: from.first_name,
        last_name: from.last_name,
        number: from.primary_phone_number,
        extension: from.extension,
        location_id: from.location_id,
    }
}

/// What a list is asked for.
pub(super) fn query(from: ListSubscribersRequest) -> Result<Query, Error> {
    let mut violations = Violations::default();
    let problems = &mut violations;
    let order = match from.order() {
        SubscriberOrder::StatusChanged => Order::StatusChanged,
        SubscriberOrder::Created | SubscriberOrder::Unspecified => Order::Created,
    };
    let status = match from.status() {
        SubscriberStatus::Unspecified => None,
        SubscriberStatus::Provisioned => Some(Status::Provisioned),
        SubscriberStatus::PendingUserMigration => Some(Status::PendingUserMigration),
    };
    let after = after(problems, &from.page_token, order, from.descending);
    problems.check(
        from.offset >= 0,
        "offset",
        reason::INVALID,
        "an offset is not negative",
    );
    let both = from.offset > 0 && !from.page_token.is_empty();
    problems.check(
        !both,
        "offset",
        reason::INVALID,
        "an offset does not go with a cursor",
    );
    let query = Query {
        customer: id(problems, "customerId", &from.customer_id),
        external_customer: text(from.external_customer_id),
        person: id(problems, "personId", &from.person_id),
        email: text(from.email.trim().to_lowercase()),
        status,
        created_after: instant(problems, "after", from.created_after.as_ref()),
        status_changed_after: instant(
            problems,
            "lastStatusChange",
            from.status_changed_after.as_ref(),
        ),
        order,
        descending: from.descending,
        size: page::size(from.page_size, PAGE.0, PAGE.1),
        after,
        offset: from.offset.into(),
    };
    if violations.is_empty() {
        Ok(query)
    } else {
        Err(Error::Invalid(violations.into_vec()))
    }
}

fn text(from: String) -> Option<String> {
    (!from.is_empty()).then_some(from)
}

fn id<T: std::str::FromStr>(problems: &mut Violations, field: &str, from: &str) -> Option<T> {
    let from = from.trim();
    if from.is_empty() {
        return None;
    }
    let id = from.parse().ok();
    problems.check(id.is_some(), field, reason::INVALID, "not an id");
    id
}

fn instant(
    problems: &mut Violations,
    field: &str,
    from: Option<&prost_types::Timestamp>,
) -> Option<DateTime<Utc>> {
    let at = from_proto(from?);
    problems.check(at.is_some(), field, reason::INVALID, "not an instant");
    at
}

fn after(
    problems: &mut Violations,
    token: &str,
    order: Order,
    descending: bool,
) -> Option<(DateTime<Utc>, Uuid)> {
    if token.is_empty() {
        return None;
    }
    let after = Cursor::parse(token).and_then(|cursor| {
        let micros = cursor
            .key
            .strip_prefix(order_key(order, descending))?
            .parse()
            .ok()?;
        Some((DateTime::from_timestamp_micros(micros)?, cursor.id))
    });
    problems.check(
        after.is_some(),
        "cursor",
        reason::INVALID,
        "not a cursor of this order",
    );
    after
}
