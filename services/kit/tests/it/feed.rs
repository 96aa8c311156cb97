//! The feed loses nothing and repeats nothing, whoever commits when.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kit::{
    BoxError,
    db::Tx,
    fault::Fault,
    feed::{self, Follower},
    id::PartnerId,
    link::Link,
    scope::Scope,
    testing,
    time::Clock,
};
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{
        Event, PartnerChanged, event,
        events_client::EventsClient,
        events_server::{Events, EventsServer},
    },
};
use tokio::sync::Mutex;
use tonic::{Request, Response, Status, Streaming, service::Routes};

struct Served(kit::boot::Context);

#[tonic::async_trait]
impl Events for Served {
    type FollowStream = feed::Stream<Event>;
    async fn follow(
        &self,
        request: Request<FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        feed::serve(
            self.0.db.clone(),
            self.0.tasks.clone(),
            request.into_inner(),
        )
        .await
    }
}

/// Remembers what it handled; fails now and then, after it did.
#[derive(Clone)]
struct Handled {
    link: Link,
    seen: Arc<Mutex<BTreeMap<i64, String>>>,
    calls: Arc<Mutex<u32>>,
}

impl Follower for Handled {
    type Event = Event;
    const FEED: &'static str = "identity";

    async fn open(&self, after: i64) -> Result<Streaming<Event>, Fault> {
        let request = FollowRequest {
            consumer: "test".to_owned(),
            after_position: after,
        };
        Ok(EventsClient::new(self.link.clone())
            .follow(request)
            .await?
            .into_inner())
    }

    async fn handle(&self, tx: &mut Tx, event: Event) -> Result<(), BoxError> {
        let header = event.header.clone().unwrap();
        let Some(event::Kind::PartnerChanged(changed)) = event.kind else {
            panic!("kind")
        };
        sqlx::query("insert into handled values ($1, $2)")
            .bind(header.position)
            .bind(&changed.display_name)
            .execute(tx.conn())
            .await?;
        let mut calls = self.calls.lock().await;
        *calls += 1;
        if *calls % 211 == 60 {
            return Err("now and then it fails".into());
        }
        self.seen
            .lock()
            .await
            .insert(header.position, changed.display_name);
        Ok(())
    }
}

fn changed(name: String) -> Event {
    let changed = PartnerChanged {
        display_name: name,
        ..PartnerChanged::default()
    };
    Event {
        header: None,
        kind: Some(event::Kind::PartnerChanged(changed)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_committed_event_takes_effect_exactly_once_and_in_order() {
    let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let source = testing::context(
        test.db.clone(),
        Clock::system(),
        kit::link::Links::nowhere(),
    );
    let other = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let target = testing::context(
        other.db.clone(),
        Clock::system(),
        kit::link::Links::nowhere(),
    );
    {
        let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect(&other.url)
            .await
            .unwrap();
        let create = "create table kit.handled (position bigint primary key, name text);
             grant all on kit.handled to entrepot_kit_whole";
        sqlx::raw_sql(create).execute(&mut owner).await.unwrap();
    }

    let (link, socket) = Link::here();
    socket.plug(Routes::new(EventsServer::new(Served(source.clone()))));
    // two rival stampers, as with two replicas
    feed::stamper(source.db.clone(), source.tasks.clone()).start(&source.tasks);
    feed::stamper(source.db.clone(), source.tasks.clone()).start(&source.tasks);
    let handled = Handled {
        link,
        seen: Arc::default(),
        calls: Arc::default(),
    };
    feed::follow(&target, handled.clone()).start(&target.tasks);

    // writers that hold their transactions open for different times; every third rolls back
    let partner = PartnerId::new(&source.ids);
    let writers = (0..6_u64).map(|writer| {
        let context = source.clone();
        async move {
            for n in 0..40_u64 {
                let mut tx = context.db.begin(Scope::Partner(partner)).await.unwrap();
                let event = changed(format!("{writer}:{n:03}"));
                feed::append(&mut tx, &context.ids, partner, context.clock.now(), &event)
                    .await
                    .unwrap();
                tokio::time::sleep(Duration::from_millis((writer * 7 + n * 3) % 20)).await;
                if n % 3 != 2 {
                    tx.commit().await.unwrap();
                }
            }
        }
    });
    futures::future::join_all(writers).await;

    let expected = 6 * (0..40).filter(|n| n % 3 != 2).count();
    for _ in 0..600 {
        let mut tx = target.db.begin(Scope::Whole("test")).await.unwrap();
        let count: i64 = sqlx::query_scalar("select count(*) from handled")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        if usize::try_from(count).unwrap() == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut tx = target.db.begin(Scope::Whole("test")).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar("select name from handled order by position")
        .fetch_all(tx.conn())
        .await
        .unwrap();
    assert_eq!(names.len(), expected, "nothing lost, nothing twice");
    for writer in 0..6 {
        let own: Vec<_> = names
            .iter()
            .filter(|name| name.starts_with(&format!("{writer}:")))
            .collect();
        assert!(own.is_sorted(), "writer {writer} keeps its order");
    }
    source.tasks.stop();
    target.tasks.stop();
}
