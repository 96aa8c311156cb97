//! Who did what: nothing lost, nothing twice, and no change unseen.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    audit::{self, Entry},
    auth::{Act, Caller, CallerKind},
    fault::Fault,
    id::PartnerId,
    scope::Scope,
    testing,
};
use proto::{
    compliance::v1::{
        AuditRecord, ListAuditCategoriesRequest, ListAuditEventsRequest, VerifyAuditChainRequest,
        VerifyAuditChainResponse, audit_client::AuditClient,
    },
    identity::v1 as identity,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{
    feeds::{Feed, Feeds, TRACKING_ID, until},
    world::World,
};

/// Who may read the audit of a tenant.
fn auditor(partner: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, partner, &["platform:audit_read"])
}

impl World {
    pub(crate) fn audit(&self) -> AuditClient<kit::link::Link> {
        AuditClient::new(self.link.clone())
    }

    async fn verified(&self, partner: PartnerId, noted: &[u8]) -> VerifyAuditChainResponse {
        let request = VerifyAuditChainRequest {
            noted_head: noted.to_vec(),
        };
        let request = testing::request(request, &auditor(partner));
        let answer = self.audit().verify_audit_chain(request).await;
        answer.unwrap().into_inner()
    }

    pub(crate) async fn listed(
        &self,
        partner: PartnerId,
        request: ListAuditEventsRequest,
    ) -> Result<(Vec<AuditRecord>, String), Fault> {
        let request = testing::request(request, &auditor(partner));
        let page = self.audit().list_audit_events(request).await?.into_inner();
        Ok((page.records, page.next_page_token))
    }

    /// Waits until a tenant's chain is this long.
    pub(crate) async fn chained(&self, partner: PartnerId, length: i64) {
        until(async || {
            let verified = self.verified(partner, &[]).await;
            assert!(verified.length <= length, "{verified:?}");
            assert!(verified.intact, "{verified:?}");
            (verified.length == length).then_some(())
        })
        .await;
    }

    async fn owner(&self) -> PgConnection {
        let mut owner = PgConnection::connect(&self.url).await.unwrap();
        let path = sqlx::raw_sql("set search_path to compliance");
        path.execute(&mut owner).await.unwrap();
        owner
    }
}

/// Somebody of this tenant who acts for another.
fn of(org: PartnerId) -> Act {
    Act {
        sub: "olivia".to_owned(),
        org,
        sid: None,
    }
}

/// An act by itself.
fn act(number: usize) -> Entry {
    audit::system("identity", "client.created").target("client", number)
}

/// Tells so many acts of a tenant, a second apart.
fn tell(feed: &Feed<identity::Event>, partner: PartnerId, from: DateTime<Utc>, count: usize) {
    for number in 0..count {
        let later = TimeDelta::seconds(i64::try_from(number).unwrap());
        feed.tell(partner, from + later, act(number));
    }
}

#[tokio::test]
async fn r606_a_changed_row_breaks_the_chain_and_is_named() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    tell(&feeds.identity, partner, world.now(), 9);
    world.chained(partner, 9).await;
    let mut owner = world.owner().await;
    let save = "create table saved as select * from audit_event;
                create table saved_chain as select * from audit_chain";
    sqlx::raw_sql(save).execute(&mut owner).await.unwrap();

    for (place, change) in [
        (
            4,
            "update audit_event set content = content || '\\x00' where sequence = 4",
        ),
        (
            5,
            "update audit_event set occurred_at = occurred_at + interval '1 day' where sequence = 5",
        ),
        (
            5,
            "update audit_event set recorded_at = occurred_at where sequence = 5",
        ),
        (
            2,
            "update audit_event set context = 'billing' where sequence = 2",
        ),
        (
            2,
            "update audit_event set tracking_id = 'x' where sequence = 2",
        ),
        (
            2,
            "update audit_event set event_id = gen_random_uuid() where sequence = 2",
        ),
        (
            3,
            "update audit_event set actor_id = 'x' where sequence = 3",
        ),
        (
            3,
            "update audit_event set action = 'client.deleted' where sequence = 3",
        ),
        (
            3,
            "update audit_event set organization_id = event_id where sequence = 3",
        ),
        (
            6,
            "update audit_event set hash = sha256('x') where sequence = 6",
        ),
        (7, "delete from audit_event where sequence = 7"),
        (1, "delete from audit_event where sequence = 1"),
        (9, "delete from audit_event where sequence = 9"),
        (1, "delete from audit_event"),
        (1, "update audit_event set sequence = sequence + 10"),
        (
            2,
            "update audit_event set sequence = 100 where sequence = 2;
             update audit_event set sequence = 2 where sequence = 3;
             update audit_event set sequence = 3 where sequence = 100",
        ),
        (
            10,
            "insert into audit_event
             select partner_id, 10, gen_random_uuid(), context, occurred_at, recorded_at,
                 tracking_id, action, actor_id, organization_id, content, hash
             from audit_event where sequence = 9",
        ),
        (10, "update audit_chain set head = sha256('x')"),
        (10, "update audit_chain set length = 12"),
        (1, "delete from audit_chain"),
    ] {
        sqlx::raw_sql(change).execute(&mut owner).await.unwrap();
        let found = world.verified(partner, &[]).await;
        assert!(!found.intact, "{change}");
        assert_eq!(found.first_broken, place, "{change}: {}", found.problem);
        assert!(!found.problem.is_empty());
        let restore = "truncate audit_event; insert into audit_event select * from saved;
             truncate audit_chain; insert into audit_chain select * from saved_chain";
        sqlx::raw_sql(restore).execute(&mut owner).await.unwrap();
        assert!(world.verified(partner, &[]).await.intact);
    }
}

