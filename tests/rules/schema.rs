//! Every table of every context: whose it is stands in its key, and the database itself keeps it so.

use std::collections::BTreeSet;

use entrepot::{platform::migrations, up};
use kit::link::Links;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

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
        "session_secret_once",
        "a cookie is looked up before its tenant is known",
    ),
    (
        "identity_provider_name_once",
        "a provider's name is the platform's only one (R-1302)",
    ),
    (
        "identity_provider_id_once",
        "its URLs name it before its tenant is known",
    ),
    (
        "subscriber_email",
        "an address belongs to one organization (R-407)",
    ),
    ("subscriber_number", "a phone number is the world's (R-405)"),
];

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) context: &'static str,
    name: String,
    secured: bool,
    forced: bool,
    /// The first column of the primary key.
    leads: Option<String>,
    shared: Option<String>,
}

impl Table {
    pub(super) fn full(&self) -> String {
        format!("{}.{}", self.context, self.name)
    }

    fn is_book(&self) -> bool {
        BOOKS.contains(&self.name.as_str())
    }

    pub(super) fn has_tenant(&self) -> bool {
        !self.is_book() && self.shared.is_none()
    }
}

async fn migrated() -> (String, PgConnection) {
    let url = crate::stage::migrated().await;
    let sql = PgConnection::connect(&url).await.expect("answers");
    (url, sql)
}

/// All tables of all contexts.
pub(super) async fn tables(sql: &mut PgConnection) -> Vec<Table> {
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

/// Tables that are nobody's and do not say why, or that the database does not guard.
async fn unguarded(sql: &mut PgConnection) -> Vec<String> {
    let mut wrong = Vec::new();
    for table in tables(sql).await {
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
            if !texts(sql, query).await.is_empty() {
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
        let policies = texts(sql, query).await;
        let wanted = [
            format!("tenant for entrepot_{context}"),
            format!("whole for entrepot_{context}_whole"),
        ];
        if policies != wanted {
            wrong.push(format!("{full}: its policies are {policies:?}"));
        }
    }
    wrong
}

#[tokio::test]
async fn every_table_has_its_tenant_first_or_says_why_it_has_none() {
    let (_, mut sql) = migrated().await;
    let wrong = unguarded(&mut sql).await;
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_table_that_was_forgotten_is_found_by_its_name() {
    let (_, mut sql) = migrated().await;
    for (change, what) in [
        (
            "create table billing.forgotten (thing_id uuid primary key)",
            "billing.forgotten: its key begins with Some(\"thing_id\")",
        ),
        (
            "drop table billing.forgotten; alter table identity.person no force row level security",
            "identity.person: row-level security is not forced",
        ),
        (
            "alter table identity.person force row level security;
             drop policy tenant on subscriber.subscriber",
            "subscriber.subscriber: its policies are [\"whole for entrepot_subscriber_whole\"]",
        ),
    ] {
        sqlx::raw_sql(change).execute(&mut sql).await.unwrap();
        let wrong = unguarded(&mut sql).await;
        assert!(
            wrong.iter().any(|one| one == what),
            "{what} not in {wrong:?}"
        );
    }
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
