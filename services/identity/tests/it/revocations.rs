//! Tokens that are taken back.

use chrono::TimeDelta;
use kit::{auth::Verifier, id::PartnerId, testing};
use proto::identity::v1::{
    ActForSubPartnerRequest, ClientKind, CreateClientRequest, CreatedClient,
    ListRevocationsRequest, RevocationKind, SetPartnerSuspendedRequest,
    revocations_client::RevocationsClient,
};
use sqlx::Connection as _;

use super::world::{World, config, eventually, operator, partner, reason, service};

async fn client_of(world: &World, id: PartnerId) -> CreatedClient {
    let request = CreateClientRequest {
        partner_id: id.to_string(),
        kind: ClientKind::Partner.into(),
        display_name: "Back office".to_owned(),
        scopes: Vec::new(),
    };
    let request = testing::request(request, &operator(id));
    let made = world.tokens().create_client(request).await;
    made.unwrap().into_inner()
}

async fn suspend(world: &World, id: PartnerId, suspended: bool) {
    let request = SetPartnerSuspendedRequest {
        partner_id: id.to_string(),
        suspended,
    };
    let request = testing::request(request, &service());
    let done = world.organizations().set_partner_suspended(request).await;
    done.unwrap();
}

async fn refused(verifier: &Verifier, token: &str) {
    eventually(async || verifier.verify(token).await.is_err().then_some(())).await;
    assert_eq!(reason(verifier.verify(token).await), "TOKEN_INVALID");
}

#[tokio::test]
async fn r1106_a_suspension_ends_living_tokens_at_once() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    let sibling = world.partner(Some(parent)).await;
    let (own, beside) = (
        client_of(&world, child).await,
        client_of(&world, sibling).await,
    );
    let sign_in = async |client: &CreatedClient| {
        let issued = world
            .issue(&client.client_id, &client.client_secret, &[])
            .await;
        issued.unwrap().access_token
    };
    let (token, other) = (sign_in(&own).await, sign_in(&beside).await);
    let act = ActForSubPartnerRequest {
        sub_partner_id: child.to_string(),
    };
    let act = testing::request(act, &partner(parent));
    let acting = world.tokens().act_for_sub_partner(act).await;
    let acting = acting.unwrap().into_inner().access_token;

    let watching = world.watching();
    for token in [&token, &other, &acting] {
        assert!(!watching.verify(token).await.unwrap().suspended);
    }
    suspend(&world, child, true).await;
    refused(&watching, &token).await;
    refused(&watching, &acting).await;
    assert!(watching.verify(&other).await.is_ok(), "of another tenant");

    world.context.clock.advance(TimeDelta::milliseconds(1));
    let suspended = sign_in(&own).await;
    assert!(watching.verify(&suspended).await.unwrap().suspended);
    // one that starts now learns the same
    let late = world.watching();
    refused(&late, &token).await;
    assert!(late.verify(&suspended).await.is_ok());

    suspend(&world, child, false).await;
    refused(&watching, &suspended).await;
    world.context.clock.advance(TimeDelta::milliseconds(1));
    let resumed = sign_in(&own).await;
    assert!(!watching.verify(&resumed).await.unwrap().suspended);
}

#[tokio::test]
async fn revocations_are_pruned() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    suspend(&world, child, true).await;
    let listed = async || {
        let request = testing::request(ListRevocationsRequest {}, &service());
        let mut revocations = RevocationsClient::new(world.link.clone());
        let listed = revocations.list_revocations(request).await;
        listed.unwrap().into_inner()
    };
    let now = eventually(async || {
        let now = listed().await;
        // the tenant came, was suspended, and its tokens were taken back before and after
        (now.position > 0).then_some(now)
    })
    .await;
    assert_eq!(
        now.revoked.len(),
        1,
        "of two for the same the later one holds"
    );
    assert_eq!(now.revoked[0].kind(), RevocationKind::Partner);
    assert_eq!(now.revoked[0].key, child.to_string());

    world.context.clock.advance(TimeDelta::minutes(16));
    assert!(listed().await.revoked.is_empty());
    world.replica(config());
    let mut owner = sqlx::PgConnection::connect(&world.url).await.unwrap();
    eventually(async || {
        let count: i64 = sqlx::query_scalar("select count(*) from identity.revocation")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        (count == 0).then_some(())
    })
    .await;
}
