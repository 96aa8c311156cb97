use chrono::Days;
use proto::provisioning::v1::{CreateCustomerRequest, PackageLimit};

use super::stage::{Stage, packages, wrong};

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
}

#[tokio::test]
async fn r301_r308_each_parameter_refuses_with_its_field_and_reason() {
    let stage = Stage::new().await;
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
