//! Follows the feeds of all contexts, this one's too, for what is audited.

use kit::{
    BoxError,
    boot::{Context, Worker},
    db::Tx,
    fault::Fault,
    feed::{self, Follower, HasHeader},
    link::{Link, Links},
    telemetry::Trace,
    time::from_proto,
};
use proto::feed::v1::{EventHeader, FollowRequest};
use tonic::Streaming;

use crate::app::chain_events::{Told, chain_events};

/// The name under which the feeds know us.
const CONSUMER: &str = "compliance";

/// An event that makes no sense: nothing is skipped, so the chain waits for it.
#[derive(Debug, thiserror::Error)]
#[error("event field {0} is missing or malformed")]
struct Malformed(&'static str);

macro_rules! followers {
    ($($follower:ident = $feed:ident, $link:expr;)*) => {
        $(
            struct $follower(Context);

            impl Follower for $follower {
                type Event = proto::$feed::v1::Event;
                const FEED: &'static str = stringify!($feed);

                async fn open(&self, after: i64) -> Result<Streaming<Self::Event>, Fault> {
                    let message = FollowRequest {
                        consumer: CONSUMER.to_owned(),
                        after_position: after,
                    };
                    let request = self.0.token.request(message).await?;
                    let link: fn(&Links) -> &Link = $link;
                    let link = link(&self.0.links).clone();
                    let mut feed = proto::$feed::v1::events_client::EventsClient::new(link);
                    Ok(feed.follow(request).await?.into_inner())
                }

                async fn handle(&self, tx: &mut Tx, event: Self::Event) -> Result<(), BoxError> {
                    self.handle_all(tx, vec![event]).await
                }

                async fn handle_all(
                    &self,
                    tx: &mut Tx,
                    events: Vec<Self::Event>,
                ) -> Result<(), BoxError> {
                    let told: Result<Vec<_>, _> =
                        events.into_iter().filter_map(|event| told(Self::FEED, event)).collect();
                    chain_events(tx, &told?, self.0.clock.now()).await?;
                    Ok(())
                }
            }
        )*

        /// One for each feed.
        pub(super) fn all(context: &Context) -> Vec<Worker> {
            vec![$(feed::follow(context, $follower(context.clone())),)*]
        }
    };
}

followers! {
    Identity = identity, |links| &links.identity;
    Provisioning = provisioning, |links| &links.provisioning;
    Subscriber = subscriber, |links| &links.subscriber;
    Billing = billing, |links| &links.billing;
    Compliance = compliance, |links| &links.compliance;
}

/// The act that an event tells, if it tells one.
fn told(context: &'static str, event: impl HasHeader) -> Option<Result<Told, Malformed>> {
    let header = event.header().cloned();
    let act = event.into_audit()?;
    let read = |header: EventHeader| {
        let at = header.occurred_at.as_ref().and_then(from_proto);
        Ok(Told {
            partner: header
                .partner_id
                .parse()
                .map_err(|_| Malformed("partner_id"))?,
            event_id: header.event_id.parse().map_err(|_| Malformed("event_id"))?,
            context,
            occurred_at: at.ok_or(Malformed("occurred_at"))?,
            tracking_id: Trace::parse(&header.traceparent)
                .map(Trace::tracking_id)
                .unwrap_or_default(),
            act,
        })
    };
    Some(header.ok_or(Malformed("header")).and_then(read))
}