#[tokio::test]
async fn r606_who_noted_the_end_finds_out_that_it_was_cut_off_or_written_anew() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let (partner, other) = (world.partner(), world.partner());
    tell(&feeds.identity, partner, world.now(), 5);
    tell(&feeds.identity, other, world.now(), 3);
    world.chained(partner, 5).await;
    world.chained(other, 3).await;
    let noted = world.verified(partner, &[]).await.head;
    assert!(world.verified(partner, &noted).await.noted_head_found);
    assert!(!world.verified(other, &noted).await.noted_head_found);
    tell(
        &feeds.identity,
        partner,
        world.now() + TimeDelta::hours(1),
        2,
    );
    world.chained(partner, 7).await;
    let longer = world.verified(partner, &noted).await;
    assert!(longer.intact && longer.noted_head_found);

    let mut owner = world.owner().await;
    let cut = format!(
        "delete from audit_event where partner_id = '{partner}' and sequence > 4;
         update audit_chain set length = 4, head = (
             select hash from audit_event where partner_id = '{partner}' and sequence = 4)
         where partner_id = '{partner}'"
    );
    sqlx::raw_sql(AssertSqlSafe(cut))
        .execute(&mut owner)
        .await
        .unwrap();
    let found = world.verified(partner, &noted).await;
    assert!(found.intact, "what is left fits");
    assert!(!found.noted_head_found, "and yet the end is gone");

    // a whole chain of another tenant, put in the place of this one's
    let swap = format!(
        "delete from audit_event where partner_id = '{partner}';
         update audit_event set partner_id = '{partner}' where partner_id = '{other}';
         update audit_chain set length = c.length, head = c.head from audit_chain c
         where audit_chain.partner_id = '{partner}' and c.partner_id = '{other}'"
    );
    sqlx::raw_sql(AssertSqlSafe(swap))
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(world.verified(partner, &[]).await.first_broken, 1);
}

#[tokio::test]
async fn r606_the_service_itself_may_not_change_a_row() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    tell(&feeds.identity, partner, world.now(), 1);
    world.chained(partner, 1).await;
    for scope in [Scope::Partner(partner), Scope::Whole("test")] {
        for sql in [
            "update audit_event set actor_id = 'nobody'",
            "delete from audit_event",
            "truncate audit_event",
            "delete from audit_chain",
            "truncate audit_chain",
        ] {
            let mut tx = world.context.db.begin(scope).await.unwrap();
            let error = sqlx::query(sql).execute(tx.conn()).await.unwrap_err();
            let code = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code);
            assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
        }
    }
}

#[tokio::test]
async fn r1105_an_act_for_another_stands_in_both_chains() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let (parent, child, stranger) = (world.partner(), world.partner(), world.partner());
    let acting = Caller {
        actor: Some(of(parent)),
        ..testing::caller(CallerKind::Partner, child, &[])
    };
    let operator = testing::caller(CallerKind::Operator, stranger, &[]);
    let service = testing::caller(CallerKind::Service, stranger, &[]);
    let at = world.now();
    let first = feeds
        .provisioning
        .tell(child, at, audit::by(&acting, "customer.created"));
    feeds
        .identity
        .tell(child, at, audit::by(&operator, "client.created"));
    feeds
        .billing
        .tell(child, at, audit::by(&service, "report.created"));
    world.chained(child, 3).await;
    world.chained(parent, 1).await;
    // the operator's own act, and not what a context does
    world.chained(stranger, 1).await;
    let (mut seen, _) = world
        .listed(parent, ListAuditEventsRequest::default())
        .await
        .unwrap();
    let record = seen.pop().unwrap();
    assert_eq!(record.event_id, first.to_string());
    assert_eq!(record.context, "provisioning");
    assert_eq!(record.tracking_id, TRACKING_ID);
    assert_eq!(record.category, "CUSTOMERS");
    let event = record.event.unwrap();
    assert_eq!(event.actor_id, "testing");
    assert_eq!(event.actor_organization_id, child.to_string());
    assert_eq!(event.acting_id, "olivia");
    assert_eq!(event.acting_organization_id, parent.to_string());
}

