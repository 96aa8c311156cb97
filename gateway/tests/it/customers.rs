//! `/v1/wholesale/customers`.

use kit::fault::{Kind, Violations, reason};
use proto::{
    common::v1::{Address, Problem},
    identity::v1::{ActForSubPartnerRequest, IssuedToken},
    provisioning::v1::{
        self as pb, CreateCustomerRequest, Customer, CustomerPackage, CustomerStatus,
        ListCustomersRequest, ListCustomersResponse, PackageStatus, UpdateCustomerRequest,
    },
};

use crate::{
    every_route,
    stage::{Contexts, ID, fault, public},
};

const ALL: &str = "/v1/wholesale/customers";

fn customer(status: CustomerStatus) -> Customer {
    Customer {
        customer_id: ID.to_owned(),
        organization_id: ID.to_owned(),
        external_id: "c1677a16".to_owned(),
        address: Some(Address {
            line1: "771 Alder Drive".to_owned(),
            city: "Milpitas".to_owned(),
            state: "CA".to_owned(),
            postal_code: "95035".to_owned(),
            country: "US".to_owned(),
            ..Address::default()
        }),
        status: status.into(),
        packages: vec![CustomerPackage {
            name: "webex_calling".to_owned(),
            status: PackageStatus::Provisioned.into(),
            warnings: vec![Problem {
                reason: "SERVICE_MAINTENANCE".to_owned(),
                description: "maintenance".to_owned(),
            }],
            errors: Vec::new(),
            license_id: ID.to_owned(),
        }],
        ..Customer::default()
    }
}

fn one(path: &'static str, answer: Customer) -> Contexts {
    Contexts::default().on(path, move |_: &pb::GetCustomerRequest| Ok(answer.clone()))
}

