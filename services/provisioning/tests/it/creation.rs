use std::collections::BTreeSet;

use chrono::Days;
use futures::StreamExt as _;
use proto::provisioning::v1::{
    CreateCustomerRequest, CustomerStatus, ListCustomersRequest, PackageLimit, PackageStatus,
    TemplateSettings, event::Kind,
};

use super::stage::{Stage, good, packages, wrong};

#[tokio::test]
async fn r301_r302_a_customer_is_accepted_and_becomes_provisioned() {
    let stage = Stage::new().await;
    let accepted = stage.create(stage.good().await).await.unwrap();
    assert_eq!(accepted.status(), CustomerStatus::Provisioning);
    assert_eq!(accepted.organization_id, "");
    assert!(
        accepted
            .packages
            .iter()
            .all(|p| p.status() == PackageStatus::Provisioning)
    );

    let done = stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    assert_eq!(done.external_id, "acme-1");
    assert!(
        done.packages
            .iter()
            .all(|p| p.status() == PackageStatus::Provisioned)
    );
    let licenses: BTreeSet<&str> = done
        .packages
        .iter()
        .map(|p| p.license_id.as_str())
        .collect();
    assert_eq!(licenses.len(), 2);
    assert!(licenses.iter().all(|license| !license.is_empty()));
    assert!(done.errors.is_empty());

    let told = stage.peers.state();
    let organization = &told.organizations[&done.organization_id];
    assert_eq!(organization.partner_id, stage.caller.partner.to_string());
    assert_eq!(
        (organization.country.as_str(), organization.locale.as_str()),
        ("US", "en_US")
    );
    let entitlement = &told.entitlements[&done.customer_id];
    assert_eq!(entitlement.organization_id, done.organization_id);
    assert_eq!(entitlement.external_id, "acme-1");
    let names: Vec<&str> = entitlement
        .packages
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(names, ["webex_calling", "webex_meetings"]);
    assert!(entitlement.packages[0].calling && !entitlement.packages[1].calling);
    assert_eq!(
        entitlement.location.as_ref().unwrap().timezone,
        "America/Chicago"
    );
}

#[tokio::test]
async fn r302_the_operation_tells_its_steps() {
    let stage = Stage::new().await;
    let done = stage.provisioned().await;
    let operation = stage.operation(&done.operation_id).await;
    assert_eq!(
        (operation.kind.as_str(), operation.state.as_str()),
        ("provision_customer", "done")
    );
    assert_eq!(operation.customer_id, done.customer_id);
    let steps: Vec<&str> = operation
        .events
        .iter()
        .map(|event| event.step.as_str())
        .collect();
    assert_eq!(steps, ["screen", "organization", "entitle", "finish"]);
}

#[tokio::test]
async fn the_feed_tells_of_acceptance_and_of_the_end() {
    let stage = Stage::new().await;
    let template = stage
        .template(TemplateSettings {
            subscription_id: "Sub1042".to_owned(),
            ..Default::default()
        })
        .await;
    let accepted = stage.create(good(&template.provisioning_id)).await.unwrap();
    stage
        .until(&accepted.customer_id, CustomerStatus::Provisioned)
        .await;
    let told: Vec<_> = stage
        .feed()
        .await
        .filter_map(|event| async {
            match event.unwrap().kind.unwrap() {
                Kind::CustomerChanged(changed) => Some(changed),
                Kind::PackageDefined(_) => None,
            }
        })
        .take(2)
        .collect()
        .await;
    let statuses: Vec<CustomerStatus> = told
        .iter()
        .map(|changed| changed.customer.as_ref().unwrap().status())
        .collect();
    assert_eq!(
        statuses,
        [CustomerStatus::Provisioning, CustomerStatus::Provisioned]
    );
    assert!(
        told.iter()
            .all(|changed| changed.subscription_id == "Sub1042" && !changed.deleted)
    );
}

