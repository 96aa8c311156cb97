//! Every table of every context: whose it is stands in its key, and the database itself keeps it so.

use std::collections::{BTreeMap, BTreeSet};

use entrepot::{platform::migrations, up};
use kit::link::Links;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use uuid::Uuid;

use crate::stage::{Partner, Stage, listed_customer, subscriber};

/// What sqlx notes down for itself, and the list of exceptions.
const BOOKS: [&str; 3] = ["kit_migration", "migration", "kit_shared_table"];

/// Unique indexes that do not begin with the tenant, and why. They give nothing away: what clashes is
/// refused with words that do not say whose the other is.
const UNIQUE_OVER_ALL: &[(&str, &str)] = &[
    ("feed_entry_position", "one numbering for the whole feed"),
    ("organization_tenant", "partners are the roots of the tree"),
    ("organization_parent", "sub-partners hang under partners"),
    ("organization_id_once", "an organization has one owner"),
    (
        "organization_sip_domain_once",
        "a SIP domain is the world's (R-306)",
    ),
    ("organization_one_operator", "there is one operator"),
    (
        "person_email_once",
        "an address belongs to one organization (R-407)",
    ),
    (
        "person_id_once",
        "a person belongs to one organization (R-407)",
    ),
    (
        "client_id_once",
        "a client signs in before its tenant is known",
    ),
    (
        "subscriber_email",
        "an address belongs to one organization (R-407)",
    ),
    ("subscriber_number", "a phone number is the world's (R-405)"),
];

/// Tables of the kit that not every context needs.
const UNUSED: [&str; 3] = [".operation", ".operation_event", ".idempotency"];

/// A table.
#[derive(Debug)]
struct Table {
    context: &'static str,
    name: String,
    secured: bool,
    forced: bool,
    /// The first column of the primary key.
    leads: Option<String>,
    shared: Option<String>,
}

impl Table {
    fn full(&self) -> String {
        format!("{}.{}", self.context, self.name)
    }

    fn is_book(&self) -> bool {
        BOOKS.contains(&self.name.as_str())
    }

    fn has_tenant(&self) -> bool {
        !self.is_book() && self.shared.is_none()
    }
}

async fn migrated() -> (String, PgConnection) {
    let url = crate::stage::migrated().await;
    let sql = PgConnection::connect(&url).await.expect("answers");
    (url, sql)
}

async fn tables(sql: &mut PgConnection) -> Vec<Table> {
    let mut found = Vec::new();
    for context in Links::CONTEXTS {
        let query = format!(
            "select c.relname, c.relrowsecurity, c.relforcerowsecurity, s.reason,
                    (select a.attname from pg_index i
                     join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                     where i.indrelid = c.oid and i.indisprimary) as leads
             from pg_class c
             left join {context}.kit_shared_table s on s.table_name = c.relname
             where c.relnamespace = '{context}'::regnamespace and c.relkind in ('r', 'p')
             order by c.relname"
        );
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut *sql).await;
        for row in rows.expect("the catalogue of the database") {
            found.push(Table {
                context,
                name: row.get("relname"),
                secured: row.get("relrowsecurity"),
                forced: row.get("relforcerowsecurity"),
                leads: row.get("leads"),
                shared: row.get("reason"),
            });
        }
    }
    assert!(found.len() > 40, "only {} tables", found.len());
    found
}

/// One column of text.
async fn texts(sql: &mut PgConnection, query: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(query))
        .fetch_all(sql)
        .await
        .expect("can be asked")
}

