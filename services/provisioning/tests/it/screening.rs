use std::time::Duration;

use proto::{
    common::v1::Address,
    compliance::v1::CaseState,
    provisioning::v1::{Customer, CustomerStatus, UpdateCustomerRequest},
};
use provisioning::{Config, Policy};

use super::{
    peers::Strike,
    stage::{Stage, address, eventually, packages},
};
use kit::fault::{Fault, Kind};

/// A customer that waits for review.
async fn in_review(stage: &Stage) -> (Customer, String) {
    stage.peers.state().listed.insert("Acme".to_owned());
    let accepted = stage.create(stage.good().await).await.unwrap();
    let held = stage
        .until(&accepted.customer_id, CustomerStatus::PendingRplReview)
        .await;
    let case = stage.peers.case_of(&held.customer_id);
    (held, case)
}

fn close(stage: &Stage, customer: &Customer, case: &str, end: CaseState) {
    let partner = stage.caller.partner.to_string();
    stage
        .peers
        .close(&partner, &customer.customer_id, case, end);
}

#[tokio::test]
async fn r603_a_match_holds_the_customer_and_r604_approval_resumes_it() {
    let stage = Stage::new().await;
    let (held, case) = in_review(&stage).await;
    assert!(
        stage.peers.state().organizations.is_empty(),
        "nothing is made before the decision"
    );
    close(&stage, &held, &case, CaseState::Approved);
    stage
        .until(&held.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(stage.peers.state().screenings.len(), 1);
}

#[tokio::test]
async fn r604_rejection_and_expiry_end_the_onboarding() {
    for (end, reason) in [
        (CaseState::Rejected, "RPL_REJECTED"),
        (CaseState::Expired, "RPL_EXPIRED"),
    ] {
        let stage = Stage::new().await;
        let (held, case) = in_review(&stage).await;
        close(&stage, &held, &case, end);
        let ended = stage.until(&held.customer_id, CustomerStatus::Error).await;
        assert_eq!(ended.errors[0].reason, reason);
        assert_eq!(ended.organization_id, "");
        assert!(stage.peers.state().organizations.is_empty());
        assert!(stage.peers.state().entitlements.is_empty());
        let operation = stage.operation(&ended.operation_id).await;
        assert_eq!(operation.state, "undone");
    }
}

#[tokio::test]
async fn r601_an_error_of_screening_is_never_a_clear() {
    let stage = Stage::new().await;
    for kind in [
        Kind::Invalid,
        Kind::Missing,
        Kind::Unavailable,
        Kind::Internal,
    ] {
        let fault = Fault::new(kind, "BROKEN", "broken");
        stage.peers.fail("screen_customer", Strike::Before, fault);
    }
    let accepted = stage.create(stage.good().await).await.unwrap();
    eventually("screening is tried again", || async {
        (stage.peers.count("screen_customer") >= 3).then_some(())
    })
    .await;
    assert!(stage.peers.state().organizations.is_empty());
    assert_eq!(
        stage.get(&accepted.customer_id).await.unwrap().status(),
        CustomerStatus::Provisioning
    );
    stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(stage.peers.count("screen_customer"), 5);
}

#[tokio::test]
async fn r604_a_decision_about_another_case_decides_nothing() {
    let stage = Stage::new().await;
    let (held, case) = in_review(&stage).await;
    close(
        &stage,
        &held,
        "00000000-0000-7000-8000-999999999999",
        CaseState::Approved,
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    let still = stage.get(&held.customer_id).await.unwrap();
    assert_eq!(still.status(), CustomerStatus::PendingRplReview);
    close(&stage, &held, &case, CaseState::Approved);
    stage
        .until(&held.customer_id, CustomerStatus::Provisioned)
        .await;
}

#[tokio::test]
async fn r600_beside_provisioning_a_review_delays_nothing_and_a_rejection_blocks_afterwards() {
    let config = Config {
        screening: Policy::Concurrent,
        ..Config::default()
    };
    let stage = Stage::with(config).await;
    stage.peers.state().listed.insert("Acme".to_owned());
    let done = stage.provisioned().await;
    assert!(
        stage
            .peers
            .state()
            .entitlements
            .contains_key(&done.customer_id)
    );
    let case = stage.peers.case_of(&done.customer_id);
    close(&stage, &done, &case, CaseState::Rejected);
    let blocked = stage.until(&done.customer_id, CustomerStatus::Error).await;
    assert_eq!(blocked.errors[0].reason, "RPL_REJECTED");
    assert!(stage.peers.state().entitlements.is_empty());
}

#[tokio::test]
async fn r600_beside_provisioning_an_approval_changes_nothing() {
    let config = Config {
        screening: Policy::Concurrent,
        ..Config::default()
    };
    let stage = Stage::with(config).await;
    stage.peers.state().listed.insert("Acme".to_owned());
    let done = stage.provisioned().await;
    let case = stage.peers.case_of(&done.customer_id);
    close(&stage, &done, &case, CaseState::Approved);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let still = stage.get(&done.customer_id).await.unwrap();
    assert_eq!(still, done);
}

#[tokio::test]
async fn r607_a_refusal_that_comes_during_a_change_blocks_the_customer_after_it() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    stage.peers.state().listed.insert("Listed City".to_owned());
    let change = UpdateCustomerRequest {
        customer_id: customer.customer_id.clone(),
        packages: packages(&["webex_calling", "webex_meetings"]),
        address: Some(Address {
            city: "Listed City".to_owned(),
            ..address()
        }),
        ..UpdateCustomerRequest::default()
    };
    stage.update(change).await.unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::PendingRplReview)
        .await;
    let own = stage.peers.case_of(&customer.customer_id);
    let other = "00000000-0000-7000-8000-999999999999";
    close(&stage, &customer, other, CaseState::Rejected);
    close(&stage, &customer, &own, CaseState::Approved);
    let blocked = stage
        .until(&customer.customer_id, CustomerStatus::Error)
        .await;
    assert_eq!(blocked.errors[0].reason, "RPL_REJECTED");
    assert!(stage.peers.state().entitlements.is_empty());
}