#[tokio::test]
async fn r304_the_language_follows_request_template_and_country() {
    let stage = Stage::new().await;
    let template = stage
        .template(TemplateSettings {
            country: "AU".to_owned(),
            language: "fr_CA".to_owned(),
            ..Default::default()
        })
        .await;
    for (asked, expected) in [
        ("en", "en_AU"),
        ("", "fr_CA"),
        ("es_AR", "es_ES"),
        ("xx", "en_US"),
    ] {
        let mut request = good(&template.provisioning_id);
        request.external_id = format!("language-{asked}");
        request.info.as_mut().unwrap().language = asked.to_owned();
        let accepted = stage.create(request).await.unwrap();
        let done = stage
            .until(&accepted.customer_id, CustomerStatus::Provisioned)
            .await;
        assert_eq!(
            stage.peers.state().organizations[&done.organization_id].locale,
            expected,
            "{asked}"
        );
    }
}

#[tokio::test]
async fn r102_the_newer_spelling_is_accepted() {
    let stage = Stage::new().await;
    let mut request = stage.good().await;
    request.packages = packages(&["customer_assist", "attendant_console"]);
    let accepted = stage.create(request).await.unwrap();
    let names: Vec<&str> = accepted.packages.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["cx_essentials", "attendant_console"]);
}

async fn refused_with(
    stage: &Stage,
    change: impl FnOnce(&mut CreateCustomerRequest),
) -> Vec<String> {
    let mut request = stage.good().await;
    change(&mut request);
    wrong(&stage.create(request).await.unwrap_err())
}

#[tokio::test]
async fn r301_each_rule_refuses_with_its_field_and_reason() {
    let stage = Stage::new().await;
    let info = |request: &mut CreateCustomerRequest, name: &str, email: &str| {
        let info = request.info.as_mut().unwrap();
        info.name = name.to_owned();
        info.primary_email = email.to_owned();
    };
    assert_eq!(
        refused_with(&stage, |r| info(r, "50 % off", "admin@acme.example")).await,
        ["customerInfo.name INVALID"]
    );
    assert_eq!(
        refused_with(&stage, |r| info(r, "Acme", "nobody")).await,
        ["customerInfo.primaryEmail INVALID_EMAIL"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.address.as_mut().unwrap().line2 =
            "x".repeat(51))
        .await,
        ["address.addressLine2 TOO_LONG"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.address.as_mut().unwrap().country =
            "USA".to_owned())
        .await,
        ["address.country UNKNOWN_COUNTRY"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.external_id = "x".repeat(256)).await,
        ["externalId TOO_LONG"]
    );
    assert_eq!(
        refused_with(&stage, |r| r
            .parameters
            .as_mut()
            .unwrap()
            .meetings_timezone = "Mars/Base".to_owned())
        .await,
        ["provisioningParameters.meetings.timezone UNKNOWN_TIMEZONE"]
    );
    assert_eq!(
        refused_with(&stage, |r| {
            r.parameters
                .as_mut()
                .unwrap()
                .location
                .as_mut()
                .unwrap()
                .timezone = "EST5".to_owned();
        })
        .await,
        ["provisioningParameters.calling.location.timezone UNKNOWN_TIMEZONE"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.parameters.as_mut().unwrap().location = None).await,
        ["provisioningParameters.calling.location MISSING"]
    );
    let limit = |package: &str, limit| {
        vec![PackageLimit {
            package: package.to_owned(),
            limit,
        }]
    };
    assert_eq!(
        refused_with(&stage, |r| r.parameters.as_mut().unwrap().limits =
            limit("webex_calling", -1))
        .await,
        ["provisioningParameters.packages.limits.webex_calling INVALID"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.parameters.as_mut().unwrap().limits =
            limit("telex", 1))
        .await,
        ["provisioningParameters.packages.limits.telex UNKNOWN_PACKAGE"]
    );
}

