//! Keys that sign: how one follows the other, and how they are kept.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use identity::bootstrap::ClientSecret;
use kit::{fault::Kind, testing};
use proto::identity::v1::{
    IssueTokenRequest, ListKeysRequest, RetireSigningKeyRequest,
    signing_keys_client::SigningKeysClient, tokens_client::TokensClient,
};
use sqlx::Connection as _;

use super::world::{World, config, eventually, operator, partner, reason, sealed_with};

/// A token and the id of the key that signed it.
async fn issued(world: &World, client: &ClientSecret) -> (String, String) {
    let issued = world
        .issue(&client.client_id, &client.client_secret, &[])
        .await
        .unwrap();
    let header = jsonwebtoken::decode_header(&issued.access_token).unwrap();
    (issued.access_token, header.kid.unwrap())
}

#[tokio::test]
async fn a25_rotation_keeps_old_keys_until_their_last_token_ended() {
    let (world, credentials) = World::started().await;
    let (client, clock) = (&credentials.operator, &world.context.clock);
    let (_, old) = issued(&world, client).await;
    eventually(async || (world.keys("ES256").await.len() == 1).then_some(())).await;

    clock.advance(TimeDelta::days(29));
    world.replica(config());
    let keys = eventually(async || {
        let keys = world.keys("EdDSA").await;
        (keys.len() == 2).then_some(keys)
    })
    .await;
    let new = keys[0].clone();
    assert_eq!(keys[1], old, "newest first");

    clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(30));
    let (last, signed_by) = issued(&world, client).await;
    assert_eq!(signed_by, old, "published a day before it signs");
    clock.advance(TimeDelta::seconds(30));
    let (first, signed_by) = issued(&world, client).await;
    assert_eq!(signed_by, new);
    for token in [&last, &first] {
        assert!(world.verify(token).await.is_ok());
    }

    clock.advance(TimeDelta::minutes(9));
    world.replica(config());
    eventually(async || (world.keys("ES256").await.len() == 2).then_some(())).await;
    assert!(world.verify(&last).await.is_ok());
    clock.advance(TimeDelta::minutes(7));
    world.replica(config());
    eventually(async || (world.keys("EdDSA").await == [new.clone()]).then_some(())).await;
}

#[tokio::test]
async fn a25_a_private_key_is_never_listed() {
    let world = World::new().await;
    eventually(async || (world.keys("ES256").await.len() == 1).then_some(())).await;
    let listed = world.tokens().list_keys(ListKeysRequest {}).await;
    let listed = listed.unwrap().into_inner();
    assert_eq!(listed.issuer, "https://api.example.net");
    assert_eq!(
        listed.keys[0].algorithm, "EdDSA",
        "those for everybody first"
    );
    for key in listed.keys {
        // a point and nothing beside it
        let length = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap().len();
        let wanted = if key.algorithm == "ES256" { 32 } else { 0 };
        assert_eq!((length(&key.x), length(&key.y)), (32, wanted));
        assert_eq!(key.key_id.len(), 16);
    }
}

#[tokio::test]
async fn a25_a_key_that_is_taken_out_of_use_is_good_for_nothing_at_once() {
    let (world, credentials) = World::started().await;
    let (token, old) = issued(&world, &credentials.partner).await;
    let watching = world.watching();
    assert!(watching.verify(&token).await.is_ok());

    let mut keys = SigningKeysClient::new(world.link.clone());
    let retire = |key_id: &str| RetireSigningKeyRequest {
        key_id: key_id.to_owned(),
    };
    let by_partner = testing::request(retire(&old), &partner(credentials.partner_id));
    let refused = keys.retire_signing_key(by_partner).await.unwrap_err();
    assert_eq!(kit::fault::Fault::from(refused).kind, Kind::Forbidden);
    let caller = operator(credentials.operator_id);
    let unknown = keys
        .retire_signing_key(testing::request(retire("nonsense"), &caller))
        .await;
    assert_eq!(reason(unknown), "NOT_FOUND");

    let retired = keys
        .retire_signing_key(testing::request(retire(&old), &caller))
        .await
        .unwrap()
        .into_inner();
    eventually(async || watching.verify(&token).await.is_err().then_some(())).await;
    assert_eq!(reason(world.verify(&token).await), "TOKEN_INVALID");
    let (token, new) = issued(&world, &credentials.partner).await;
    assert_eq!(new, retired.successor_key_id);
    assert!(watching.verify(&token).await.is_ok());
    assert!(world.verify(&token).await.is_ok());
}

#[tokio::test]
async fn a45_signing_keys_are_sealed_and_old_ones_get_sealed() {
    let (world, credentials) = World::started().await;
    let client = &credentials.operator;
    let (_, made) = issued(&world, client).await;
    // one as it was kept before there were seals, from which tokens may be out
    let pair = Ed25519KeyPair::generate().unwrap();
    let plain = pair.to_pkcs8().unwrap().as_ref().to_vec();
    let mut owner = sqlx::PgConnection::connect(&world.url).await.unwrap();
    sqlx::query(
        "insert into identity.signing_key
             (key_id, algorithm, generation, private_key, public_key, created_at, in_force_at)
         values ('open', 'EdDSA', 2, $1, $2, $3, $3)",
    )
    .bind(&plain)
    .bind(pair.public_key().as_ref())
    .bind(world.context.clock.now())
    .execute(&mut owner)
    .await
    .unwrap();
    world.context.clock.advance(TimeDelta::seconds(10));
    assert_eq!(issued(&world, client).await.1, "open", "it still signs");

    world.replica(config());
    let rows = eventually(async || {
        let sql = "select key_id, private_key, sealed_by from identity.signing_key";
        let rows: Vec<(String, Vec<u8>, Option<String>)> =
            sqlx::query_as(sql).fetch_all(&mut owner).await.unwrap();
        let sealed = rows.iter().all(|(_, _, sealed_by)| sealed_by.is_some());
        sealed.then_some(rows)
    })
    .await;
    assert!(rows.iter().any(|(key_id, _, _)| *key_id == made));
    let secret = &plain[16..48];
    for (key_id, private_key, _) in rows {
        let shown = private_key.windows(32).any(|part| part == secret);
        assert!(!shown && private_key[0] == 1, "{key_id}");
    }
    world.context.clock.advance(TimeDelta::seconds(10));
    let (token, key) = issued(&world, client).await;
    assert_eq!(key, "open");
    assert!(world.verify(&token).await.is_ok());
}

#[tokio::test]
async fn a45_without_the_seal_key_nothing_is_opened() {
    let (world, credentials) = World::started().await;
    let client = &credentials.partner;
    let (old_token, old) = issued(&world, client).await;
    let mut stranger = TokensClient::new(world.replica(sealed_with(2)));
    let request = IssueTokenRequest {
        client_id: client.client_id.clone(),
        client_secret: client.client_secret.clone(),
        scopes: Vec::new(),
    };
    let token = stranger.issue_token(request).await.unwrap().into_inner();
    let header = jsonwebtoken::decode_header(&token.access_token).unwrap();
    assert_ne!(
        header.kid.unwrap(),
        old,
        "it could not open it, and made its own"
    );
    // both go on being good
    assert!(world.verify(&token.access_token).await.is_ok());
    assert!(world.verify(&old_token).await.is_ok());
}