#[tokio::test]
async fn r1203_a_tenant_sees_its_own_chain_and_only_with_the_scope() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let (partner, other) = (world.partner(), world.partner());
    tell(&feeds.identity, partner, world.now(), 4);
    world.chained(partner, 4).await;
    let all = ListAuditEventsRequest::default();
    assert_eq!(world.listed(partner, all.clone()).await.unwrap().0.len(), 4);
    assert_eq!(world.listed(other, all.clone()).await.unwrap().0.len(), 0);
    assert_eq!(world.verified(other, &[]).await.length, 0);
    for (scope, opens) in [
        ("platform:audit_read", true),
        ("audit:events_read", true),
        ("platform:catalog_read", false),
    ] {
        let caller = testing::caller(CallerKind::Partner, partner, &[scope]);
        let mut audit = world.audit();
        let list = audit.list_audit_events(testing::request(all.clone(), &caller));
        assert_eq!(list.await.is_ok(), opens, "{scope}");
        let verify = VerifyAuditChainRequest::default();
        let verify = audit.verify_audit_chain(testing::request(verify, &caller));
        assert_eq!(verify.await.is_ok(), opens, "{scope}");
        let categories = testing::request(ListAuditCategoriesRequest {}, &caller);
        let categories = audit.list_audit_categories(categories).await;
        assert_eq!(categories.is_ok(), opens, "{scope}");
    }
}

#[tokio::test]
async fn a_repeat_of_a_feed_adds_nothing() {
    let feeds = Feeds::forgetful();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    for round in 0..4 {
        let later = world.now() + TimeDelta::hours(round);
        tell(&feeds.identity, partner, later, 3);
        world.chained(partner, (round + 1) * 3).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_feeds_at_once_keep_every_chain_whole() {
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    // a second replica competes for every cursor and every chain
    let _rival = world.rival(feeds.links());
    let partners = [world.partner(), world.partner(), world.partner()];
    for number in 0..120 {
        let at = world.now() + TimeDelta::milliseconds(i64::try_from(number).unwrap());
        let done_to = partners[number % 3];
        let by = Caller {
            actor: (number % 4 == 0).then(|| of(partners[(number + 1) % 3])),
            ..testing::caller(CallerKind::Partner, done_to, &[])
        };
        let act = |action| audit::by(&by, action).target("thing", number);
        match number % 5 {
            0 => feeds.identity.tell(done_to, at, act("client.created")),
            1 => feeds
                .provisioning
                .tell(done_to, at, act("customer.created")),
            2 => feeds
                .subscriber
                .tell(done_to, at, act("subscriber.created")),
            3 => feeds.billing.tell(done_to, at, act("report.created")),
            _ => feeds.compliance.tell(done_to, at, act("case.decided")),
        };
        if number % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    // 40 of each tenant, and the 10 that it did in the name of another
    for partner in partners {
        world.chained(partner, 50).await;
        let (records, _) = world
            .listed(partner, ListAuditEventsRequest::default())
            .await
            .unwrap();
        assert_eq!(records.len(), 50);
    }
}

/// How many acts a second are laid onto chains; what the test asserts is only that all of them are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_acts_is_chained_whole() {
    const ACTS: usize = 20_000;
    let feeds = Feeds::new();
    let world = World::linked(feeds.links()).await;
    let partner = world.partner();
    let began = Instant::now();
    tell(&feeds.identity, partner, world.now(), ACTS);
    let length = i64::try_from(ACTS).unwrap();
    until(async || {
        let count = world
            .count("select coalesce(max(length), 0) from audit_chain")
            .await;
        (count == length).then_some(())
    })
    .await;
    let took = began.elapsed();
    println!("{ACTS} acts were chained within {took:?}");
    let began = Instant::now();
    assert!(world.verified(partner, &[]).await.intact);
    println!("and verified within {:?}", began.elapsed());
}
