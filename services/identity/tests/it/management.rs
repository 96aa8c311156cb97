//! Who manages whom, and the wall between customers of one tenant.

use kit::{id::PartnerId, scope::Scope};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::world::World;

async fn managers(world: &World, organization: Uuid) -> Vec<(Uuid, String)> {
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    sqlx::raw_sql("set role entrepot_identity_whole")
        .execute(&mut sql)
        .await
        .unwrap();
    sqlx::query_as(
        "select manager_id, kind from identity.management
         where organization_id = $1 order by manager_id",
    )
    .bind(organization)
    .fetch_all(&mut sql)
    .await
    .unwrap()
}

#[tokio::test]
async fn r1104_relations_are_set_with_the_organization() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let branch = world.partner(Some(parent)).await;
    let own = world.customer(parent).await;
    let below = world.customer(branch).await;
    let full = |id: PartnerId| (id.uuid(), "full".to_owned());
    let of = |id: &str| id.parse::<Uuid>().unwrap();
    assert_eq!(managers(&world, parent.uuid()).await, []);
    assert_eq!(managers(&world, branch.uuid()).await, [full(parent)]);
    assert_eq!(
        managers(&world, of(&own.organization_id)).await,
        [full(parent)]
    );
    let mut both = [full(parent), full(branch)];
    both.sort();
    assert_eq!(managers(&world, of(&below.organization_id)).await, both);
}

#[tokio::test]
async fn r402_the_first_person_holds_the_roles_of_its_organization() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await;
    for email in ["ann@example.com", "ben@example.com"] {
        world.enrol(&customer, email).await.unwrap();
    }
    let own = world.organization(owner).await;
    world.enrol(&own, "cy@example.com").await.unwrap();
    let mut tx = world.context.db.begin(Scope::Partner(owner)).await.unwrap();
    let held: Vec<(String, String)> = sqlx::query_as(
        "select p.email, g.role from role_grant g join person p using (person_id) order by 1, 2",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    let held: Vec<_> = held.iter().map(|(who, what)| (&**who, &**what)).collect();
    assert_eq!(
        held,
        [
            ("ann@example.com", "customer_full_admin"),
            ("cy@example.com", "partner_full_admin"),
            ("cy@example.com", "wholesale_admin"),
        ]
    );
}

#[tokio::test]
async fn a44_one_customers_transaction_never_sees_anothers_rows() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let mut customers = Vec::new();
    for n in 0..2 {
        let customer = world.customer(owner).await;
        let email = format!("first@c{n}.example");
        world.enrol(&customer, &email).await.unwrap();
        customers.push(customer.organization_id.parse::<Uuid>().unwrap());
    }
    let (own, other) = (customers[0], customers[1]);
    let reach = Scope::Organization(owner, own);
    let tables = guarded(&world).await;
    assert!(tables.len() >= 4, "{tables:?}");
    for table in tables {
        let mut tx = world.context.db.begin(reach).await.unwrap();
        let count = |id| format!("select count(*) from {table} where organization_id = '{id}'");
        for (id, wanted) in [(own, 1), (other, 0), (owner.uuid(), 0)] {
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(count(id)))
                .fetch_one(tx.conn())
                .await
                .unwrap();
            let lives = ["organization", "person", "role_grant", "management"];
            if wanted == 0 || lives.contains(&&*table) {
                assert_eq!(seen, wanted, "{table}");
            }
        }
        let change = format!(
            "update {table} set organization_id = '{own}' where organization_id = '{other}'"
        );
        let done = sqlx::raw_sql(AssertSqlSafe(change))
            .execute(tx.conn())
            .await;
        assert_eq!(done.unwrap().rows_affected(), 0, "{table}");
    }
    // whoever names no organization sees the tenant's
    let mut tx = world.context.db.begin(Scope::Partner(owner)).await.unwrap();
    let all: i64 = sqlx::query_scalar("select count(*) from person")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(all, 2);
}

/// Tables that tell organizations of a tenant apart; each has the second wall.
async fn guarded(world: &World) -> Vec<String> {
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    let found: Vec<(String, bool)> = sqlx::query_as(
        "select c.relname::text,
                exists (select from pg_policy
                        where polrelid = c.oid and polname = 'organization' and not polpermissive)
         from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
         where c.relnamespace = 'identity'::regnamespace and c.relkind = 'r'
         order by 1",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    for (table, walled) in &found {
        assert!(walled, "{table} tells organizations apart and has no wall");
    }
    found.into_iter().map(|(table, _)| table).collect()
}