#[tokio::test]
async fn r302_creation_is_accepted_with_a_location_and_the_whole_request_arrives() {
    let stage = Contexts::default()
        .on(
            "/entrepot.provisioning.v1.Customers/CreateCustomer",
            |_: &CreateCustomerRequest| Ok(customer(CustomerStatus::Provisioning)),
        )
        .stage();
    let body = r#"{
        "provisioningId": "ZjViMzYxODctYzhkZC00NzI3LThiMmYtZjljNDQ3ZjI5MDQ2",
        "packages": ["webex_calling", "webex_meetings"],
        "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi81MmNmNTc2ZC02MGE4LTQwN2EtYjIyYy00NjdjNTE1OTE5MDg",
        "externalId": "c1677a16",
        "address": {"addressLine1": "771 Alder Drive", "addressLine2": "Site 5", "city": "Milpitas",
            "stateOrProvince": "CA", "zipOrPostalCode": "95035", "country": "US"},
        "customerInfo": {"name": "John's Shop", "primaryEmail": "john@acme.com", "language": "en_US"},
        "provisioningParameters": {
            "calling": {"location": {"name": "Head Quarter", "address": {"addressLine1": "1 Main"},
                "timezone": "America/Los_Angeles", "language": "en_us",
                "emergencyLocationIdentifier": "E9", "numbers": ["+14085550100"]}},
            "meetings": {"timezone": "America/Los_Angeles"},
            "packages": {"limits": {"webex_calling": 50, "webex_suite": 5.0}}},
        "subPartnerAdminEmail": "sub@acme.com",
        "billingStartDate": "2026-03-01T00:00:00.000Z"
    }"#;
    let answer = stage.post(ALL, body).await;
    assert_eq!(answer.status, 202);
    let url = format!(
        "https://api.example.net/v1/wholesale/customers/{}",
        public("ENTERPRISE")
    );
    assert_eq!(answer.header("location"), url);
    assert_eq!(answer.body, format!(r#"{{"url":"{url}"}}"#).into_bytes());
    let asked: CreateCustomerRequest = stage.asked();
    assert_eq!(
        asked.provisioning_id,
        "f5b36187-c8dd-4727-8b2f-f9c447f29046"
    );
    assert_eq!(asked.packages, ["webex_calling", "webex_meetings"]);
    assert_eq!(asked.organization_id, ID);
    assert_eq!(asked.external_id, "c1677a16");
    assert_eq!(asked.billing_start_date, "2026-03-01");
    assert_eq!(asked.sub_partner_admin_email, "sub@acme.com");
    assert_eq!(asked.address.unwrap().postal_code, "95035");
    assert_eq!(asked.info.unwrap().primary_email, "john@acme.com");
    let parameters = asked.parameters.unwrap();
    assert_eq!(parameters.meetings_timezone, "America/Los_Angeles");
    let location = parameters.location.unwrap();
    assert_eq!(location.emergency_location_identifier, "E9");
    assert_eq!(location.address.unwrap().line1, "1 Main");
    let limits: Vec<_> = parameters
        .limits
        .iter()
        .map(|l| (l.package.as_str(), l.limit))
        .collect();
    assert_eq!(limits, [("webex_calling", 50), ("webex_suite", 5)]);
}

#[tokio::test]
async fn what_is_accepted_tells_where_its_operation_is() {
    let running = || Customer {
        operation_id: ID.to_owned(),
        ..customer(CustomerStatus::Updating)
    };
    let stage = Contexts::default()
        .on(
            "/entrepot.provisioning.v1.Customers/UpdateCustomer",
            move |_: &UpdateCustomerRequest| Ok(running()),
        )
        .on(
            "/entrepot.provisioning.v1.Customers/DeleteCustomer",
            |_: &pb::DeleteCustomerRequest| {
                Ok(pb::DeleteCustomerResponse {
                    operation_id: ID.to_owned(),
                })
            },
        )
        .stage();
    let path = format!("{ALL}/{}", public("ENTERPRISE"));
    for (method, body) in [("PUT", "{}"), ("DELETE", "")] {
        let answer = stage.call(method, &path, body).await;
        assert_eq!(answer.status, 202);
        let wanted = format!("/platform/v1/operations/{}", public("OPERATION"));
        let told = answer.header("operation-location");
        assert!(told.ends_with(&wanted), "{method}: {told}");
    }
}

#[tokio::test]
async fn a_customer_looks_exactly_as_published() {
    let path = "/entrepot.provisioning.v1.Customers/GetCustomer";
    let stage = one(path, customer(CustomerStatus::ProvisionedWithErrors)).stage();
    let uri = format!("{ALL}/{}", public("ENTERPRISE"));
    let answer = stage.get(&uri).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("location"),
        format!("https://api.example.net{uri}")
    );
    let shown = |licenses: &str| {
        format!(
            concat!(
                r#"{{"id":"{id}","orgId":"{org}","externalId":"c1677a16","#,
                r#""address":{{"addressLine1":"771 Alder Drive","city":"Milpitas","stateOrProvince":"CA","#,
                r#""zipOrPostalCode":"95035","country":"US"}},"status":"provisioned_with_errors","#,
                r#""packages":["webex_calling"],"resourceDetails":{{"packages":[{{"name":"webex_calling","#,
                r#""status":"provisioned","warnings":[{{"errorCode":2560,"description":"maintenance"}}]{licenses}}}]}}}}"#
            ),
            id = public("ENTERPRISE"),
            org = public("ORGANIZATION"),
            licenses = licenses,
        )
    };
    assert_eq!(String::from_utf8(answer.body).unwrap(), shown(""));
    let answer = stage
        .get(&format!("{uri}?includePackageLicenseInfo=true"))
        .await;
    let licenses = format!(r#","licenseIds":["{}"]"#, public("LICENSE"));
    assert_eq!(String::from_utf8(answer.body).unwrap(), shown(&licenses));
}

#[tokio::test]
async fn a_failed_customer_says_why_and_omits_what_it_has_not() {
    let failed = Customer {
        organization_id: String::new(),
        address: None,
        packages: Vec::new(),
        errors: vec![Problem {
            reason: "EMAIL_IN_USE".to_owned(),
            description: "taken".to_owned(),
        }],
        ..customer(CustomerStatus::Error)
    };
    let stage = one("/entrepot.provisioning.v1.Customers/GetCustomer", failed).stage();
    let answer = stage.get(&format!("{ALL}/{ID}")).await;
    let wanted = format!(
        r#"{{"id":"{}","externalId":"c1677a16","status":"error","packages":[],"errors":[{{"errorCode":10022,"description":"taken"}}]}}"#,
        public("ENTERPRISE")
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
}

#[tokio::test]
async fn r309_an_update_needs_little_and_keeps_the_rest() {
    let stage = Contexts::default()
        .on(
            "/entrepot.provisioning.v1.Customers/UpdateCustomer",
            |_: &UpdateCustomerRequest| Ok(customer(CustomerStatus::Updating)),
        )
        .stage();
    let body = r#"{"externalId": "new", "packages": ["webex_suite"], "orgId": "ignored"}"#;
    let answer = stage
        .call("PUT", &format!("{ALL}/{}==", public("ENTERPRISE")), body)
        .await;
    assert_eq!(answer.status, 202);
    assert!(!answer.header("location").is_empty());
    let asked: UpdateCustomerRequest = stage.asked();
    let wanted = UpdateCustomerRequest {
        customer_id: ID.to_owned(),
        external_id: "new".to_owned(),
        packages: vec!["webex_suite".to_owned()],
        ..UpdateCustomerRequest::default()
    };
    assert_eq!(asked, wanted);
}

#[tokio::test]
async fn r310_deletion_is_accepted_without_a_body() {
    let stage = every_route::contexts().stage();
    let answer = stage.call("DELETE", &format!("{ALL}/{ID}"), "").await;
    assert_eq!(answer.status, 202);
    assert!(answer.body.is_empty());
    assert_eq!(stage.asked::<pb::DeleteCustomerRequest>().customer_id, ID);
}

#[tokio::test]
async fn r408_a_precheck_answers_as_published_or_with_every_problem() {
    let stage = every_route::contexts().stage();
    let body = r#"{"address": {"country": "US"}, "customerInfo": {"primaryEmail": "a@b.c"}}"#;
    let answer = stage.post(&format!("{ALL}/validate"), body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        String::from_utf8(answer.body).unwrap(),
        r#"{"message":"success","info":[{"infoCode":100,"description":"Provisioning preCheck validation successful."}]}"#
    );
    let mut violations = Violations::default();
    violations.add("customerInfo.primaryEmail", "EMAIL_IN_USE", "taken");
    violations.add("packages", "UNKNOWN_PACKAGE", "webex_x does not exist");
    violations.text("externalId", "", 10);
    stage.refuse(kit::fault::Fault::invalid(violations.into_vec()).into());
    let answer = stage.post(&format!("{ALL}/validate"), body).await;
    assert_eq!(answer.status, 400);
    let errors = answer.errors();
    assert_eq!(errors["customerInfo.primaryEmail"], 10022);
    assert_eq!(errors["packages"], 900_200);
    assert_eq!(errors["externalId"], 1001);
}

#[tokio::test]
async fn r312_a_conflict_is_told_with_its_own_code() {
    let stage = every_route::contexts().stage();
    stage.refuse(fault(Kind::Conflict, "EXTERNAL_ID_IN_USE"));
    let answer = stage.post(ALL, "{}").await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.errors()[""], 900_205);
}

/// Seven customers, by offset and by token.
fn seven() -> Contexts {
    let answer = |asked: &ListCustomersRequest| {
        assert!(
            asked.page_token.is_empty() || asked.offset == 0,
            "one of them"
        );
        let start = match asked.page_token.as_str() {
            "" => asked.offset,
            token => token.strip_prefix("after,").unwrap().parse().unwrap(),
        };
        let end = (start + asked.page_size).min(7);
        let customers = (start..end).map(|n| Customer {
            external_id: n.to_string(),
            ..customer(CustomerStatus::Provisioned)
        });
        let next_page_token = if end < 7 {
            format!("after,{end}")
        } else {
            String::new()
        };
        Ok(ListCustomersResponse {
            customers: customers.collect(),
            next_page_token,
        })
    };
    Contexts::default().on("/entrepot.provisioning.v1.Customers/ListCustomers", answer)
}

fn next(link: &str) -> Option<String> {
    // the way a client in the field reads it: by commas, then by semicolons
    link.split(',').find_map(|part| {
        let (url, relation) = part.trim().split_once(';').unwrap();
        (relation.trim() == "rel=\"next\"").then(|| {
            let url = url.strip_prefix("<https://api.example.net").unwrap();
            url.strip_suffix('>').unwrap().to_owned()
        })
    })
}

#[tokio::test]
async fn following_the_links_sees_every_row_once_and_ends() {
    let stage = seven().stage();
    let mut uri = Some(format!(
        "{ALL}?status=provisioned,error&max=3&externalId=a%2Cb"
    ));
    let (mut rows, mut pages) = (Vec::new(), 0);
    while let Some(page) = uri {
        let answer = stage.get(&page).await;
        let asked: ListCustomersRequest = stage.asked();
        assert_eq!(asked.statuses.len(), 2, "filters are kept");
        assert_eq!(asked.external_id, "a,b");
        let items = answer.json()["items"].as_array().unwrap().clone();
        rows.extend(
            items
                .iter()
                .map(|item| item["externalId"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        uri = next(answer.header("link"));
        if let Some(uri) = &uri {
            assert!(
                uri.contains(&format!("offset={}&max=3", pages * 3)),
                "{uri}"
            );
        }
    }
    assert_eq!(rows, ["0", "1", "2", "3", "4", "5", "6"]);
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn raising_the_offset_until_a_short_page_sees_every_row_once() {
    let stage = seven().stage();
    let mut rows = Vec::new();
    loop {
        let answer = stage
            .get(&format!("{ALL}?offset={}&max=2", rows.len()))
            .await;
        let items = answer.json()["items"].as_array().unwrap().clone();
        rows.extend(
            items
                .iter()
                .map(|item| item["externalId"].as_str().unwrap().to_owned()),
        );
        if items.len() < 2 {
            break;
        }
    }
    assert_eq!(rows, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn filters_arrive_and_wrong_ones_are_refused() {
    let stage = seven().stage();
    let organization = public("ORGANIZATION");
    stage
        .get(&format!(
            "{ALL}?status=error&status=deleting&orgId={organization}&max=5000"
        ))
        .await;
    let asked: ListCustomersRequest = stage.asked();
    let statuses: Vec<CustomerStatus> = asked.statuses().collect();
    assert_eq!(statuses, [CustomerStatus::Error, CustomerStatus::Deleting]);
    assert_eq!(asked.organization_id, ID);
    assert_eq!(asked.page_size, 1000);
    for (query, field) in [
        ("status=pending_user_input", "status"),
        ("orgId=x", "orgId"),
        ("max=many", "max"),
        ("offset=-1", "offset"),
        ("externalId=a&externalId=b", "externalId"),
    ] {
        let answer = stage.get(&format!("{ALL}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.errors().contains_key(field), "{query}");
    }
}

#[tokio::test]
async fn r1103_a_parent_acts_with_a_token_of_the_sub_partner_that_is_kept_for_a_while() {
    let stage = seven()
        .on_default::<pb::SetSubPartnerSuspendedRequest, pb::SubPartner>(
            "/entrepot.provisioning.v1.SubPartners/SetSubPartnerSuspended",
        )
        .on(
            "/entrepot.identity.v1.Tokens/ActForSubPartner",
            |asked: &ActForSubPartnerRequest| {
                if asked.sub_partner_id != ID {
                    return Err(fault(Kind::Missing, reason::NOT_FOUND));
                }
                let expires_at = Some(prost_types::Timestamp {
                    seconds: 1_700_003_600,
                    nanos: 0,
                });
                Ok(IssuedToken {
                    access_token: "SUB".to_owned(),
                    expires_at,
                    ..IssuedToken::default()
                })
            },
        )
        .stage();
    let uri = format!("{ALL}?onBehalfOfSubPartnerOrgId={}", public("ORGANIZATION"));
    let calls = |seen: Vec<crate::stage::Seen>| -> Vec<String> {
        let call = |seen: &crate::stage::Seen| {
            format!(
                "{} {}",
                seen.path.rsplit('/').next().unwrap(),
                seen.authorization
            )
        };
        seen.iter().map(call).collect()
    };
    assert_eq!(stage.get(&uri).await.status, 200);
    assert_eq!(
        calls(stage.seen()),
        ["ActForSubPartner Bearer T", "ListCustomers Bearer SUB"]
    );
    stage.get(&uri).await;
    assert_eq!(calls(stage.seen()), ["ListCustomers Bearer SUB"]);
    stage.clock.advance(chrono::TimeDelta::seconds(61));
    stage.get(&uri).await;
    assert_eq!(calls(stage.seen()).len(), 2);
    // R-1106: a suspension takes effect at once
    stage
        .post(&format!("/platform/v1/sub-partners/{ID}/suspend"), "")
        .await;
    stage.seen();
    stage.get(&uri).await;
    assert_eq!(calls(stage.seen()).len(), 2);
    for foreign in ["6d7f1c00-0000-4000-8000-000000000000", "garbage", ""] {
        let answer = stage
            .get(&format!("{ALL}?onBehalfOfSubPartnerOrgId={foreign}"))
            .await;
        assert_eq!(answer.status, 404, "{foreign}");
        assert!(
            calls(stage.seen())
                .iter()
                .all(|call| !call.starts_with("List"))
        );
    }
}
