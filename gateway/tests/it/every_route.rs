//! What holds for every route, from the table that the router is made from.

use gateway::{ROUTES, Route};
use http::{Request, StatusCode};
use kit::fault::{Kind, reason};
use proto::{
    billing::v1 as billing, compliance::v1 as compliance, identity::v1 as identity,
    provisioning::v1 as provisioning, subscriber::v1 as subscriber,
};

use crate::stage::{Contexts, ID, Stage, fault};

macro_rules! every {
    ($contexts:expr; $($path:literal: $request:ty => $answer:ty;)*) => {
        $contexts $(.on_default::<$request, $answer>($path))*
    };
}

/// Contexts that answer everything with nothing.
pub(crate) fn contexts() -> Contexts {
    // one role, since nobody is found by an id in a list of none
    let roles = |_: &identity::ListRolesRequest| {
        let role = identity::Role {
            role_id: ID.to_owned(),
            ..identity::Role::default()
        };
        Ok(identity::ListRolesResponse { roles: vec![role] })
    };
    every! {
        Contexts::default().on("/entrepot.identity.v1.Roles/ListRoles", roles);
        "/entrepot.identity.v1.Organizations/CreatePartner": identity::CreatePartnerRequest => identity::Organization;
        "/entrepot.identity.v1.Sessions/CreateOneTimePassword": identity::CreateOneTimePasswordRequest => identity::OneTimePassword;
        "/entrepot.identity.v1.Tokens/CreateClient": identity::CreateClientRequest => identity::CreatedClient;
        "/entrepot.identity.v1.Tokens/IssueToken": identity::IssueTokenRequest => identity::IssuedToken;
        "/entrepot.identity.v1.Tokens/ListKeys": identity::ListKeysRequest => identity::ListKeysResponse;
        "/entrepot.identity.v1.Tokens/ActForSubPartner": identity::ActForSubPartnerRequest => identity::IssuedToken;
        "/entrepot.identity.v1.Directory/ListOrganizations": identity::ListOrganizationsRequest => identity::ListOrganizationsResponse;
        "/entrepot.identity.v1.Directory/ReadOrganization": identity::ReadOrganizationRequest => identity::OrganizationDetail;
        "/entrepot.identity.v1.Settings/ReadSettings": identity::ReadSettingsRequest => identity::OrganizationSettings;
        "/entrepot.identity.v1.Settings/ChangeSettings": identity::ChangeSettingsRequest => identity::OrganizationSettings;
        "/entrepot.identity.v1.Settings/ReadEffectivePermissions": identity::ReadEffectivePermissionsRequest => identity::EffectivePermissions;
        "/entrepot.identity.v1.Directory/ResolveNames": identity::ResolveNamesRequest => identity::ResolveNamesResponse;
        "/entrepot.identity.v1.SigningKeys/RetireSigningKey": identity::RetireSigningKeyRequest => identity::RetireSigningKeyResponse;
        "/entrepot.identity.v1.Directory/ChangeOrganization": identity::ChangeOrganizationRequest => identity::OrganizationDetail;
        "/entrepot.identity.v1.IdentityProviders/ListIdentityProviders": identity::ListIdentityProvidersRequest => identity::ListIdentityProvidersResponse;
        "/entrepot.identity.v1.IdentityProviders/ReadIdentityProvider": identity::ReadIdentityProviderRequest => identity::IdentityProvider;
        "/entrepot.identity.v1.IdentityProviders/CreateIdentityProvider": identity::CreateIdentityProviderRequest => identity::IdentityProvider;
        "/entrepot.identity.v1.IdentityProviders/ChangeIdentityProvider": identity::ChangeIdentityProviderRequest => identity::IdentityProvider;
        "/entrepot.identity.v1.IdentityProviders/DeleteIdentityProvider": identity::DeleteIdentityProviderRequest => identity::DeleteIdentityProviderResponse;
        "/entrepot.identity.v1.IdentityProviders/TestIdentityProvider": identity::TestIdentityProviderRequest => identity::ProviderTest;
        "/entrepot.identity.v1.IdentityProviders/ActivateIdentityProvider": identity::ActivateIdentityProviderRequest => identity::IdentityProvider;
        "/entrepot.identity.v1.IdentityProviders/DisableIdentityProvider": identity::DisableIdentityProviderRequest => identity::IdentityProvider;
        "/entrepot.identity.v1.Members/ListMembers": identity::ListMembersRequest => identity::ListMembersResponse;
        "/entrepot.identity.v1.Members/ReadMember": identity::ReadMemberRequest => identity::Member;
        "/entrepot.identity.v1.Members/CreateMember": identity::CreateMemberRequest => identity::Member;
        "/entrepot.identity.v1.Scim/CreateResource": identity::CreateResourceRequest => identity::ScimResource;
        "/entrepot.identity.v1.Scim/ReadResource": identity::ReadResourceRequest => identity::ScimResource;
        "/entrepot.identity.v1.Scim/QueryResources": identity::QueryResourcesRequest => identity::QueryResourcesResponse;
        "/entrepot.identity.v1.Scim/ReplaceResource": identity::ReplaceResourceRequest => identity::ScimResource;
        "/entrepot.identity.v1.Scim/PatchResource": identity::PatchResourceRequest => identity::ScimResource;
        "/entrepot.identity.v1.Scim/DeleteResource": identity::DeleteResourceRequest => identity::DeleteResourceResponse;
        "/entrepot.identity.v1.Scim/ProcessBulk": identity::ProcessBulkRequest => identity::ProcessBulkResponse;
        "/entrepot.identity.v1.Scim/DescribeScim": identity::DescribeScimRequest => identity::DescribeScimResponse;
        "/entrepot.identity.v1.Members/ReplaceMember": identity::ReplaceMemberRequest => identity::Member;
        "/entrepot.provisioning.v1.Catalogue/ListPackages": provisioning::ListPackagesRequest => provisioning::ListPackagesResponse;
        "/entrepot.provisioning.v1.Customers/CreateCustomer": provisioning::CreateCustomerRequest => provisioning::Customer;
        "/entrepot.provisioning.v1.Customers/GetCustomer": provisioning::GetCustomerRequest => provisioning::Customer;
        "/entrepot.provisioning.v1.Customers/ListCustomers": provisioning::ListCustomersRequest => provisioning::ListCustomersResponse;
        "/entrepot.provisioning.v1.Customers/UpdateCustomer": provisioning::UpdateCustomerRequest => provisioning::Customer;
        "/entrepot.provisioning.v1.Customers/DeleteCustomer": provisioning::DeleteCustomerRequest => provisioning::DeleteCustomerResponse;
        "/entrepot.provisioning.v1.Customers/PrecheckCustomer": provisioning::PrecheckCustomerRequest => provisioning::PrecheckCustomerResponse;
        "/entrepot.provisioning.v1.Operations/GetOperation": provisioning::GetOperationRequest => provisioning::Operation;
        "/entrepot.provisioning.v1.SubPartners/CreateSubPartner": provisioning::CreateSubPartnerRequest => provisioning::SubPartner;
        "/entrepot.provisioning.v1.SubPartners/GetSubPartner": provisioning::GetSubPartnerRequest => provisioning::SubPartner;
        "/entrepot.provisioning.v1.SubPartners/ListSubPartners": provisioning::ListSubPartnersRequest => provisioning::ListSubPartnersResponse;
        "/entrepot.provisioning.v1.SubPartners/SetSubPartnerSuspended": provisioning::SetSubPartnerSuspendedRequest => provisioning::SubPartner;
        "/entrepot.provisioning.v1.Templates/CreateTemplate": provisioning::CreateTemplateRequest => provisioning::Template;
        "/entrepot.provisioning.v1.Templates/GetTemplate": provisioning::GetTemplateRequest => provisioning::Template;
        "/entrepot.provisioning.v1.Templates/ListTemplates": provisioning::ListTemplatesRequest => provisioning::ListTemplatesResponse;
        "/entrepot.provisioning.v1.Templates/UpdateTemplate": provisioning::UpdateTemplateRequest => provisioning::Template;
        "/entrepot.provisioning.v1.Templates/DeleteTemplate": provisioning::DeleteTemplateRequest => provisioning::DeleteTemplateResponse;
        "/entrepot.subscriber.v1.Subscribers/CreateSubscriber": subscriber::CreateSubscriberRequest => subscriber::Subscriber;
        "/entrepot.subscriber.v1.Subscribers/GetSubscriber": subscriber::GetSubscriberRequest => subscriber::Subscriber;
        "/entrepot.subscriber.v1.Subscribers/ListSubscribers": subscriber::ListSubscribersRequest => subscriber::ListSubscribersResponse;
        "/entrepot.subscriber.v1.Subscribers/UpdateSubscriber": subscriber::UpdateSubscriberRequest => subscriber::Subscriber;
        "/entrepot.subscriber.v1.Subscribers/DeleteSubscriber": subscriber::DeleteSubscriberRequest => subscriber::DeleteSubscriberResponse;
        "/entrepot.subscriber.v1.Subscribers/PrecheckSubscriber": subscriber::PrecheckSubscriberRequest => subscriber::PrecheckSubscriberResponse;
        "/entrepot.subscriber.v1.Subscribers/ResendConsent": subscriber::ResendConsentRequest => subscriber::ResendConsentResponse;
        "/entrepot.billing.v1.Reports/CreateReport": billing::CreateReportRequest => billing::Report;
        "/entrepot.billing.v1.Reports/GetReport": billing::GetReportRequest => billing::Report;
        "/entrepot.billing.v1.Reports/ListReports": billing::ListReportsRequest => billing::ListReportsResponse;
        "/entrepot.billing.v1.Reports/DeleteReport": billing::DeleteReportRequest => billing::DeleteReportResponse;
        "/entrepot.billing.v1.Subscriptions/CreateSubscription": billing::CreateSubscriptionRequest => billing::Subscription;
        "/entrepot.billing.v1.Subscriptions/ListSubscriptions": billing::ListSubscriptionsRequest => billing::ListSubscriptionsResponse;
        "/entrepot.compliance.v1.Cases/ListCases": compliance::ListCasesRequest => compliance::ListCasesResponse;
        "/entrepot.compliance.v1.Cases/GetCase": compliance::GetCaseRequest => compliance::Case;
        "/entrepot.compliance.v1.Cases/DecideCase": compliance::DecideCaseRequest => compliance::Case;
        "/entrepot.compliance.v1.Lists/ImportList": compliance::ImportListRequest => compliance::ListVersion;
        "/entrepot.compliance.v1.Lists/ListLists": compliance::ListListsRequest => compliance::ListListsResponse;
        "/entrepot.compliance.v1.Audit/ListAuditEvents": compliance::ListAuditEventsRequest => compliance::ListAuditEventsResponse;
        "/entrepot.compliance.v1.Audit/ListAuditCategories": compliance::ListAuditCategoriesRequest => compliance::ListAuditCategoriesResponse;
        "/entrepot.compliance.v1.Audit/VerifyAuditChain": compliance::VerifyAuditChainRequest => compliance::VerifyAuditChainResponse;
        "/entrepot.compliance.v1.Screening/CheckParty": compliance::CheckPartyRequest => compliance::ScreeningResult;
    }
}

fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().copied().flatten()
}

fn guarded() -> impl Iterator<Item = &'static Route> {
    routes().filter(|route| route.scope.is_some())
}

/// A path of the route with this text for every parameter.
fn path(route: &Route, id: &str) -> String {
    let part = |part: &str| {
        if part == "{settingKey}" {
            "restricted_by_partner".to_owned()
        } else if part.starts_with('{') {
            id.to_owned()
        } else {
            part.to_owned()
        }
    };
    let path = route
        .path
        .split('/')
        .map(part)
        .collect::<Vec<_>>()
        .join("/");
    path + &asked(route)
}

/// Query parameters that a route cannot do without.
fn asked(route: &Route) -> String {
    const DAY: &str = "2026-11-01T00:00:00Z";
    match route.operation {
        "listAdminAuditEvents" => format!("?orgId={ID}&from={DAY}&to={DAY}"),
        "listSecurityAuditEvents" => format!("?orgId={ID}&startTime={DAY}&endTime={DAY}"),
        _ => String::new(),
    }
}

/// A request that every route takes.
async fn send(stage: &Stage, route: &Route, id: &str) -> crate::stage::Answer {
    let body = match route.method {
        "GET" | "DELETE" => String::new(),
        _ => format!(
            r#"{{"orgId": "{ID}", "decision": "approve", "reason": "clear",
               "key": "restricted_by_partner", "value": true}}"#
        ),
    };
    stage.call(route.method, &path(route, id), &body).await
}

