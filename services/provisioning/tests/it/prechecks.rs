use proto::provisioning::v1::{
    CreateCustomerRequest, CustomerInfo, ListCustomersRequest, PrecheckCustomerRequest,
};

use super::stage::{Stage, address, packages, wrong};

async fn precheck(stage: &Stage, customer: CreateCustomerRequest) -> Vec<String> {
    let request = stage.request(PrecheckCustomerRequest {
        customer: Some(customer),
    });
    match stage.customers().precheck_customer(request).await {
        Ok(_) => Vec::new(),
        Err(status) => wrong(&status.into()),
    }
}

#[tokio::test]
async fn r408_a_good_request_passes_and_changes_nothing() {
    let stage = Stage::new().await;
    assert!(precheck(&stage, stage.good().await).await.is_empty());
    let list = stage.request(ListCustomersRequest::default());
    let customers = stage
        .customers()
        .list_customers(list)
        .await
        .unwrap()
        .into_inner()
        .customers;
    assert!(customers.is_empty());
    assert!(stage.peers.state().organizations.is_empty());
}

#[tokio::test]
async fn r408_address_and_primary_email_suffice() {
    let stage = Stage::new().await;
    let info = CustomerInfo {
        primary_email: "a@b.example".to_owned(),
        ..Default::default()
    };
    let least = CreateCustomerRequest {
        address: Some(address()),
        info: Some(info),
        ..Default::default()
    };
    assert!(precheck(&stage, least).await.is_empty());
    assert_eq!(
        precheck(&stage, CreateCustomerRequest::default()).await,
        ["address MISSING", "customerInfo.primaryEmail MISSING"]
    );
}

#[tokio::test]
async fn r408_an_address_that_is_none_hides_no_other_problem() {
    let stage = Stage::new().await;
    let mut request = stage.good().await;
    request.info.as_mut().unwrap().primary_email = "jürgen@nowhere".to_owned();
    request.packages = packages(&["telex"]);
    assert_eq!(
        precheck(&stage, request).await,
        [
            "packages UNKNOWN_PACKAGE",
            "customerInfo.primaryEmail INVALID_EMAIL"
        ]
    );
    assert_eq!(stage.peers.count("check_email"), 0);
}

#[tokio::test]
async fn r408_all_problems_are_found_at_once() {
    let stage = Stage::new().await;
    let good = stage.good().await;
    stage.create(good.clone()).await.unwrap();
    stage
        .peers
        .state()
        .emails
        .insert("admin@acme.example".to_owned());
    let mut request = good;
    request.provisioning_id = uuid::Uuid::nil().to_string();
    request.organization_id = uuid::Uuid::nil().to_string();
    request.packages = packages(&["attendant_console", "telex"]);
    request.billing_start_date = "2020-01-01".to_owned();
    request.parameters.as_mut().unwrap().meetings_timezone = "Nowhere".to_owned();
    assert_eq!(
        precheck(&stage, request).await,
        [
            "provisioningId PROVISIONING_ID_UNKNOWN",
            "orgId NOT_FOUND",
            "packages UNKNOWN_PACKAGE",
            "packages PACKAGE_DEPENDENCY",
            "provisioningParameters.meetings.timezone UNKNOWN_TIMEZONE",
            "billingStartDate DELAYED_BILLING_DISABLED",
            "billingStartDate BILLING_START_OUT_OF_RANGE",
            "externalId EXTERNAL_ID_IN_USE",
            "customerInfo.primaryEmail EMAIL_IN_USE",
        ]
    );
}