#[tokio::test]
async fn every_table_has_its_tenant_first_or_says_why_it_has_none() {
    let (_, mut sql) = migrated().await;
    let mut wrong = Vec::new();
    for table in tables(&mut sql).await {
        let full = table.full();
        if table.is_book() {
            continue;
        }
        if let Some(reason) = &table.shared {
            if reason.split_whitespace().count() < 4 {
                wrong.push(format!("{full}: shared, and the reason is none: {reason}"));
            }
            let query = format!(
                "select attname::text from pg_attribute
                 where attrelid = '{full}'::regclass and attname = 'partner_id' and attnum > 0"
            );
            if !texts(&mut sql, query).await.is_empty() {
                wrong.push(format!("{full}: shared, and yet has a partner_id"));
            }
            continue;
        }
        if table.leads.as_deref() != Some("partner_id") {
            wrong.push(format!("{full}: its key begins with {:?}", table.leads));
        }
        if !(table.secured && table.forced) {
            wrong.push(format!("{full}: row-level security is not forced"));
        }
        let query = format!(
            "select polname || ' for ' || array_to_string(array(
                 select rolname from pg_roles where oid = any(polroles) order by 1), ' ')
             from pg_policy where polrelid = '{full}'::regclass and polpermissive and polcmd = '*'
             order by 1"
        );
        let context = table.context;
        let policies = texts(&mut sql, query).await;
        let wanted = [
            format!("tenant for entrepot_{context}"),
            format!("whole for entrepot_{context}_whole"),
        ];
        if policies != wanted {
            wrong.push(format!("{full}: its policies are {policies:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_unique_index_begins_with_the_tenant_or_says_why_not() {
    let (_, mut sql) = migrated().await;
    let tables = tables(&mut sql).await;
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for table in tables.iter().filter(|table| table.has_tenant()) {
        let query = format!(
            "select x.relname || ' ' || coalesce(a.attname, '(an expression)')
             from pg_index i
             join pg_class x on x.oid = i.indexrelid
             left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
             where i.indrelid = '{}'::regclass and i.indisunique",
            table.full()
        );
        for index in texts(&mut sql, query).await {
            let (name, first) = index.split_once(' ').expect("two words");
            if first == "partner_id" {
                continue;
            }
            match UNIQUE_OVER_ALL.iter().find(|(known, _)| *known == name) {
                Some((known, _)) => drop(seen.insert(*known)),
                None => wrong.push(format!("{}: {name} begins with {first}", table.full())),
            }
        }
    }
    for (name, _) in UNIQUE_OVER_ALL {
        if !seen.contains(name) {
            wrong.push(format!("{name}: an exception without a case"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_service_is_a_small_role_that_sees_its_own_schema_only() {
    let (_, mut sql) = migrated().await;
    for context in Links::CONTEXTS {
        let role = format!("entrepot_{context}");
        for (role, may_sign_in) in [(role.clone(), true), (format!("{role}_whole"), false)] {
            let row = sqlx::query(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
                        rolinherit, rolcanlogin,
                        (select count(*) from pg_class where relowner = r.oid) as owned
                 from pg_roles r where rolname = $1",
            )
            .bind(&role)
            .fetch_one(&mut sql)
            .await
            .expect("the role exists");
            for power in [
                "rolsuper",
                "rolbypassrls",
                "rolcreaterole",
                "rolcreatedb",
                "rolreplication",
            ] {
                assert!(!row.get::<bool, _>(power), "{role}: {power}");
            }
            assert_eq!(row.get::<bool, _>("rolcanlogin"), may_sign_in, "{role}");
            assert!(
                !may_sign_in || !row.get::<bool, _>("rolinherit"),
                "{role}: inherits"
            );
            assert_eq!(row.get::<i64, _>("owned"), 0, "{role}: owns tables");
        }
        let member_of = format!(
            "select r.rolname::text from pg_auth_members m
             join pg_roles r on r.oid = m.roleid
             join pg_roles u on u.oid = m.member
             where u.rolname = '{role}'"
        );
        let groups = texts(&mut sql, member_of).await;
        assert_eq!(groups, [format!("{role}_whole")], "{role}");
    }
    let tables = tables(&mut sql).await;
    for context in Links::CONTEXTS {
        for role in [
            format!("entrepot_{context}"),
            format!("entrepot_{context}_whole"),
        ] {
            for table in tables.iter().filter(|table| table.context != context) {
                let query = format!(
                    "select has_schema_privilege('{role}', '{}', 'usage, create')
                         or has_table_privilege('{role}', '{}', 'select, insert, update, delete, truncate, references, trigger')",
                    table.context,
                    table.full()
                );
                let may: bool = sqlx::query_scalar(AssertSqlSafe(query))
                    .fetch_one(&mut sql)
                    .await
                    .expect("can be asked");
                assert!(!may, "{role} may do something with {}", table.full());
            }
        }
    }
    // and not on paper only
    for context in Links::CONTEXTS {
        let other = Links::CONTEXTS.iter().find(|other| **other != context);
        let other = other.expect("there are five");
        let query = format!("set role entrepot_{context}; select 1 from {other}.operation");
        let refused = sqlx::raw_sql(AssertSqlSafe(query)).execute(&mut sql).await;
        let refused = refused.expect_err("a neighbour's table");
        let code = refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{context} reads {other}");
        sqlx::raw_sql("reset role").execute(&mut sql).await.unwrap();
    }
}

/// Everything that a migration can make, by its number in the database.
async fn made(sql: &mut PgConnection) -> Vec<String> {
    let query = "
        select 'class ' || oid || ' ' || relname || ' ' || relfilenode || ' ' || coalesce(relacl::text, '')
        from pg_class where relnamespace::regnamespace::text = any('{identity,provisioning,subscriber,billing,compliance}')
        union all
        select 'function ' || oid || ' ' || proname || ' ' || md5(prosrc) from pg_proc
        where pronamespace::regnamespace::text = any('{identity,provisioning,subscriber,billing,compliance}')
        union all
        select 'policy ' || oid || ' ' || polname from pg_policy
        union all
        select 'role ' || oid || ' ' || rolname from pg_roles where rolname like 'entrepot%'
        order by 1";
    texts(sql, query.to_owned()).await
}

#[tokio::test]
async fn migrations_that_were_applied_do_nothing_again() {
    let (url, mut sql) = migrated().await;
    let before = made(&mut sql).await;
    assert!(before.len() > 100, "only {} things", before.len());
    up::migrate(&url).await.expect("again");
    assert_eq!(made(&mut sql).await, before);
    for context in Links::CONTEXTS {
        let progress = kit::migrate::progress(&url, context, migrations(context)).await;
        let (applied, known) = progress.expect("can be asked");
        assert_eq!(applied, known, "{context}");
        assert!(known > 1, "{context}");
    }
}

/// Two partners, each with something in nearly every table.
async fn lived_in(stage: &Stage) -> [Uuid; 2] {
    let partners = [stage.partner().await, stage.other_partner().await];
    for (n, partner) in partners.iter().enumerate() {
        let name = format!("lived-{n}");
        let packages = ["webex_calling", "webex_meetings"];
        let customer = partner.provisioned(&name, &packages).await;
        let email = format!("first@{name}.example");
        let body = subscriber(&customer, &email, "webex_calling", 0);
        let id = partner.subscribed(&body).await;
        partner
            .put(
                &Partner::subscriber_path(&id),
                &json!({ "package": "webex_meetings" }),
            )
            .await;
        let body = json!({
            "name": format!("Branch {n}"),
            "adminEmail": format!("admin@branch-{n}.example"),
            "adminFirstName": "Ada",
            "adminLastName": "Byron",
            "subscriptionId": partner.subscription_id,
        });
        let made = partner.post("/platform/v1/sub-partners", &body).await;
        made.expect_status(201).unwrap();
        // in the past, so that it can be asked for at once
        partner.report("USER", "2026-01-01", "2026-01-02").await;
    }
    stage.settled().await;
    for (n, partner) in partners.iter().enumerate() {
        let body = listed_customer(&partner.provisioning_id, &format!("listed-{n}"));
        let held = partner.accepted(&body).await;
        partner.until(&held, "pending_rpl_review").await;
    }
    partners.map(|partner| partner.id)
}

async fn count(sql: &mut PgConnection, query: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.clone()))
        .fetch_one(sql)
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Runs a change inside the open transaction and takes it back; how many rows it touched.
async fn touched(sql: &mut PgConnection, change: String) -> Result<u64, String> {
    sqlx::raw_sql("savepoint here")
        .execute(&mut *sql)
        .await
        .unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(change))
        .execute(&mut *sql)
        .await;
    sqlx::raw_sql("rollback to here")
        .execute(&mut *sql)
        .await
        .unwrap();
    let code = |error: &sqlx::Error| {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        code.unwrap_or_default().into_owned()
    };
    done.map(|done| done.rows_affected())
        .map_err(|error| code(&error))
}

#[tokio::test]
async fn r1203_no_service_reaches_another_partners_rows_whatever_it_asks() {
    let stage = Stage::new().await;
    let partners = lived_in(&stage).await;
    let stranger = Uuid::from_u128(1);
    let mut sql = stage.sql().await;
    let mut lived = BTreeMap::new();
    for table in tables(&mut sql)
        .await
        .iter()
        .filter(|table| table.has_tenant())
    {
        let full = table.full();
        for (own, other) in [(partners[0], partners[1]), (partners[1], partners[0])] {
            let everybody = count(&mut sql, format!("select count(*) from {full}")).await;
            let query = format!("select count(*) from {full} where partner_id = '{own}'");
            let theirs = count(&mut sql, query).await;
            let foreign = format!("partner_id = '{other}'");
            *lived.entry(full.clone()).or_insert(0) += theirs;

            sqlx::raw_sql("begin").execute(&mut sql).await.unwrap();
            let role = format!("set local role entrepot_{}", table.context);
            sqlx::raw_sql(AssertSqlSafe(role))
                .execute(&mut sql)
                .await
                .unwrap();
            let seen = count(&mut sql, format!("select count(*) from {full}")).await;
            assert_eq!(seen, 0, "{full}: rows without a tenant in the session");
            for (tenant, wanted) in [(own, theirs), (stranger, 0)] {
                let set = format!("select set_config('entrepot.partner', '{tenant}', true)");
                sqlx::raw_sql(AssertSqlSafe(set))
                    .execute(&mut sql)
                    .await
                    .unwrap();
                let seen = count(&mut sql, format!("select count(*) from {full}")).await;
                assert_eq!(seen, wanted, "{full}: rows of {tenant} of {everybody}");
            }
            let set = format!("select set_config('entrepot.partner', '{own}', true)");
            sqlx::raw_sql(AssertSqlSafe(set))
                .execute(&mut sql)
                .await
                .unwrap();
            for change in [
                format!("update {full} set partner_id = partner_id where {foreign}"),
                format!("delete from {full} where {foreign}"),
            ] {
                let outcome = touched(&mut sql, change).await;
                // what is only ever added to gives no right to change it
                let refused = Err("42501".to_owned());
                let fine = outcome == Ok(0) || outcome == refused;
                assert!(fine, "{full}: another partner's rows: {outcome:?}");
            }
            if theirs > 0 {
                let give = format!("update {full} set partner_id = '{other}'");
                let outcome = touched(&mut sql, give).await;
                assert_eq!(
                    outcome,
                    Err("42501".to_owned()),
                    "{full}: a row for another"
                );
            }
            sqlx::raw_sql("rollback").execute(&mut sql).await.unwrap();
        }
    }
    let empty: Vec<_> = lived
        .iter()
        .filter(|(table, rows)| **rows == 0 && !UNUSED.iter().any(|unused| table.ends_with(unused)))
        .collect();
    println!("{} tables, of which without rows: {empty:?}", lived.len());
    assert!(
        empty.len() * 5 <= lived.len(),
        "too few have rows to prove anything: {empty:?}"
    );
}
