use kit::{
    fault::{Fault, Kind},
    testing,
};
use proto::provisioning::v1::{
    Customer, CustomerStatus, DeleteCustomerRequest, UpdateCustomerRequest,
};

use super::{
    peers::Strike,
    stage::{Stage, eventually, packages},
};

fn change(customer: &Customer, names: &[&str]) -> UpdateCustomerRequest {
    UpdateCustomerRequest {
        customer_id: customer.customer_id.clone(),
        packages: packages(names),
        ..UpdateCustomerRequest::default()
    }
}

async fn delete(stage: &Stage, customer: &Customer) -> String {
    let request = DeleteCustomerRequest {
        customer_id: customer.customer_id.clone(),
    };
    stage
        .customers()
        .delete_customer(stage.request(request))
        .await
        .unwrap()
        .into_inner()
        .operation_id
}

#[tokio::test]
async fn r310_a_removed_customer_is_gone_and_its_external_id_free() {
    let stage = Stage::new().await;
    let request = stage.good().await;
    let accepted = stage.create(request.clone()).await.unwrap();
    let customer = stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    let operation = delete(&stage, &customer).await;
    eventually("the customer is gone", || async {
        stage
            .get(&customer.customer_id)
            .await
            .err()
            .filter(|fault| fault.reason == "NOT_FOUND")
    })
    .await;
    assert_eq!(stage.operation(&operation).await.state, "done");
    {
        let told = stage.peers.state();
        assert!(told.entitlements.is_empty());
        assert_eq!(told.organizations.len(), 1, "the organization stays");
    }
    let again = stage.create(request).await.unwrap();
    assert_ne!(again.customer_id, customer.customer_id);
}

#[tokio::test]
async fn r310_a_repeated_removal_answers_with_the_running_one() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    for _ in 0..3 {
        let away = Fault::new(Kind::Unavailable, "UNAVAILABLE", "away");
        stage.peers.fail("revoke_entitlement", Strike::Before, away);
    }
    let first = delete(&stage, &customer).await;
    let again = delete(&stage, &customer).await;
    assert_eq!(first, again);
    let fault = stage
        .update(change(&customer, &["webex_calling"]))
        .await
        .unwrap_err();
    assert_eq!(fault.reason, "OPERATION_IN_PROGRESS");
}

#[tokio::test]
async fn a_failed_customer_cannot_be_changed_but_removed_and_made_again() {
    let stage = Stage::new().await;
    let refusal = Fault::new(Kind::Precondition, "ORGANIZATION_REFUSED", "no");
    stage
        .peers
        .fail("create_organization", Strike::Before, refusal);
    let request = stage.good().await;
    let accepted = stage.create(request.clone()).await.unwrap();
    let failed = stage
        .until(&accepted.customer_id, CustomerStatus::Error)
        .await;
    let fault = stage
        .update(change(&failed, &["webex_calling"]))
        .await
        .unwrap_err();
    assert_eq!(fault.reason, "CUSTOMER_NOT_PROVISIONED");
    let operation = delete(&stage, &failed).await;
    stage.until_operation(&operation, "done").await;
    let again = testing::request(request, &stage.caller);
    stage.customers().create_customer(again).await.unwrap();
}
