//! Safe repeats.

use kit::{
    id::{Ids, PartnerId, Random},
    idempotency::{self, Claim},
    scope::Scope,
    testing,
    time::Clock,
};

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let test = testing::database("kit", &crate::NO_MIGRATIONS).await;
    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), Random::system());
    let partner = PartnerId::new(&ids);
    let made = ids.uuid();

    let claim = async |fingerprint: u8, keep: bool| {
        let mut tx = test.db.begin(Scope::Partner(partner)).await.unwrap();
        let claim = idempotency::claim(
            &mut tx,
            partner,
            "key",
            &[fingerprint; 32],
            made,
            clock.now(),
        )
        .await
        .unwrap();
        if keep {
            tx.commit().await.unwrap();
        }
        claim
    };
    assert_eq!(
        claim(1, false).await,
        Claim::New,
        "rolled back with its mutation"
    );
    assert_eq!(claim(1, true).await, Claim::New);
    assert_eq!(claim(1, true).await, Claim::Same(made));
    assert_eq!(claim(2, true).await, Claim::Different);
}