#[tokio::test]
async fn r103_packages_are_known_unique_and_complete() {
    let stage = Stage::new().await;
    let with = |names: &[&str]| {
        let names = packages(names);
        move |request: &mut CreateCustomerRequest| request.packages = names
    };
    assert_eq!(refused_with(&stage, with(&[])).await, ["packages MISSING"]);
    assert_eq!(
        refused_with(&stage, with(&["telex"])).await,
        ["packages UNKNOWN_PACKAGE"]
    );
    assert_eq!(
        refused_with(&stage, with(&["cx_essentials", "customer_assist"])).await,
        ["packages DUPLICATE_PACKAGE"]
    );
    assert_eq!(
        refused_with(&stage, with(&["webex_meetings", "attendant_console"])).await,
        ["packages PACKAGE_DEPENDENCY"]
    );
    assert_eq!(
        refused_with(&stage, with(&["webex_voice", "attendant_console"])).await,
        ["packages PACKAGE_DEPENDENCY"]
    );
    assert_eq!(
        refused_with(&stage, with(&["webex_meetings", "cisco_calling_plan"])).await,
        ["packages PACKAGE_DEPENDENCY"]
    );
}

#[tokio::test]
async fn r301_everything_wrong_is_named_at_once() {
    let stage = Stage::new().await;
    let fault = stage
        .create(CreateCustomerRequest::default())
        .await
        .unwrap_err();
    assert_eq!(fault.reason, "INVALID_ARGUMENT");
    assert_eq!(
        wrong(&fault),
        [
            "provisioningId MISSING",
            "packages MISSING",
            "address MISSING",
            "customerInfo.name MISSING",
            "externalId MISSING",
            "customerInfo.primaryEmail MISSING",
        ]
    );
}

#[tokio::test]
async fn r201_the_provisioning_id_must_be_one_of_the_partner_s_own() {
    let mut stage = Stage::new().await;
    let foreign = stage.good().await;
    assert_eq!(
        refused_with(&stage, |r| r.provisioning_id = "nonsense".to_owned()).await,
        ["provisioningId PROVISIONING_ID_UNKNOWN"]
    );
    stage.caller = stage.stranger();
    let fault = stage.create(foreign).await.unwrap_err();
    assert_eq!(wrong(&fault), ["provisioningId PROVISIONING_ID_UNKNOWN"]);
}

#[tokio::test]
async fn r307_deferred_billing_needs_the_setting_and_lies_within_ninety_days() {
    let stage = Stage::new().await;
    let today = stage.context.clock.now().date_naive();
    let day = |days| today.checked_add_days(Days::new(days)).unwrap().to_string();
    assert_eq!(
        refused_with(&stage, |r| r.billing_start_date = day(30)).await,
        ["billingStartDate DELAYED_BILLING_DISABLED"]
    );
    stage.enable_delayed_billing().await;
    assert_eq!(
        refused_with(&stage, |r| r.billing_start_date = day(91)).await,
        ["billingStartDate BILLING_START_OUT_OF_RANGE"]
    );
    assert_eq!(
        refused_with(&stage, |r| r.billing_start_date = "soon".to_owned()).await,
        ["billingStartDate INVALID_DATE"]
    );
    let mut request = stage.good().await;
    request.billing_start_date = day(90);
    assert_eq!(
        stage.create(request).await.unwrap().billing_start_date,
        day(90)
    );
}

#[tokio::test]
async fn r407_a_primary_email_of_somebody_else_is_a_conflict() {
    let stage = Stage::new().await;
    stage
        .peers
        .state()
        .emails
        .insert("admin@acme.example".to_owned());
    assert_eq!(refused_with(&stage, |_| ()).await, ["EMAIL_IN_USE"]);
}

#[tokio::test]
async fn r312_the_same_request_twice_makes_one_customer() {
    let stage = Stage::new().await;
    let request = stage.good().await;
    let first = stage.create(request.clone()).await.unwrap();
    stage
        .until(&first.customer_id, CustomerStatus::Provisioned)
        .await;
    // by now the address belongs to the customer's own organization
    stage
        .peers
        .state()
        .emails
        .insert("admin@acme.example".to_owned());
    let mut other_order = request;
    other_order.packages.reverse();
    let again = stage.create(other_order).await.unwrap();
    assert_eq!(again.customer_id, first.customer_id);
    assert_eq!(stage.peers.state().organizations.len(), 1);
}

