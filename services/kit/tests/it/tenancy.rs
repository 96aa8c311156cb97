//! Row-level security: the second wall.

use kit::{
    id::{Ids, PartnerId, Random},
    idempotency,
    scope::Scope,
    testing,
    time::Clock,
};

#[tokio::test]
async fn a_transaction_sees_its_tenant_only() {
    let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), Random::system());
    let (one, other) = (PartnerId::new(&ids), PartnerId::new(&ids));

    let mut tx = test.db.begin(Scope::Partner(one)).await.unwrap();
    idempotency::claim(&mut tx, one, "key", &[1; 32], ids.uuid(), clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    for (scope, seen) in [
        (Scope::Partner(one), 1),
        (Scope::Partner(other), 0),
        (Scope::Whole("test"), 1),
    ] {
        let mut tx = test.db.begin(scope).await.unwrap();
        let count: i64 = sqlx::query_scalar("select count(*) from idempotency")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        assert_eq!(count, seen, "{scope:?}");
    }

    // writing for somebody else is refused as well
    let mut tx = test.db.begin(Scope::Partner(other)).await.unwrap();
    let refused =
        idempotency::claim(&mut tx, one, "other key", &[1; 32], ids.uuid(), clock.now()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn the_reach_ends_with_the_transaction() {
    let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let tx = test.db.begin(Scope::Whole("test")).await.unwrap();
    tx.commit().await.unwrap();
    let ids = Ids::new(Clock::system(), Random::system());
    for _ in 0..8 {
        let mut tx = test
            .db
            .begin(Scope::Partner(PartnerId::new(&ids)))
            .await
            .unwrap();
        let role: String = sqlx::query_scalar("select current_user::text")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        assert_eq!(role, "entrepot_kit");
    }
}
