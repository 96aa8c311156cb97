//! What the database itself does when a service asks for too much: nothing.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::schema::tables;
use crate::stage::{Partner, Stage, listed_customer, subscriber};

/// Tables of the kit that not every context needs.
const UNUSED: [&str; 3] = [".operation", ".operation_event", ".idempotency"];

/// Two partners, each with something in nearly every table.
async fn lived_in(stage: &Stage) -> [Uuid; 2] {
    let partners = [stage.partner().await, stage.other_partner().await];
    for (n, partner) in partners.iter().enumerate() {
        let name = format!("lived-{n}");
        let packages = ["webex_calling", "webex_meetings"];
        let customer = partner.provisioned(&name, &packages).await;
        let found = partner.get(&Partner::customer_path(&customer)).await;
        let org = found.text_at("/orgId");
        let path = format!("/v1/settings/organizations/{org}/settings");
        let body = json!({ "key": "allow_third_party_devices", "value": true });
        let set = partner.post(&path, &body).await;
        set.expect_status(200).unwrap();
        let body = json!({ "displayName": "Staff", "orgId": org });
        let made = partner.post("/v1/groups", &body).await;
        made.expect_status(201).unwrap();
        let body = crate::stage::provider(&format!("idp-{n}"));
        let made = partner.post("/platform/v1/identity-providers", &body).await;
        made.expect_status(201).unwrap();
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
