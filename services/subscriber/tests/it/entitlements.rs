//! What the provisioning context tells.

use std::collections::BTreeMap;

use kit::{fault::Kind, testing};
use proto::subscriber::v1::{
    CountHoldersRequest, EntitledPackage, RevokeEntitlementRequest, event,
};
use uuid::Uuid;

use super::world::{World, missing, packages, service, verdict};

impl World {
    async fn revoke(&self, customer: Uuid) {
        let request = RevokeEntitlementRequest {
            partner_id: self.partner.partner.to_string(),
            customer_id: customer.to_string(),
        };
        let request = testing::request(request, &service());
        self.entitlements()
            .revoke_entitlement(request)
            .await
            .unwrap();
    }

    async fn holders(&self, customer: Uuid) -> BTreeMap<String, i32> {
        let request = CountHoldersRequest {
            partner_id: self.partner.partner.to_string(),
            customer_id: customer.to_string(),
        };
        let request = testing::request(request, &service());
        let answer = self
            .entitlements()
            .count_holders(request)
            .await
            .unwrap()
            .into_inner();
        answer
            .holders
            .into_iter()
            .map(|held| (held.package, held.count))
            .collect()
    }
}

fn without(name: &str) -> Vec<EntitledPackage> {
    packages()
        .into_iter()
        .filter(|package| package.name != name)
        .collect()
}

#[tokio::test]
async fn r309_a_package_that_subscribers_hold_is_not_lost() {
    let world = World::new().await;
    for (email, extension) in [("a@example.com", "100"), ("b@example.com", "200")] {
        world
            .create(world.calling(email, &["suite", "desk"], extension))
            .await
            .unwrap();
    }
    let fault = world
        .entitle(world.entitlement(world.customer, without("suite")))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Conflict, "PACKAGE_IN_USE")
    );
    assert!(
        fault.message.contains("2 subscribers hold suite"),
        "{}",
        fault.message
    );
    assert_eq!(fault.violations[0].field, "packages");
    // nothing of the refused change is left
    world
        .create(world.calling("c@example.com", &["suite"], "300"))
        .await
        .unwrap();

    world
        .entitle(world.entitlement(world.customer, without("voice")))
        .await
        .unwrap();
    let refused = world
        .create(world.calling("d@example.com", &["voice"], "400"))
        .await;
    assert_eq!(
        refused.unwrap_err().violations[0].reason,
        "PACKAGE_NOT_ENTITLED"
    );
}

#[tokio::test]
async fn an_entitlement_can_be_applied_again() {
    let world = World::new().await;
    let mut request = world.entitlement(world.customer, packages());
    request.external_id = "renamed".to_owned();
    for _ in 0..2 {
        world.entitle(request.clone()).await.unwrap();
    }
    let created = world
        .create(world.calling("a@example.com", &["voice"], "100"))
        .await
        .unwrap();
    assert_eq!(created.external_customer_id, "renamed");
    assert_eq!(created.location_id, world.location.to_string());
}

#[tokio::test]
async fn r310_revoking_ends_everything_and_can_be_repeated() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for (email, extension) in [("a@example.com", "100"), ("b@example.com", "200")] {
        let created = world
            .create(world.calling(email, &["suite", "desk"], extension))
            .await;
        ids.push(created.unwrap().subscriber_id);
    }
    assert_eq!(world.holders(world.customer).await["desk"], 2);
    world.clock.advance(chrono::TimeDelta::hours(1));
    for _ in 0..2 {
        world.revoke(world.customer).await;
    }
    for id in &ids {
        assert_eq!(verdict(world.get(id).await), missing());
        assert_eq!(verdict(world.update(id, &["meet"]).await), missing());
    }
    let refused = world
        .create(world.creation("c@example.com", &["meet"]))
        .await;
    assert_eq!(verdict(refused), missing());
    assert!(world.holders(world.customer).await.is_empty());

    // what was given back can be given again, and the feed holds nothing twice
    world
        .entitle(world.entitlement(world.customer, packages()))
        .await
        .unwrap();
    world
        .create(world.calling("a@example.com", &["suite"], "100"))
        .await
        .unwrap();
    let ended = |event: &&proto::subscriber::v1::Event| {
        matches!(event.kind, Some(event::Kind::AssignmentEnded(_)))
    };
    assert_eq!(world.events(9).await.iter().filter(ended).count(), 4);
}

#[tokio::test]
async fn revoking_what_never_was_is_no_error() {
    let world = World::new().await;
    world.revoke(Uuid::from_u128(0xdead)).await;
}

#[tokio::test]
async fn an_entitlement_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    let mut request = world.entitlement(world.customer, packages());
    request.customer_id = "nonsense".to_owned();
    request.external_id = String::new();
    request.packages.push(EntitledPackage {
        limit: -1,
        ..request.packages[0].clone()
    });
    let fault = world.entitle(request).await.unwrap_err();
    assert_eq!((fault.kind, fault.violations.len()), (Kind::Invalid, 4));
}

#[tokio::test]
async fn entitlements_are_for_services_only() {
    let world = World::new().await;
    let request = testing::request(
        world.entitlement(world.customer, packages()),
        &world.partner,
    );
    let result = world
        .entitlements()
        .apply_entitlement(request)
        .await
        .map_err(Into::into);
    assert_eq!(
        verdict(result),
        (Kind::Forbidden, "CALLER_NOT_ALLOWED".to_owned())
    );
}