#[tokio::test]
async fn every_route_answers_and_hands_the_token_on_in_one_call() {
    let stage = contexts().stage();
    for route in guarded() {
        let answer = send(&stage, route, ID).await;
        assert!(
            answer.status.is_success(),
            "{}: {answer:?}",
            route.operation
        );
        assert!(!answer.header("trackingid").is_empty());
        assert_eq!(answer.header("cache-control"), "no-store");
        let seen = stage.seen();
        // a partner comes with a client, whose secret no third call could show
        // and all resources of SCIM are people and groups
        let calls = match route.operation {
            "createPartner" | "searchScim" => 2,
            _ => 1,
        };
        assert_eq!(seen.len(), calls, "{}", route.operation);
        assert!(
            seen.iter()
                .all(|seen| seen.authorization == "Bearer T" && seen.edge),
            "{}",
            route.operation
        );
    }
}

#[tokio::test]
async fn every_route_needs_a_token() {
    let stage = contexts().stage();
    for route in guarded() {
        for token in [None, Some("Basic x"), Some("Bearer "), Some("Bearer a b")] {
            let request = Request::builder().method(route.method).uri(path(route, ID));
            let request = request.header("accept", "application/json");
            let request = match token {
                Some(token) => request.header("authorization", token),
                None => request,
            };
            let answer = stage
                .send(request.body(axum::body::Body::empty()).unwrap())
                .await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{}",
                route.operation
            );
            assert_eq!(answer.errors()[""], 900_002);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert!(stage.seen().is_empty());
        }
    }
}

