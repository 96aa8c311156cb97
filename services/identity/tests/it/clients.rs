//! Registering clients.

use std::collections::BTreeSet;

use kit::{
    auth::{Caller, CallerKind},
    fault::Fault,
    id::PartnerId,
    testing,
};
use proto::identity::v1::{ClientKind, CreateClientRequest, CreatedClient};

use super::world::{World, operator, partner, reason};

impl World {
    async fn register(
        &self,
        caller: &Caller,
        for_partner: PartnerId,
        kind: ClientKind,
        scopes: &[&str],
    ) -> Result<CreatedClient, Fault> {
        let request = CreateClientRequest {
            partner_id: for_partner.to_string(),
            kind: kind.into(),
            display_name: "Back office".to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        };
        let request = testing::request(request, caller);
        Ok(self.tokens().create_client(request).await?.into_inner())
    }
}

#[tokio::test]
async fn a_partner_registers_clients_for_itself_and_its_sub_partners() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    for target in [parent, child] {
        let client = world
            .register(&partner(parent), target, ClientKind::Partner, &[])
            .await
            .unwrap();
        let issued = world
            .issue(&client.client_id, &client.client_secret, &[])
            .await
            .unwrap();
        let caller = world.verify(&issued.access_token).await.unwrap();
        assert_eq!(caller.partner, target);
        assert_eq!(caller.actor, None);
    }
}

#[tokio::test]
async fn r1203_nobody_registers_clients_for_strangers() {
    let world = World::new().await;
    let (parent, stranger) = (world.partner(None).await, world.partner(None).await);
    let child = world.partner(Some(parent)).await;
    let customer: PartnerId = world
        .customer(parent)
        .await
        .organization_id
        .parse()
        .unwrap();
    let nobody = PartnerId::new(&world.context.ids);
    let kind = ClientKind::Partner;
    let nothing = world
        .register(&partner(parent), nobody, kind, &[])
        .await
        .unwrap_err();
    assert_eq!(nothing.reason, "NOT_FOUND");
    for (caller, target) in [
        (parent, stranger),
        (stranger, child),
        (child, parent),
        (parent, customer),
    ] {
        let refused = world
            .register(&partner(caller), target, kind, &[])
            .await
            .unwrap_err();
        assert_eq!(refused.to_string(), nothing.to_string());
    }
    let mut weak = partner(parent);
    weak.scopes.remove("platform:clients_write");
    assert_eq!(
        reason(world.register(&weak, parent, kind, &[]).await),
        "SCOPE_MISSING"
    );
    let mut suspended = partner(child);
    suspended.suspended = true;
    assert_eq!(
        reason(world.register(&suspended, child, kind, &[]).await),
        "TENANT_SUSPENDED"
    );
}

#[tokio::test]
async fn nobody_hands_out_more_than_it_has() {
    let world = World::new().await;
    let own = world.partner(None).await;
    let caller = partner(own);
    let all = world
        .register(&caller, own, ClientKind::Partner, &[])
        .await
        .unwrap();
    assert_eq!(
        all.scopes.into_iter().collect::<BTreeSet<_>>(),
        caller.scopes
    );
    let few = ["platform:people_read"];
    let few = world
        .register(&caller, own, ClientKind::Partner, &few)
        .await
        .unwrap();
    assert_eq!(few.scopes, ["platform:people_read"]);
    for scope in [
        "platform:templates_write",
        "platform:screening_write",
        "internal",
    ] {
        let refused = world
            .register(&caller, own, ClientKind::Partner, &[scope])
            .await;
        assert_eq!(reason(refused), "INVALID_SCOPE", "{scope}");
    }
}

#[tokio::test]
async fn the_operator_registers_clients_for_everybody_but_contexts() {
    let (world, credentials) = World::started().await;
    let caller = operator(credentials.operator_id);
    let (own, other) = (credentials.operator_id, credentials.partner_id);
    for (target, kind, becomes) in [
        (own, ClientKind::Operator, CallerKind::Operator),
        (own, ClientKind::Reviewer, CallerKind::Reviewer),
        (other, ClientKind::Partner, CallerKind::Partner),
    ] {
        let client = world.register(&caller, target, kind, &[]).await.unwrap();
        let issued = world
            .issue(&client.client_id, &client.client_secret, &[])
            .await
            .unwrap();
        let caller = world.verify(&issued.access_token).await.unwrap();
        assert_eq!((caller.kind, caller.partner), (becomes, target));
    }
    for (target, kind) in [
        (own, ClientKind::Service),
        (own, ClientKind::Partner),
        (other, ClientKind::Operator),
        (other, ClientKind::Reviewer),
        (own, ClientKind::Unspecified),
    ] {
        let refused = world
            .register(&caller, target, kind, &[])
            .await
            .unwrap_err();
        assert_eq!(refused.violations[0].field, "kind", "{kind:?}");
    }
    let climbing = world
        .register(&partner(other), other, ClientKind::Operator, &[])
        .await;
    assert_eq!(reason(climbing), "INVALID_ARGUMENT");
}
