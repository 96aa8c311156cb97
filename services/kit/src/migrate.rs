//! Schemas, roles and grants; run as the owner of the database, never by a serving process.

use std::str::FromStr as _;

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, migrate::Migrator, postgres::PgConnectOptions,
};

/// Brings the schema of one context up to date: its roles, kit's tables, its own tables.
pub async fn migrate(url: &str, context: &str, own: &Migrator) -> Result<(), sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.options([("search_path", context)]);
    let mut conn = PgConnection::connect_with(&options).await?;
    // Safe: the name of a context is a constant of ours.
    let roles = format!(
        "-- roles belong to the cluster: another of its databases may be making them at this moment
         do $$ begin
             -- noinherit: it may change to its `_whole` role, but must not be it all the time,
             -- or that role's policy would show it every tenant
             create role entrepot_{context} login noinherit;
         exception when duplicate_object or unique_violation then null;
         end $$;
         do $$ begin
             create role entrepot_{context}_whole;
         exception when duplicate_object or unique_violation then null;
         end $$;
         do $$ begin
             if not pg_has_role('entrepot_{context}', 'entrepot_{context}_whole', 'member') then
                 grant entrepot_{context}_whole to entrepot_{context};
             end if;
             if not pg_has_role(current_user, 'entrepot_{context}', 'member') then
                 execute format('grant entrepot_{context}, entrepot_{context}_whole to %I', current_user);
             end if;
         exception when unique_violation then null;
         end $$;
         create schema if not exists {context};"
    );
    sqlx::raw_sql(AssertSqlSafe(roles))
        .execute(&mut conn)
        .await?;
    crate::MIGRATIONS.run(&mut conn).await?;
    own.run(&mut conn).await?;
    // a serving process, which may log in as the service's own role, asks whether it is up to date
    let grant = format!("grant select on kit_migration, migration to entrepot_{context}");
    sqlx::raw_sql(AssertSqlSafe(grant))
        .execute(&mut conn)
        .await?;
    conn.close().await
}

/// How many migrations of a context are applied, and how many there are.
pub async fn progress(url: &str, context: &str, own: &Migrator) -> Result<(i64, i64), sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.options([("search_path", context)]);
    let mut conn = PgConnection::connect_with(&options).await?;
    let there: bool = sqlx::query_scalar("select to_regclass('migration') is not null")
        .fetch_one(&mut conn)
        .await?;
    let applied: i64 = if there {
        sqlx::query_scalar(
            "select (select count(*) from kit_migration) + (select count(*) from migration)",
        )
        .fetch_one(&mut conn)
        .await?
    } else {
        0
    };
    conn.close().await?;
    let known = crate::MIGRATIONS.iter().count() + own.iter().count();
    Ok((applied, i64::try_from(known).unwrap_or(i64::MAX)))
}