#[tokio::test]
async fn r1203_what_is_foreign_unknown_of_another_kind_or_garbage_looks_the_same() {
    let stage = contexts().stage();
    stage.refuse(fault(Kind::Missing, reason::NOT_FOUND));
    let foreign_kind = crate::stage::public("WEBHOOK");
    for route in guarded().filter(|route| route.path.contains('{')) {
        let mut bodies = Vec::new();
        for id in [
            ID,
            &foreign_kind,
            "garbage",
            "%00",
            "%ff",
            "%F0%9F%98%80",
            "..%2f",
        ] {
            let answer = send(&stage, route, id).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{} {id}",
                route.operation
            );
            answer.errors();
            let mut body = answer.json();
            body["trackingId"] = "".into();
            bodies.push(body);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{}: {bodies:?}", route.operation);
    }
}

#[tokio::test]
async fn every_route_tells_what_the_context_refused() {
    let cases = [
        (Kind::Unauthenticated, reason::TOKEN_INVALID, 401, 900_002),
        (Kind::Forbidden, reason::SCOPE_MISSING, 403, 900_013),
        (Kind::Forbidden, reason::TENANT_SUSPENDED, 403, 900_014),
        (Kind::Conflict, "SOMETHING_NEW", 409, 900_005),
        (Kind::Precondition, "SOMETHING_NEW", 409, 900_005),
        (Kind::Exhausted, reason::EXHAUSTED, 429, 900_007),
        (Kind::Unavailable, reason::UNAVAILABLE, 503, 900_008),
        (Kind::Internal, reason::INTERNAL, 500, 900_000),
    ];
    let stage = contexts().stage();
    for (kind, reason, status, code) in cases {
        stage.refuse(fault(kind, reason));
        for route in guarded() {
            let answer = send(&stage, route, ID).await;
            assert_eq!(answer.status, status, "{} {reason}", route.operation);
            assert_eq!(answer.errors()[""], code);
            let wait = matches!(status, 429 | 503);
            assert_eq!(answer.headers.contains_key("retry-after"), wait);
            assert_eq!(
                answer.headers.contains_key("www-authenticate"),
                status == 401
            );
        }
    }
}

