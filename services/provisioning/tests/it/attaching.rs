use kit::auth::Caller;
use proto::provisioning::v1::{
    CreateCustomerRequest, Customer, CustomerStatus, DeleteCustomerRequest, PrecheckCustomerRequest,
};

use super::stage::{Stage, wrong};

/// A request to attach to an organization, as short as it may be.
async fn attach(stage: &Stage, organization_id: &str) -> CreateCustomerRequest {
    CreateCustomerRequest {
        organization_id: organization_id.to_owned(),
        external_id: "attached".to_owned(),
        info: None,
        ..stage.good().await
    }
}

/// A customer whose service was removed; its organization stays.
async fn removed(stage: &Stage) -> Customer {
    let customer = stage.provisioned().await;
    let request = DeleteCustomerRequest {
        customer_id: customer.customer_id.clone(),
    };
    let answer = stage
        .customers()
        .delete_customer(stage.request(request))
        .await
        .unwrap();
    stage
        .until_operation(&answer.into_inner().operation_id, "done")
        .await;
    customer
}

#[tokio::test]
async fn r501_service_is_attached_to_an_organization_of_the_partner_s() {
    let stage = Stage::new().await;
    let before = removed(&stage).await;
    let request = attach(&stage, &before.organization_id).await;
    let accepted = stage.create(request.clone()).await.unwrap();
    assert_ne!(accepted.customer_id, before.customer_id);
    let done = stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(done.organization_id, before.organization_id);
    assert_eq!(done.name, "Acme", "r504: the organization keeps its name");
    {
        let told = stage.peers.state();
        assert_eq!(told.organizations.len(), 1);
        assert!(told.attached.contains(&before.organization_id), "r504");
        let entitlement = &told.entitlements[&done.customer_id];
        assert_eq!(entitlement.organization_id, before.organization_id);
        let screened = told
            .screenings
            .values()
            .filter(|(it, _)| it.customer_id == done.customer_id);
        assert_eq!(screened.count(), 1, "r601: no customer escapes screening");
    }
    assert_eq!(stage.peers.count("create_organization"), 1);
    let again = stage.create(request).await.unwrap();
    assert_eq!(again.customer_id, done.customer_id);
}

#[tokio::test]
async fn r505_an_organization_of_another_partner_is_not_there() {
    let mut stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let stranger = stage.stranger();
    let own = std::mem::replace(&mut stage.caller, stranger);
    let request = attach(&stage, &customer.organization_id).await;
    let fault = stage.create(request).await.unwrap_err();
    assert_eq!(wrong(&fault), ["orgId NOT_FOUND"]);
    stage.caller = Caller { ..own };
    let request = attach(&stage, &uuid::Uuid::nil().to_string()).await;
    assert_eq!(
        wrong(&stage.create(request).await.unwrap_err()),
        ["orgId NOT_FOUND"]
    );
    let request = attach(&stage, "nonsense").await;
    assert_eq!(
        wrong(&stage.create(request).await.unwrap_err()),
        ["orgId INVALID"]
    );
}

#[tokio::test]
async fn r408_an_organization_that_has_the_service_is_refused_by_creation_and_precheck() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let request = attach(&stage, &customer.organization_id).await;
    let fault = stage.create(request.clone()).await.unwrap_err();
    assert_eq!(fault.reason, "ORGANIZATION_ALREADY_WHOLESALE");
    let precheck = stage.request(PrecheckCustomerRequest {
        customer: Some(request),
    });
    let fault = stage
        .customers()
        .precheck_customer(precheck)
        .await
        .unwrap_err()
        .into();
    assert_eq!(wrong(&fault), ["orgId ORGANIZATION_ALREADY_WHOLESALE"]);
}

#[tokio::test]
async fn r408_two_attachments_at_once_make_one_customer() {
    let stage = Stage::new().await;
    let before = removed(&stage).await;
    let first = attach(&stage, &before.organization_id).await;
    let second = CreateCustomerRequest {
        external_id: "other".to_owned(),
        ..first.clone()
    };
    let (first, second) = tokio::join!(stage.create(first), stage.create(second));
    let refusals: Vec<String> = [first, second]
        .into_iter()
        .filter_map(|made| made.err().map(|it| it.reason))
        .collect();
    assert_eq!(refusals, ["ORGANIZATION_ALREADY_WHOLESALE"]);
}
