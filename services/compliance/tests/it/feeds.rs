//! The feeds of the other contexts, from memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use kit::{
    audit::Entry,
    feed::{HasHeader, Stream},
    id::PartnerId,
    link::Links,
    stop::Tasks,
    testing,
    time::to_proto,
};
use proto::feed::v1::{EventHeader, FollowRequest};
use tokio::sync::{mpsc, watch};
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// A feed that tells what it was told.
pub(crate) struct Feed<E> {
    events: Arc<watch::Sender<Vec<E>>>,
    tasks: Tasks,
    /// Always begins at the beginning, and breaks off when it has told everything.
    forgetful: bool,
}

impl<E> Clone for Feed<E> {
    fn clone(&self) -> Self {
        Self {
            events: Arc::clone(&self.events),
            tasks: self.tasks.clone(),
            forgetful: self.forgetful,
        }
    }
}

impl<E: HasHeader + From<Entry> + Clone + Send + Sync + 'static> Feed<E> {
    fn new(forgetful: bool) -> Self {
        Self {
            events: Arc::new(watch::Sender::new(Vec::new())),
            tasks: Tasks::new(),
            forgetful,
        }
    }

    /// Tells an act that was done to this tenant; the id of the event.
    pub(crate) fn tell(&self, partner: PartnerId, at: DateTime<Utc>, act: Entry) -> Uuid {
        let event_id = Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into());
        self.events.send_modify(|events| {
            let mut event = E::from(act);
            event.set_header(EventHeader {
                event_id: event_id.to_string(),
                position: i64::try_from(events.len()).unwrap() + 1,
                partner_id: partner.to_string(),
                occurred_at: Some(to_proto(at)),
                traceparent: TRACE.to_owned(),
            });
            events.push(event);
        });
        event_id
    }

    fn follow(&self, after: i64) -> Response<Stream<E>> {
        let (sender, receiver) = mpsc::channel(64);
        let mut told = if self.forgetful {
            0
        } else {
            usize::try_from(after).unwrap()
        };
        let (mut events, forgetful) = (self.events.subscribe(), self.forgetful);
        self.tasks.spawn("feed", async move {
            loop {
                let new: Vec<E> = events.borrow_and_update()[told..].to_vec();
                told += new.len();
                for event in new {
                    if sender.send(Ok(event)).await.is_err() {
                        return;
                    }
                }
                if forgetful || events.changed().await.is_err() {
                    return;
                }
            }
        });
        Response::new(Stream::new(receiver))
    }
}

/// The trace of every event.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// As a request knows it.
pub(crate) const TRACKING_ID: &str = "ENTREPOT_0af76519-16cd-43dd-8448-eb211c80319c";

/// Numbers the events of all feeds.
static NEXT: AtomicU64 = AtomicU64::new(1);

macro_rules! feeds {
    ($($context:ident, $with:ident;)*) => {
        /// A feed of each context but our own.
        pub(crate) struct Feeds {
            $(pub(crate) $context: Feed<proto::$context::v1::Event>,)*
        }

        $(
            #[tonic::async_trait]
            impl proto::$context::v1::events_server::Events for Feed<proto::$context::v1::Event> {
                type FollowStream = Stream<proto::$context::v1::Event>;
                async fn follow(
                    &self,
                    request: Request<FollowRequest>,
                ) -> Result<Response<Self::FollowStream>, Status> {
                    Ok(Feed::follow(self, request.into_inner().after_position))
                }
            }
        )*

        impl Feeds {
            fn with(forgetful: bool) -> Self {
                Self { $($context: Feed::new(forgetful),)* }
            }

            /// Links that lead to them.
            pub(crate) fn links(&self) -> Links {
                let links = testing::links();
                $(
                    let server = proto::$context::v1::events_server::EventsServer::new(
                        self.$context.clone(),
                    );
                    let links = links.$with(tonic::service::Routes::new(server));
                )*
                links.build()
            }
        }
    };
}

feeds! {
    identity, with_identity;
    provisioning, with_provisioning;
    subscriber, with_subscriber;
    billing, with_billing;
    compliance, with_compliance;
}

impl Feeds {
    pub(crate) fn new() -> Self {
        Self::with(false)
    }

    /// Feeds that repeat everything again and again.
    pub(crate) fn forgetful() -> Self {
        Self::with(true)
    }
}

/// Waits until something holds.
pub(crate) async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within half a minute");
}
