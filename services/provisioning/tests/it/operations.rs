//! Every step of every operation is repeated, and fails.

use std::time::Duration;

use kit::{
    fault::{Fault, Kind},
    scope::Scope,
};
use proto::provisioning::v1::{
    Customer, CustomerStatus, DeleteCustomerRequest, UpdateCustomerRequest,
};

use super::{
    peers::Strike,
    stage::{Stage, address, packages},
};

fn away() -> Fault {
    Fault::new(Kind::Unavailable, "UNAVAILABLE", "away")
}

fn never() -> Fault {
    Fault::new(Kind::Precondition, "NEVER", "never")
}

/// The calls of the steps of `provision_customer`, in order.
const PROVISION: [&str; 3] = [
    "screen_customer",
    "create_organization",
    "apply_entitlement",
];

#[tokio::test]
async fn r302_each_step_of_provisioning_can_be_lost_before_and_after_its_effect() {
    for method in PROVISION {
        for strike in [Strike::Before, Strike::After] {
            let stage = Stage::new().await;
            stage.peers.fail(method, strike, away());
            let done = stage.provisioned().await;
            assert_eq!(stage.peers.count(method), 2, "{method} {strike:?}");
            let told = stage.peers.state();
            assert_eq!(
                told.screenings.len(),
                1,
                "{method} {strike:?}: one screening"
            );
            let organizations: Vec<&String> = told.organizations.keys().collect();
            assert_eq!(
                organizations,
                [&done.organization_id],
                "{method} {strike:?}"
            );
            assert_eq!(
                told.entitlements.len(),
                1,
                "{method} {strike:?}: one entitlement"
            );
        }
    }
}

#[tokio::test]
async fn r302_each_step_of_provisioning_can_fail_for_good() {
    for method in &PROVISION[1..] {
        let stage = Stage::new().await;
        stage.peers.fail(method, Strike::After, never());
        let accepted = stage.create(stage.good().await).await.unwrap();
        let failed = stage
            .until(&accepted.customer_id, CustomerStatus::Error)
            .await;
        assert_eq!(failed.errors[0].reason, "NEVER", "{method}");
        assert_eq!(failed.packages[0].errors[0].reason, "NEVER", "{method}");
        assert!(
            stage.peers.state().entitlements.is_empty(),
            "{method}: undone"
        );
        let operation = stage.operation(&failed.operation_id).await;
        assert_eq!(operation.state, "undone", "{method}");
    }
}

#[tokio::test]
async fn an_undo_that_is_lost_is_repeated() {
    let stage = Stage::new().await;
    stage
        .peers
        .fail("apply_entitlement", Strike::After, never());
    stage
        .peers
        .fail("revoke_entitlement", Strike::Before, away());
    stage
        .peers
        .fail("revoke_entitlement", Strike::After, away());
    let accepted = stage.create(stage.good().await).await.unwrap();
    stage
        .until(&accepted.customer_id, CustomerStatus::Error)
        .await;
    assert_eq!(stage.peers.count("revoke_entitlement"), 3);
    assert!(stage.peers.state().entitlements.is_empty());
}

/// A change that runs all steps.
fn moved(customer: &Customer) -> UpdateCustomerRequest {
    let mut to = address();
    "Shelbyville".clone_into(&mut to.city);
    UpdateCustomerRequest {
        customer_id: customer.customer_id.clone(),
        packages: packages(&["webex_calling", "webex_suite"]),
        address: Some(to),
        ..UpdateCustomerRequest::default()
    }
}

#[tokio::test]
async fn r309_each_step_of_a_change_can_be_lost_before_and_after_its_effect() {
    for method in ["screen_customer", "apply_entitlement"] {
        for strike in [Strike::Before, Strike::After] {
            let stage = Stage::new().await;
            let customer = stage.provisioned().await;
            stage.peers.fail(method, strike, away());
            stage.update(moved(&customer)).await.unwrap();
            let changed = stage
                .until(&customer.customer_id, CustomerStatus::Provisioned)
                .await;
            assert_eq!(
                changed.address.unwrap().city,
                "Shelbyville",
                "{method} {strike:?}"
            );
            assert_eq!(stage.peers.count(method), 3, "{method} {strike:?}");
            assert_eq!(
                stage.peers.state().screenings.len(),
                2,
                "{method} {strike:?}"
            );
        }
    }
}

