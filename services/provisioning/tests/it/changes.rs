use chrono::{Days, TimeDelta};
use kit::fault::{Fault, Kind};
use proto::{
    common::v1::Address,
    compliance::v1::CaseState,
    provisioning::v1::{
        Customer, CustomerStatus, DeleteCustomerRequest, LocationParameters, PackageLimit,
        PackageStatus, ProvisioningParameters, UpdateCustomerRequest,
    },
};

use super::{
    peers::Strike,
    stage::{Stage, address, packages, refused, wrong},
};

fn change(customer: &Customer, names: &[&str]) -> UpdateCustomerRequest {
    UpdateCustomerRequest {
        customer_id: customer.customer_id.clone(),
        packages: packages(names),
        ..UpdateCustomerRequest::default()
    }
}

fn names(customer: &Customer) -> Vec<&str> {
    customer
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect()
}

#[tokio::test]
async fn r309_the_list_of_packages_is_the_complete_one_wanted() {
    let stage = Stage::new().await;
    let before = stage.provisioned().await;
    let updating = stage
        .update(change(&before, &["webex_suite", "webex_calling"]))
        .await
        .unwrap();
    assert_eq!(updating.status(), CustomerStatus::Updating);
    let status = |customer: &Customer, name: &str| {
        customer
            .packages
            .iter()
            .find(|package| package.name == name)
            .unwrap()
            .status()
    };
    assert_eq!(
        status(&updating, "webex_suite"),
        PackageStatus::Provisioning
    );
    assert_eq!(status(&updating, "webex_meetings"), PackageStatus::Deleting);

    let after = stage
        .until(&before.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(names(&after), ["webex_calling", "webex_suite"]);
    let kept = |customer: &Customer| {
        customer
            .packages
            .iter()
            .find(|p| p.name == "webex_calling")
            .unwrap()
            .license_id
            .clone()
    };
    assert_eq!(
        kept(&before),
        kept(&after),
        "a licence that stays is the same licence"
    );
    assert_eq!(after.organization_id, before.organization_id);
    let told = stage.peers.state();
    let entitled: Vec<&str> = told.entitlements[&before.customer_id]
        .packages
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(entitled, ["webex_calling", "webex_suite"]);
    assert_eq!(
        told.screenings.len(),
        1,
        "without a new address there is nothing to screen"
    );
}

#[tokio::test]
async fn r309_a_package_that_is_held_is_not_taken_away() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    stage
        .peers
        .state()
        .holders
        .insert("webex_meetings".to_owned(), 3);
    let fault = stage
        .update(change(&customer, &["webex_calling"]))
        .await
        .unwrap_err();
    assert_eq!(fault.reason, "PACKAGE_IN_USE");
    assert!(fault.message.contains("webex_meetings is held by 3"));
    assert_eq!(stage.get(&customer.customer_id).await.unwrap(), customer);
    // a package that nobody would lose does not matter
    stage
        .update(change(
            &customer,
            &["webex_calling", "webex_meetings", "webex_suite"],
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn r309_a_package_that_became_held_meanwhile_fails_the_change_and_keeps_what_was() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let held = Fault::new(
        Kind::Conflict,
        "PACKAGE_IN_USE",
        "webex_meetings is held by 1",
    );
    stage.peers.fail("apply_entitlement", Strike::Before, held);
    stage
        .update(change(&customer, &["webex_calling", "webex_suite"]))
        .await
        .unwrap();
    let after = stage
        .until(&customer.customer_id, CustomerStatus::ProvisionedWithErrors)
        .await;
    assert_eq!(after.errors[0].reason, "PACKAGE_IN_USE");
    assert_eq!(after.packages, customer.packages);
    let entitled = stage.peers.state().entitlements[&customer.customer_id]
        .packages
        .len();
    assert_eq!(entitled, 2);
    // and the customer can be changed again
    stage
        .update(change(&customer, &["webex_calling", "webex_meetings"]))
        .await
        .unwrap();
    let healed = stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    assert!(healed.errors.is_empty());
}

#[tokio::test]
async fn r309_a_new_address_is_screened_and_a_rejection_keeps_the_old_one() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    stage.peers.state().listed.insert("Blocked City".to_owned());
    let moved = Some(Address {
        city: "Blocked City".to_owned(),
        ..address()
    });
    let request = UpdateCustomerRequest {
        address: moved.clone(),
        ..change(&customer, &["webex_calling", "webex_meetings"])
    };
    stage.update(request.clone()).await.unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::PendingRplReview)
        .await;
    let partner = stage.caller.partner.to_string();
    let case = stage.peers.case_of(&customer.customer_id);
    stage
        .peers
        .close(&partner, &customer.customer_id, &case, CaseState::Rejected);
    let kept = stage
        .until(&customer.customer_id, CustomerStatus::ProvisionedWithErrors)
        .await;
    assert_eq!(kept.errors[0].reason, "RPL_REJECTED");
    assert_eq!(kept.address, customer.address);

    stage.update(request).await.unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::PendingRplReview)
        .await;
    let second = stage.peers.case_of(&customer.customer_id);
    assert_ne!(second, case);
    stage.peers.close(
        &partner,
        &customer.customer_id,
        &second,
        CaseState::Approved,
    );
    let changed = stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(changed.address, moved);
}

