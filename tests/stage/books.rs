//! What must be true of the data, whatever happened (R-101, R-301, R-312, R-1402).

use std::{collections::BTreeMap, time::Duration};

use sqlx::{AssertSqlSafe, PgConnection};

use super::Stage;

const CONTEXTS: [&str; 5] = [
    "identity",
    "provisioning",
    "subscriber",
    "billing",
    "compliance",
];

/// Who follows whose feed.
const FOLLOWERS: [(&str, &str); 9] = [
    ("billing", "identity"),
    ("billing", "provisioning"),
    ("billing", "subscriber"),
    ("provisioning", "compliance"),
    ("compliance", "identity"),
    ("compliance", "provisioning"),
    ("compliance", "subscriber"),
    ("compliance", "billing"),
    ("compliance", "compliance"),
];

/// Each query finds what must not be, as one column of text.
const NEVER: &[(&str, &str)] = &[
    (
        "an organization of a customer that is not there, or the other way round",
        "select coalesce(o.organization_id, c.organization_id)::text
         from (select * from identity.organization where kind = 'customer') o
         full join (select * from provisioning.customer where organization_ready) c
           using (organization_id)
         where o.organization_id is null or c.organization_id is null
            or o.partner_id <> c.partner_id",
    ),
    (
        "a customer that ended nowhere",
        "select external_id || ' ' || status from provisioning.customer
         where removed_at is null
           and (status not in ('provisioned', 'error') or (status = 'error') = (errors = '[]'))",
    ),
    (
        "an external id with two customers",
        "select external_id from provisioning.customer where removed_at is null
         group by partner_id, external_id having count(*) > 1",
    ),
    (
        "a subscriber without exactly one base package",
        "select s.email from subscriber.subscriber s
         left join subscriber.assignment a
           on a.subscriber_id = s.subscriber_id and a.slot = 'base' and a.ended_at is null
         where s.removed_at is null
         group by s.subscriber_id, s.email having count(a.assignment_id) <> 1",
    ),
    (
        "a removed subscriber with a package",
        "select s.email from subscriber.subscriber s
         join subscriber.assignment a using (partner_id, customer_id, subscriber_id)
         where s.removed_at is not null and a.ended_at is null",
    ),
    (
        "a subscriber that is nobody, or somebody at another organization",
        "select s.email from subscriber.subscriber s
         join subscriber.customer c using (partner_id, customer_id)
         left join identity.person p on p.person_id = s.person_id
         where p.organization_id is distinct from c.organization_id",
    ),
    (
        "an open assignment that billing does not meter so, or the other way round",
        "select coalesce(a.assignment_id, u.assignment_id)::text
         from (select * from subscriber.assignment where ended_at is null) a
         full join billing.usage_open u using (assignment_id)
         where a.assignment_id is null or u.assignment_id is null
            or (a.partner_id, a.customer_id, a.subscriber_id, a.slot, a.package)
               <> (u.partner_id, u.customer_id, u.subscriber_id, u.slot, u.package)
            or floor(extract(epoch from a.started_at)) <> u.started",
    ),
    (
        "an ended assignment that billing did not meter so, or the other way round",
        "select coalesce(a.assignment_id, u.assignment_id)::text
         from (select * from subscriber.assignment
               where floor(extract(epoch from ended_at)) > floor(extract(epoch from started_at))) a
         full join billing.usage_closed u using (assignment_id)
         where a.assignment_id is null or u.assignment_id is null
            or (a.partner_id, a.customer_id, a.subscriber_id, a.slot, a.package)
               <> (u.partner_id, u.customer_id, u.subscriber_id, u.slot, u.package)
            or floor(extract(epoch from a.started_at)) <> u.started
            or floor(extract(epoch from a.ended_at)) <> u.ended",
    ),
];

/// What must not be, and is.
async fn differences(sql: &mut PgConnection) -> Vec<String> {
    let mut found = Vec::new();
    for (what, query) in NEVER {
        let rows: Vec<Option<String>> = sqlx::query_scalar(*query)
            .fetch_all(&mut *sql)
            .await
            .expect(what);
        let rows: Vec<_> = rows.into_iter().flatten().take(5).collect();
        if !rows.is_empty() {
            found.push(format!("{what}: {}", rows.join(", ")));
        }
    }
    found
}

/// What has still to be done: live operations, events that were not stamped or not handled.
async fn unfinished(sql: &mut PgConnection) -> Vec<String> {
    let mut found = Vec::new();
    for context in CONTEXTS {
        let operations = format!(
            "select kind || ' at ' || step || ' ' || state || ': ' || coalesce(last_error, '')
             from {context}.operation where state in ('running', 'undoing', 'stuck')"
        );
        let unstamped = format!(
            "select '{context} has an event without position' from {context}.feed_entry
             where position is null limit 1"
        );
        for query in [operations, unstamped] {
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
                .fetch_all(&mut *sql)
                .await
                .expect("can be asked");
            found.extend(rows);
        }
    }
    for (context, feed) in FOLLOWERS {
        let behind = format!(
            "select coalesce((select position from {context}.feed_cursor where feed = '{feed}'), 0),
                    coalesce((select max(position) from {feed}.feed_entry), 0)"
        );
        let (at, of): (i64, i64) = sqlx::query_as(AssertSqlSafe(behind))
            .fetch_one(&mut *sql)
            .await
            .expect("can be asked");
        if at != of {
            found.push(format!(
                "{context} is at {at} of {of} of the feed of {feed}"
            ));
        }
    }
    found
}

/// Rows of every table of every context.
pub(crate) async fn everything_counted(sql: &mut PgConnection) -> BTreeMap<String, i64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_schema || '.' || table_name from information_schema.tables
         where table_schema = any($1) and table_type = 'BASE TABLE'",
    )
    .bind(CONTEXTS.map(str::to_owned))
    .fetch_all(&mut *sql)
    .await
    .expect("can be asked");
    let mut counted = BTreeMap::new();
    for table in tables {
        let query = format!("select count(*) from {table}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&mut *sql)
            .await
            .expect("can be counted");
        counted.insert(table, count);
    }
    counted
}

/// Waits until nothing is left to be done, then looks for what must not be.
pub(crate) async fn settle(sql: &mut PgConnection, patience: Duration) {
    let began = std::time::Instant::now();
    loop {
        let left = unfinished(sql).await;
        if left.is_empty() {
            break;
        }
        assert!(began.elapsed() < patience, "still to be done: {left:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let found = differences(sql).await;
    assert!(found.is_empty(), "{found:#?}");
}

impl Stage {
    /// Waits until nothing is left to be done, then looks for what must not be.
    pub(crate) async fn settled(&self) {
        settle(&mut self.sql().await, Duration::from_secs(30)).await;
    }
}
