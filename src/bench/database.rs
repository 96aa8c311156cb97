//! The private cluster as its owner sees it: databases, counters, copies.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use kit::BoxError;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// The owner's connection; row-level security does not hold it.
#[derive(Debug)]
pub(super) struct Owner(PgConnection);

/// Customers that can be read, in no order.
#[derive(Debug, Clone)]
pub(super) struct Known(Arc<[(Uuid, DateTime<Utc>)]>);

impl Known {
    /// One of them; each in turn.
    pub(super) fn customer(&self, n: u64) -> Result<(Uuid, DateTime<Utc>), BoxError> {
        let len = u64::try_from(self.0.len())?.max(1);
        let index = usize::try_from(n % len)?;
        Ok(*self.0.get(index).ok_or("there are no customers")?)
    }
}

/// Work that the database has done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// Transactions that ended well; those that only read are among them.
    commits: i64,
    /// Transactions that were dropped; reads end so as well.
    rollbacks: i64,
    /// Rounds of the log to the disk.
    syncs: i64,
}

impl Work {
    /// For people: what was done since, for each of a number of things.
    pub(super) fn since(self, before: Self, things: u64) -> String {
        let each = |now: i64, then: i64| {
            let tenths = u64::try_from(now - then).unwrap_or(0) * 10 / things.max(1);
            format!("{}.{}", tenths / 10, tenths % 10)
        };
        format!(
            "{} committed and {} dropped transactions, {} log flushes",
            each(self.commits, before.commits),
            each(self.rollbacks, before.rollbacks),
            each(self.syncs, before.syncs),
        )
    }
}

/// Counters are written by idle connections, after a second.
const SETTLED: Duration = Duration::from_millis(1500);

const WORK: &str = "select xact_commit, xact_rollback, wal_sync
     from pg_stat_database, pg_stat_wal
     where datname = current_database()";

const BUSY: &str = "select exists (
         select from provisioning.operation where state in ('running', 'undoing'))";

const PROVISIONED: &str = "select count(*) from provisioning.customer
     where status = 'provisioned' and removed_at is null";

const KNOWN: &str = "select customer_id, created_at from provisioning.customer
     where status = 'provisioned' and removed_at is null
     order by md5(customer_id::text)
     limit 5000";

/// Copies of one customer, five minutes apart, each with ids of its own; columns that a copy shares
/// with the model come from its row.
const COPY_CUSTOMERS: &str = "insert into provisioning.customer
     select copy.*
     from (select customer as model from provisioning.customer
           where status = 'provisioned' and removed_at is null
           order by created_at limit 1) as first,
          generate_series(1, $1::bigint) as n,
          lateral jsonb_populate_record(first.model, jsonb_build_object(
              'customer_id', gen_random_uuid(),
              'organization_id', gen_random_uuid(),
              'external_id', 'bench-copy-' || n,
              'created_at', (first.model).created_at - n * interval '5 minutes')) as copy";

const COPY_PACKAGES: &str = "with held as materialized (
         select customer_package as model
         from provisioning.customer_package
         where customer_id = (
             select customer_id from provisioning.customer
             where status = 'provisioned' and removed_at is null
               and external_id not like 'bench-copy-%'
             order by created_at limit 1))
     insert into provisioning.customer_package
     select copy.*
     from provisioning.customer as c, held,
          lateral jsonb_populate_record(held.model, jsonb_build_object(
              'customer_id', c.customer_id,
              'license_id', gen_random_uuid())) as copy
     where c.external_id like 'bench-copy-%'";

impl Owner {
    /// Connects.
    pub(super) async fn new(url: &str) -> Result<Self, BoxError> {
        Ok(Self(PgConnection::connect(url).await?))
    }

    /// Makes an empty database.
    pub(super) async fn create(&mut self, database: &'static str) -> Result<(), BoxError> {
        let sql = AssertSqlSafe(format!("create database {database}"));
        sqlx::query(sql).execute(&mut self.0).await?;
        Ok(())
    }

    /// Drops a database.
    pub(super) async fn drop(&mut self, database: &'static str) -> Result<(), BoxError> {
        let sql = AssertSqlSafe(format!("drop database {database} with (force)"));
        sqlx::query(sql).execute(&mut self.0).await?;
        Ok(())
    }

    /// The server's version.
    pub(super) async fn version(&mut self) -> Result<String, BoxError> {
        let sql = "select current_setting('server_version')";
        Ok(sqlx::query_scalar(sql).fetch_one(&mut self.0).await?)
    }

    /// Where the cluster's data are.
    pub(super) async fn directory(&mut self) -> Result<PathBuf, BoxError> {
        let sql = "select current_setting('data_directory')";
        let path: String = sqlx::query_scalar(sql).fetch_one(&mut self.0).await?;
        Ok(path.into())
    }

    /// The counters, once they have settled.
    pub(super) async fn work(&mut self) -> Result<Work, BoxError> {
        tokio::time::sleep(SETTLED).await;
        let (commits, rollbacks, syncs) = sqlx::query_as(WORK).fetch_one(&mut self.0).await?;
        Ok(Work {
            commits,
            rollbacks,
            syncs,
        })
    }

    /// Whether customers are on their way.
    pub(super) async fn busy(&mut self) -> Result<bool, BoxError> {
        Ok(sqlx::query_scalar(BUSY).fetch_one(&mut self.0).await?)
    }

    /// How many customers are provisioned.
    pub(super) async fn provisioned(&mut self) -> Result<u64, BoxError> {
        let count: i64 = sqlx::query_scalar(PROVISIONED)
            .fetch_one(&mut self.0)
            .await?;
        Ok(u64::try_from(count)?)
    }

    /// Up to five thousand customers, drawn from all.
    pub(super) async fn known(&mut self) -> Result<Known, BoxError> {
        let rows: Vec<_> = sqlx::query_as(KNOWN).fetch_all(&mut self.0).await?;
        Ok(Known(rows.into()))
    }

    /// Makes copies of the first customer until there are so many.
    pub(super) async fn fill(&mut self, customers: u64) -> Result<(), BoxError> {
        let missing = customers.saturating_sub(self.provisioned().await?);
        sqlx::query(COPY_CUSTOMERS)
            .bind(i64::try_from(missing)?)
            .execute(&mut self.0)
            .await?;
        sqlx::query(COPY_PACKAGES).execute(&mut self.0).await?;
        for sql in ["vacuum analyze", "checkpoint"] {
            sqlx::query(sql).execute(&mut self.0).await?;
        }
        Ok(())
    }
}