#[tokio::test]
async fn r309_the_external_id_can_be_changed_but_not_taken() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let mut other = stage.good().await;
    other.external_id = "taken".to_owned();
    let other = stage.create(other).await.unwrap();
    let all = ["webex_calling", "webex_meetings"];
    let to = |external_id: &str| UpdateCustomerRequest {
        external_id: external_id.to_owned(),
        ..change(&customer, &all)
    };
    let fault = stage.update(to("taken")).await.unwrap_err();
    assert_eq!(fault.reason, "EXTERNAL_ID_IN_USE");
    assert!(fault.message.contains(&other.customer_id));
    stage.update(to("acme-2")).await.unwrap();
    let after = stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(after.external_id, "acme-2");
    assert_eq!(
        stage.peers.state().entitlements[&customer.customer_id].external_id,
        "acme-2"
    );
}

#[tokio::test]
async fn r309_limits_and_a_first_location_can_come_later() {
    let stage = Stage::new().await;
    let mut request = stage.good().await;
    request.packages = packages(&["webex_meetings"]);
    request.parameters.as_mut().unwrap().location = None;
    let accepted = stage.create(request).await.unwrap();
    let customer = stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    let calling = change(&customer, &["webex_meetings", "webex_calling"]);
    let fault = stage.update(calling.clone()).await.unwrap_err();
    assert_eq!(
        wrong(&fault),
        ["provisioningParameters.calling.location MISSING"]
    );
    let location = LocationParameters {
        name: "Branch".to_owned(),
        address: Some(address()),
        timezone: "America/Denver".to_owned(),
        language: "en_us".to_owned(),
        emergency_location_identifier: String::new(),
    };
    let limits = vec![PackageLimit {
        package: "webex_calling".to_owned(),
        limit: 5,
    }];
    let parameters = Some(ProvisioningParameters {
        location: Some(location),
        limits,
        ..Default::default()
    });
    stage
        .update(UpdateCustomerRequest {
            parameters,
            ..calling
        })
        .await
        .unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    let told = stage.peers.state().entitlements[&customer.customer_id].clone();
    assert_eq!(told.packages[0].limit, 5);
    let location = told.location.unwrap();
    assert_eq!(location.name, "Branch");
    // the next change names the same location, and keeps the limit
    stage
        .update(change(&customer, &["webex_calling"]))
        .await
        .unwrap();
    stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    let told = stage.peers.state().entitlements[&customer.customer_id].clone();
    assert_eq!(told.location.unwrap().location_id, location.location_id);
    assert_eq!(told.packages[0].limit, 5);
}

#[tokio::test]
async fn r307_the_start_of_billing_moves_only_while_billing_has_not_begun() {
    let stage = Stage::new().await;
    stage.enable_delayed_billing().await;
    let today = stage.context.clock.now().date_naive();
    let day = |days| today.checked_add_days(Days::new(days)).unwrap().to_string();
    let mut request = stage.good().await;
    request.billing_start_date = day(10);
    let accepted = stage.create(request).await.unwrap();
    let customer = stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    let all = ["webex_calling", "webex_meetings"];
    let to = |days| UpdateCustomerRequest {
        billing_start_date: day(days),
        ..change(&customer, &all)
    };
    stage.update(to(20)).await.unwrap();
    let moved = stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(moved.billing_start_date, day(20));
    assert_eq!(
        wrong(&stage.update(to(91)).await.unwrap_err()),
        ["billingStartDate BILLING_START_OUT_OF_RANGE"]
    );
    stage.context.clock.advance(TimeDelta::days(21));
    assert_eq!(
        wrong(&stage.update(to(30)).await.unwrap_err()),
        ["billingStartDate BILLING_STARTED"]
    );
}

#[tokio::test]
async fn of_many_changes_at_once_one_is_accepted() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    for _ in 0..4 {
        let away = Fault::new(Kind::Unavailable, "UNAVAILABLE", "away");
        stage.peers.fail("apply_entitlement", Strike::Before, away);
    }
    let wanted = change(
        &customer,
        &["webex_calling", "webex_meetings", "webex_suite"],
    );
    let all = (0..6).map(|_| stage.update(wanted.clone()));
    let (accepted, refused): (Vec<_>, Vec<_>) = futures::future::join_all(all)
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert_eq!(accepted.len(), 1);
    for fault in refused {
        assert_eq!(fault.unwrap_err().reason, "OPERATION_IN_PROGRESS");
    }
    let after = stage
        .until(&customer.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(after.packages.len(), 3);
}

#[tokio::test]
async fn a_busy_customer_refuses_another_operation() {
    let stage = Stage::new().await;
    stage.peers.state().listed.insert("Acme".to_owned());
    let accepted = stage.create(stage.good().await).await.unwrap();
    let held = stage
        .until(&accepted.customer_id, CustomerStatus::PendingRplReview)
        .await;
    let fault = stage
        .update(change(&held, &["webex_calling"]))
        .await
        .unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Conflict, "OPERATION_IN_PROGRESS")
    );
    let delete = stage.request(DeleteCustomerRequest {
        customer_id: held.customer_id,
    });
    let fault = refused(stage.customers().delete_customer(delete).await);
    assert_eq!(fault.reason, "OPERATION_IN_PROGRESS");
}

#[tokio::test]
async fn r309_all_that_is_wrong_with_a_change_is_named_at_once() {
    let stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let request = UpdateCustomerRequest {
        external_id: "x".repeat(256),
        address: Some(Address {
            country: "ZZ".to_owned(),
            ..address()
        }),
        ..change(&customer, &["telex"])
    };
    assert_eq!(
        wrong(&stage.update(request).await.unwrap_err()),
        [
            "packages UNKNOWN_PACKAGE",
            "address.country UNKNOWN_COUNTRY",
            "externalId TOO_LONG"
        ]
    );
    let fault = stage.update(change(&customer, &[])).await.unwrap_err();
    assert_eq!(wrong(&fault), ["packages MISSING"]);
}