#[tokio::test]
async fn r309_a_change_that_fails_after_its_effect_is_undone() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    stage
        .peers
        .fail("apply_entitlement", Strike::After, never());
    stage.update(moved(&customer)).await.unwrap();
    let kept = stage
        .until(&customer.customer_id, CustomerStatus::ProvisionedWithErrors)
        .await;
    assert_eq!(kept.packages, customer.packages);
    assert_eq!(kept.address, customer.address);
    let told = stage.peers.state();
    let entitled: Vec<&str> = told.entitlements[&customer.customer_id]
        .packages
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(entitled, ["webex_calling", "webex_meetings"]);
}

#[tokio::test]
async fn r310_the_step_of_a_removal_can_be_lost_before_and_after_its_effect() {
    for strike in [Strike::Before, Strike::After] {
        let stage = Stage::new().await;
        let customer = stage.provisioned().await;
        stage.peers.fail("revoke_entitlement", strike, away());
        let request = DeleteCustomerRequest {
            customer_id: customer.customer_id,
        };
        let answer = stage
            .customers()
            .delete_customer(stage.request(request))
            .await
            .unwrap();
        let operation = stage
            .until_operation(&answer.into_inner().operation_id, "done")
            .await;
        let outcomes: Vec<&str> = operation
            .events
            .iter()
            .map(|e| e.outcome.as_str())
            .collect();
        assert_eq!(outcomes, ["error", "next", "done"], "{strike:?}");
    }
}

#[tokio::test]
async fn r302_two_workers_make_no_customer_twice() {
    let stage = Stage::new().await;
    let second = provisioning::parts(stage.context.clone(), provisioning::Config::default());
    let _second = kit::testing::serve(second, &stage.context);
    let template = stage
        .template(proto::provisioning::v1::TemplateSettings::default())
        .await;
    let requests = (0..20).map(|n| {
        let mut request = super::stage::good(&template.provisioning_id);
        request.external_id = format!("c-{n}");
        stage.create(request)
    });
    let accepted = futures::future::join_all(requests).await;
    for customer in accepted {
        stage
            .until(&customer.unwrap().customer_id, CustomerStatus::Provisioned)
            .await;
    }
    assert_eq!(stage.peers.state().organizations.len(), 20);
    assert_eq!(stage.peers.count("create_organization"), 20);
    assert_eq!(stage.peers.state().screenings.len(), 20);
}

#[tokio::test]
async fn a_peer_that_does_not_know_our_token_is_not_the_caller_s_fault() {
    let stage = Stage::new().await;
    let unknown = Fault::new(Kind::Unauthenticated, "TOKEN_INVALID", "who are you");
    stage.peers.fail("check_email", Strike::Before, unknown);
    let fault = stage.create(stage.good().await).await.unwrap_err();
    assert_eq!(fault.kind, Kind::Unavailable);
}

/// Lets an operation try again at once until it is stuck.
async fn until_stuck(stage: &Stage, operation_id: &str, subject: &str) {
    let partner = stage.caller.partner;
    let subject = subject.parse().unwrap();
    while stage.operation(operation_id).await.state != "stuck" {
        let mut tx = stage
            .context
            .db
            .begin(Scope::Partner(partner))
            .await
            .unwrap();
        let now = stage.context.clock.now();
        kit::operation::wake(&mut tx, partner, subject, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_never_works_is_stuck_says_so_and_can_be_removed() {
    let stage = Stage::new().await;
    for _ in 0..100 {
        stage.peers.fail("apply_entitlement", Strike::After, away());
    }
    let accepted = stage.create(stage.good().await).await.unwrap();
    until_stuck(&stage, &accepted.operation_id, &accepted.customer_id).await;
    let stuck = stage.get(&accepted.customer_id).await.unwrap();
    assert_eq!(stuck.status(), CustomerStatus::Error);
    assert_eq!(stuck.errors[0].reason, "OPERATION_STUCK");
    let request = DeleteCustomerRequest {
        customer_id: stuck.customer_id,
    };
    let answer = stage
        .customers()
        .delete_customer(stage.request(request))
        .await
        .unwrap();
    stage
        .until_operation(&answer.into_inner().operation_id, "done")
        .await;
    assert!(stage.peers.state().entitlements.is_empty());
}

#[tokio::test]
async fn a_change_that_is_stuck_keeps_what_was_and_can_be_repeated() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    for _ in 0..100 {
        stage
            .peers
            .fail("apply_entitlement", Strike::Before, away());
    }
    let updating = stage.update(moved(&customer)).await.unwrap();
    until_stuck(&stage, &updating.operation_id, &updating.customer_id).await;
    let stuck = stage.get(&customer.customer_id).await.unwrap();
    assert_eq!(stuck.status(), CustomerStatus::ProvisionedWithErrors);
    assert_eq!(stuck.packages, customer.packages);
    stage.peers.state().failures.clear();
    stage.update(moved(&customer)).await.unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
}