#[tokio::test]
async fn every_route_refuses_other_methods_and_names_its_own() {
    let stage = contexts().stage();
    for route in routes() {
        for method in ["TRACE", "OPTIONS", "PATCH", "CONNECT", "QUERY"] {
            let served = |other: &Route| (other.method, other.path) == (method, route.path);
            if routes().any(served) {
                continue;
            }
            let answer = stage.call(method, &path(route, ID), "").await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {}",
                route.path
            );
            assert_eq!(answer.errors()[""], 900_010);
            let allowed = answer.header("allow").split(',').map(str::trim);
            assert!(
                allowed.clone().any(|allowed| allowed == route.method),
                "{}",
                route.path
            );
        }
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let stage = contexts().stage();
    let answer = stage
        .send(
            Request::get("/openapi.json")
                .body(axum::body::Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    for route in routes() {
        if route.page {
            assert!(document["paths"][route.path].is_null(), "{}", route.path);
            continue;
        }
        let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
        assert_eq!(operation["operationId"], route.operation);
        assert_eq!(operation["security"][0]["client"][0].as_str(), route.scope);
    }
    let about = document["info"]["description"].as_str().unwrap();
    assert!(about.contains("`10022` EMAIL_IN_USE"));
}

/// Reasons stand in the contexts as constants with their own text as their name, and as literals in
/// `error.rs`.
#[test]
fn every_reason_of_the_contexts_has_a_public_code() {
    // these cross as INTERNAL only, or are no reasons
    const INSIDE: [&str; 6] = [
        "DATABASE",
        "IMPOSSIBLE_ROW",
        "SIGNING_FAILED",
        "FILE",
        "BACKGROUND",
        "HASHING_FAILED",
    ];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = std::fs::read_to_string(root.join("gateway/src/failure/table.rs")).unwrap();
    let shared = std::fs::read_to_string(root.join("services/kit/src/fault/reason.rs")).unwrap();
    let known = |reason: &str| {
        table.contains(&format!("\"{reason}\"")) || table.contains(&format!("reason::{reason}"))
    };
    let mut missing: Vec<String> = constants(&shared).filter(|reason| !known(reason)).collect();
    for context in [
        "identity",
        "provisioning",
        "subscriber",
        "billing",
        "compliance",
    ] {
        for (name, text) in sources(&root.join("services").join(context).join("src")) {
            let literals = if name == "error.rs" {
                literals(&text)
            } else {
                Vec::new()
            };
            let reasons = constants(&text).chain(literals);
            missing.extend(
                reasons.filter(|reason| !known(reason) && !INSIDE.contains(&reason.as_str())),
            );
        }
    }
    assert!(
        missing.is_empty(),
        "give these a code in failure/table.rs: {missing:?}"
    );
}

fn sources(folder: &std::path::Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(sources(&entry.path()));
        } else {
            let name = entry.file_name().into_string().unwrap();
            found.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

/// `const X: &str = "X"`.
fn constants(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("const ")?;
        let (name, rest) = rest.split_once(": &str = \"")?;
        (rest.split('"').next()? == name).then(|| name.to_owned())
    })
}

fn literals(text: &str) -> Vec<String> {
    let upper =
        |text: &&str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    text.split('"')
        .skip(1)
        .step_by(2)
        .filter(upper)
        .map(str::to_owned)
        .collect()
}
