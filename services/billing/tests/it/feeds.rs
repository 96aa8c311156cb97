//! Fakes of the feeds that billing follows.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt as _};
use kit::feed::HasHeader;
use kit::id::PartnerId;
use kit::time::to_proto;
use proto::feed::v1::{EventHeader, FollowRequest};
use proto::{identity, provisioning, subscriber};
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// A feed that tests write to.
pub(crate) struct Feed<E>(Arc<Mutex<Vec<E>>>);

impl<E> Clone for Feed<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: HasHeader + Clone + Send + 'static> Feed<E> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn push(&self, partner: PartnerId, at: DateTime<Utc>, mut event: E) {
        let mut events = self.0.lock().unwrap();
        event.set_header(EventHeader {
            event_id: Uuid::from_u128(u128::try_from(events.len()).unwrap()).to_string(),
            position: i64::try_from(events.len()).unwrap() + 1,
            partner_id: partner.to_string(),
            occurred_at: Some(to_proto(at)),
            traceparent: String::new(),
        });
        events.push(event);
    }

    pub(crate) fn len(&self) -> i64 {
        i64::try_from(self.0.lock().unwrap().len()).unwrap()
    }

    fn stream(&self, after: i64) -> Pin<Box<dyn Stream<Item = Result<E, Status>> + Send>> {
        let feed = self.clone();
        futures::stream::unfold(usize::try_from(after).unwrap(), move |next| {
            let feed = feed.clone();
            async move {
                loop {
                    let event = feed.0.lock().unwrap().get(next).cloned();
                    if let Some(event) = event {
                        return Some((Ok(event), next + 1));
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        })
        .boxed()
    }
}

macro_rules! fake {
    ($($context:ident),*) => {$(
        #[tonic::async_trait]
        impl $context::v1::events_server::Events for Feed<$context::v1::Event> {
            type FollowStream =
                Pin<Box<dyn Stream<Item = Result<$context::v1::Event, Status>> + Send>>;

            async fn follow(
                &self,
                request: Request<FollowRequest>,
            ) -> Result<Response<Self::FollowStream>, Status> {
                Ok(Response::new(self.stream(request.get_ref().after_position)))
            }
        }
    )*};
}
fake!(identity, provisioning, subscriber);