#[tokio::test]
async fn r312_the_same_request_many_times_at_once_makes_one_customer() {
    let stage = Stage::new().await;
    let request = stage.good().await;
    let all = futures::future::join_all((0..8).map(|_| stage.create(request.clone()))).await;
    let ids: BTreeSet<String> = all
        .into_iter()
        .map(|made| made.unwrap().customer_id)
        .collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn r312_same_external_id_other_content_is_a_conflict() {
    let stage = Stage::new().await;
    let request = stage.good().await;
    let first = stage.create(request.clone()).await.unwrap();
    let mut other = request;
    other.info.as_mut().unwrap().name = "Other".to_owned();
    let fault = stage.create(other).await.unwrap_err();
    assert_eq!(fault.reason, "EXTERNAL_ID_IN_USE");
    assert!(fault.message.contains(&first.customer_id));
}

#[tokio::test]
async fn r310_lists_filter_exactly_and_page_by_offset_and_by_cursor() {
    let stage = Stage::new().await;
    let template = stage.template(TemplateSettings::default()).await;
    let mut made = Vec::new();
    for n in 0..7 {
        let mut request = good(&template.provisioning_id);
        request.external_id = format!("c-{n}");
        made.push(stage.create(request).await.unwrap().customer_id);
    }
    for id in &made {
        stage.until(id, CustomerStatus::Provisioned).await;
    }
    let list = |request: ListCustomersRequest| {
        let stage = &stage;
        async move {
            stage
                .customers()
                .list_customers(stage.request(request))
                .await
                .unwrap()
                .into_inner()
        }
    };
    let ids = |page: &proto::provisioning::v1::ListCustomersResponse| -> Vec<String> {
        page.customers
            .iter()
            .map(|customer| customer.customer_id.clone())
            .collect()
    };
    let mut by_cursor = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = list(ListCustomersRequest {
            page_size: 3,
            page_token,
            ..Default::default()
        })
        .await;
        assert!(
            page.customers
                .iter()
                .all(|customer| customer.packages.len() == 2)
        );
        by_cursor.extend(ids(&page));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(by_cursor, made);
    let third = list(ListCustomersRequest {
        page_size: 3,
        offset: 5,
        ..Default::default()
    })
    .await;
    assert_eq!(ids(&third), made[5..]);
    let one = list(ListCustomersRequest {
        external_id: "c-4".to_owned(),
        ..Default::default()
    })
    .await;
    assert_eq!(ids(&one), made[4..5]);
    let prefix = list(ListCustomersRequest {
        external_id: "c-".to_owned(),
        ..Default::default()
    })
    .await;
    assert!(prefix.customers.is_empty());
    let organization_id = one.customers[0].organization_id.clone();
    let found = list(ListCustomersRequest {
        organization_id,
        ..Default::default()
    })
    .await;
    assert_eq!(ids(&found), made[4..5]);
    let statuses = vec![
        CustomerStatus::Error.into(),
        CustomerStatus::Updating.into(),
    ];
    assert!(
        list(ListCustomersRequest {
            statuses,
            ..Default::default()
        })
        .await
        .customers
        .is_empty()
    );
    let statuses = vec![CustomerStatus::Provisioned.into()];
    let all = list(ListCustomersRequest {
        statuses,
        ..Default::default()
    })
    .await;
    assert_eq!(all.customers.len(), 7);
}

#[tokio::test]
async fn r1106_a_suspended_partner_reads_and_deletes_but_does_not_provision() {
    let mut stage = Stage::new().await;
    let customer = stage.provisioned().await;
    let request = stage.good().await;
    stage.caller.suspended = true;
    assert_eq!(
        stage.create(request).await.unwrap_err().reason,
        "TENANT_SUSPENDED"
    );
    stage.get(&customer.customer_id).await.unwrap();
    let delete = proto::provisioning::v1::DeleteCustomerRequest {
        customer_id: customer.customer_id.clone(),
    };
    stage
        .customers()
        .delete_customer(stage.request(delete))
        .await
        .unwrap();
}
