//! Follows provisioning: customers and the catalogue.

use kit::BoxError;
use kit::boot::Context;
use kit::db::Tx;
use kit::fault::Fault;
use kit::feed::Follower;
use kit::id::PartnerId;
use proto::feed::v1::FollowRequest;
use proto::provisioning::v1::event::Kind;
use proto::provisioning::v1::events_client::EventsClient;
use proto::provisioning::v1::{CustomerChanged, Event, PackageDefined};
use tonic::Streaming;

use super::parse::{self, Malformed};
use crate::app::caught_up::CONSUMER;
use crate::app::remember;
use crate::domain::period;
use crate::store::projection::{Customer, Package};

/// The follower.
pub(super) struct FollowProvisioning {
    pub(super) context: Context,
}

impl Follower for FollowProvisioning {
    type Event = Event;
    const FEED: &'static str = "provisioning";

    async fn open(&self, after: i64) -> Result<Streaming<Event>, Fault> {
        let message = FollowRequest {
            consumer: CONSUMER.to_owned(),
            after_position: after,
        };
        let request = self.context.token.request(message).await?;
        let mut client = EventsClient::new(self.context.links.provisioning.clone());
        Ok(client.follow(request).await?.into_inner())
    }

    async fn handle(&self, tx: &mut Tx, event: Event) -> Result<(), BoxError> {
        match event.kind {
            Some(Kind::CustomerChanged(changed)) => {
                let partner = parse::partner(event.header.as_ref())?;
                remember::customer(tx, &customer(partner, changed)?).await?;
            }
            // The catalogue belongs to the operator, whatever tenant the event names.
            Some(Kind::PackageDefined(defined)) => {
                remember::package(tx, &package(defined)?).await?;
            }
            // What others keep, and a kind that a newer provisioning knows.
            Some(Kind::Audit(_)) | None => {}
        }
        Ok(())
    }
}

fn customer(partner_id: PartnerId, changed: CustomerChanged) -> Result<Customer, Malformed> {
    let customer = changed.customer.ok_or(Malformed("customer"))?;
    let billing_start = match customer.billing_start_date.as_str() {
        "" => None,
        text => Some(period::parse(text).ok_or(Malformed("customer.billing_start_date"))?),
    };
    Ok(Customer {
        partner_id,
        id: parse::id(&customer.customer_id, "customer.customer_id")?,
        organization_id: parse::some_id(&customer.organization_id, "customer.organization_id")?,
        external_id: customer.external_id,
        name: customer.name,
        billing_start,
        subscription_id: changed.subscription_id,
        deleted: changed.deleted,
    })
}

fn package(defined: PackageDefined) -> Result<Package, Malformed> {
    let package = defined.package.ok_or(Malformed("package"))?;
    Ok(Package {
        name: package.name,
        title: package.title,
        sku: package.sku,
        description: package.description,
    })
}
