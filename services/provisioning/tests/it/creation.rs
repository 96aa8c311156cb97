use std::collections::BTreeSet;

use futures::StreamExt as _;
use proto::provisioning::v1::{CustomerStatus, PackageStatus, TemplateSettings, event::Kind};

use super::stage::{Stage, good, packages};

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
                Kind::PackageDefined(_) | Kind::Audit(_) => None,
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
async fn requests_that_come_together_get_each_its_own_answer() {
    let stage = Stage::new().await;
    let good = stage.good().await;
    let requests = (0..60).map(|n| {
        let mut request = good.clone();
        let info = request.info.as_mut().unwrap();
        // fifteen customers: three times the same request, and once with another name or a wrong one
        request.external_id = format!("together-{}", n % 15);
        info.primary_email = format!("admin@together-{}.example", n % 15);
        match n / 15 {
            3 if n % 2 == 0 => info.name = "Somebody Else".to_owned(),
            3 => request.packages = vec!["no_such_package".to_owned()],
            _ => {}
        }
        stage.create(request)
    });
    let answers = futures::future::join_all(requests).await;
    let mut made = BTreeSet::new();
    for (n, answer) in answers.into_iter().enumerate() {
        match (n / 15, n % 2) {
            (3, 0) => assert_eq!(answer.unwrap_err().reason, "EXTERNAL_ID_IN_USE"),
            (3, _) => {
                let fault = answer.unwrap_err();
                assert_eq!(fault.violations[0].reason, "UNKNOWN_PACKAGE");
            }
            _ => {
                let customer = answer.unwrap();
                assert_eq!(customer.external_id, format!("together-{}", n % 15));
                made.insert(customer.customer_id);
            }
        }
    }
    assert_eq!(made.len(), 15);
    for customer_id in made {
        let customer = stage.until(&customer_id, CustomerStatus::Provisioned).await;
        assert_eq!(customer.packages.len(), good.packages.len());
    }
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
