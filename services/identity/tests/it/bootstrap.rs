//! The first rows.

use identity::bootstrap::ensure_service_client;
use kit::{auth::CallerKind, testing};
use proto::identity::v1::GetOrganizationRequest;

use super::world::{World, reason, service};

#[tokio::test]
async fn the_first_start_shows_credentials_that_work_and_the_next_ones_none() {
    let (world, first) = World::started().await;
    for (client, kind, partner) in [
        (&first.operator, CallerKind::Operator, first.operator_id),
        (&first.reviewer, CallerKind::Reviewer, first.operator_id),
        (&first.partner, CallerKind::Partner, first.partner_id),
    ] {
        let issued = world
            .issue(&client.client_id, &client.client_secret, &[])
            .await
            .unwrap();
        let caller = world.verify(&issued.access_token).await.unwrap();
        assert_eq!((caller.kind, caller.partner), (kind, partner));
    }
    assert!(world.bootstrap().await.is_none());
    let client = &first.partner;
    assert!(
        world
            .issue(&client.client_id, &client.client_secret, &[])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_context_signs_in_with_the_secret_it_was_given_last() {
    let world = World::new().await;
    ensure_service_client(&world.context, "provisioning", "first")
        .await
        .unwrap();
    let issued = world.issue("svc-provisioning", "first", &[]).await.unwrap();
    let caller = world.verify(&issued.access_token).await.unwrap();
    assert_eq!(caller.kind, CallerKind::Service);
    assert_eq!(issued.scopes, ["internal"]);

    ensure_service_client(&world.context, "provisioning", "second")
        .await
        .unwrap();
    assert_eq!(
        reason(world.issue("svc-provisioning", "first", &[]).await),
        "INVALID_CLIENT"
    );
    assert!(world.issue("svc-provisioning", "second", &[]).await.is_ok());
}

#[tokio::test]
async fn there_is_one_operator_whoever_comes_first() {
    let world = World::new().await;
    ensure_service_client(&world.context, "billing", "secret")
        .await
        .unwrap();
    let credentials = world.bootstrap().await.unwrap();
    let issued = world.issue("svc-billing", "secret", &[]).await.unwrap();
    let caller = world.verify(&issued.access_token).await.unwrap();
    assert_eq!(caller.partner, credentials.operator_id);
    let request = GetOrganizationRequest {
        organization_id: credentials.operator_id.to_string(),
    };
    let request = testing::request(request, &service());
    let found = world
        .organizations()
        .get_organization(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.display_name, "Entrepot");
}
