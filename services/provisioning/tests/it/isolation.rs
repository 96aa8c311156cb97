//! Another partner, a missing scope, no token: for every call.

use kit::{
    auth::{Caller, CallerKind},
    testing,
};
use proto::{
    feed::v1::FollowRequest,
    provisioning::v1::{
        CreateCustomerRequest, CreateSubPartnerRequest, CreateTemplateRequest,
        DeleteCustomerRequest, DeleteTemplateRequest, GetCustomerRequest, GetOperationRequest,
        GetSubPartnerRequest, GetTemplateRequest, ListCustomersRequest, ListPackagesRequest,
        ListSubPartnersRequest, ListTemplatesRequest, PrecheckCustomerRequest,
        SetSubPartnerSuspendedRequest, TemplateSettings, UpdateCustomerRequest,
        UpdateTemplateRequest, events_client::EventsClient,
    },
};
use tonic::Request;

use super::stage::{Stage, packages, refused};

/// What there is to reach for.
struct Goods {
    customer: String,
    operation: String,
    template: String,
    sub_partner: String,
}

async fn goods(stage: &Stage) -> Goods {
    let template = stage.template(TemplateSettings::default()).await;
    let accepted = stage
        .create(super::stage::good(&template.provisioning_id))
        .await
        .unwrap();
    let customer = stage
        .until(
            &accepted.customer_id,
            proto::provisioning::v1::CustomerStatus::Provisioned,
        )
        .await;
    let request = CreateSubPartnerRequest {
        name: "Sub".to_owned(),
        admin_email: "sub@example.com".to_owned(),
        admin_first_name: "Sue".to_owned(),
        admin_last_name: "Sub".to_owned(),
        ..CreateSubPartnerRequest::default()
    };
    let made = stage
        .sub_partners()
        .create_sub_partner(stage.request(request))
        .await
        .unwrap();
    Goods {
        customer: customer.customer_id,
        operation: customer.operation_id,
        template: template.template_id,
        sub_partner: made.into_inner().organization_id,
    }
}

/// Calls everything that names something, and returns the reasons of the refusals.
async fn reach(stage: &Stage, goods: &Goods, caller: &Caller) -> Vec<(&'static str, String)> {
    let mut answers = reach_customers(stage, goods, caller).await;
    answers.extend(reach_the_rest(stage, goods, caller).await);
    answers
}

async fn reach_customers(
    stage: &Stage,
    goods: &Goods,
    caller: &Caller,
) -> Vec<(&'static str, String)> {
    let mut customers = stage.customers();
    let customer_id = || goods.customer.clone();
    let get = GetCustomerRequest {
        customer_id: customer_id(),
    };
    let update = UpdateCustomerRequest {
        customer_id: customer_id(),
        packages: packages(&["webex_calling"]),
        ..UpdateCustomerRequest::default()
    };
    let delete = DeleteCustomerRequest {
        customer_id: customer_id(),
    };
    let operation = GetOperationRequest {
        operation_id: goods.operation.clone(),
    };
    let get = customers.get_customer(testing::request(get, caller)).await;
    let update = customers
        .update_customer(testing::request(update, caller))
        .await;
    let delete = customers
        .delete_customer(testing::request(delete, caller))
        .await;
    let operation = stage
        .operations()
        .get_operation(testing::request(operation, caller))
        .await;
    vec![
        ("get customer", refused(get).reason),
        ("update customer", refused(update).reason),
        ("delete customer", refused(delete).reason),
        ("get operation", refused(operation).reason),
    ]
}

async fn reach_the_rest(
    stage: &Stage,
    goods: &Goods,
    caller: &Caller,
) -> Vec<(&'static str, String)> {
    let (mut templates, mut sub_partners) = (stage.templates(), stage.sub_partners());
    let template_id = || goods.template.clone();
    let organization_id = || goods.sub_partner.clone();
    let get = GetTemplateRequest {
        template_id: template_id(),
    };
    let settings = Some(TemplateSettings {
        name: "Mine".to_owned(),
        ..Default::default()
    });
    let update = UpdateTemplateRequest {
        template_id: template_id(),
        settings,
    };
    let delete = DeleteTemplateRequest {
        template_id: template_id(),
    };
    let get_sub = GetSubPartnerRequest {
        organization_id: organization_id(),
    };
    let suspend = SetSubPartnerSuspendedRequest {
        organization_id: organization_id(),
        suspended: true,
    };
    let get = templates.get_template(testing::request(get, caller)).await;
    let update = templates
        .update_template(testing::request(update, caller))
        .await;
    let delete = templates
        .delete_template(testing::request(delete, caller))
        .await;
    let get_sub = sub_partners
        .get_sub_partner(testing::request(get_sub, caller))
        .await;
    let suspend = sub_partners
        .set_sub_partner_suspended(testing::request(suspend, caller))
        .await;
    vec![
        ("get template", refused(get).reason),
        ("update template", refused(update).reason),
        ("delete template", refused(delete).reason),
        ("get sub-partner", refused(get_sub).reason),
        ("suspend", refused(suspend).reason),
    ]
}

/// Calls everything else, and returns the reasons of the refusals.
async fn call_lists(stage: &Stage, caller: &Caller) -> Vec<(&'static str, String)> {
    fn ask<T: Default>(caller: &Caller) -> Request<T> {
        testing::request(T::default(), caller)
    }
    let (mut customers, mut templates) = (stage.customers(), stage.templates());
    let mut sub_partners = stage.sub_partners();
    let create = ask::<CreateCustomerRequest>(caller);
    let list = ask::<ListCustomersRequest>(caller);
    let precheck = ask::<PrecheckCustomerRequest>(caller);
    let create_template = ask::<CreateTemplateRequest>(caller);
    let list_templates = ask::<ListTemplatesRequest>(caller);
    let create_sub = ask::<CreateSubPartnerRequest>(caller);
    let list_subs = ask::<ListSubPartnersRequest>(caller);
    let packages = ask::<ListPackagesRequest>(caller);
    vec![
        (
            "create customer",
            refused(customers.create_customer(create).await).reason,
        ),
        (
            "list customers",
            refused(customers.list_customers(list).await).reason,
        ),
        (
            "precheck customer",
            refused(customers.precheck_customer(precheck).await).reason,
        ),
        (
            "create template",
            refused(templates.create_template(create_template).await).reason,
        ),
        (
            "list templates",
            refused(templates.list_templates(list_templates).await).reason,
        ),
        (
            "create sub-partner",
            refused(sub_partners.create_sub_partner(create_sub).await).reason,
        ),
        (
            "list sub-partners",
            refused(sub_partners.list_sub_partners(list_subs).await).reason,
        ),
        (
            "list packages",
            refused(stage.catalogue().list_packages(packages).await).reason,
        ),
    ]
}

#[tokio::test]
async fn r1203_what_belongs_to_another_partner_is_not_there() {
    let stage = Stage::new().await;
    let goods = goods(&stage).await;
    let stranger = stage.stranger();
    for (call, reason) in reach(&stage, &goods, &stranger).await {
        assert_eq!(reason, "NOT_FOUND", "{call}");
    }
    // the same answer as for what never was
    let nothing = Goods {
        customer: uuid::Uuid::nil().to_string(),
        operation: "nonsense".to_owned(),
        template: uuid::Uuid::nil().to_string(),
        sub_partner: String::new(),
    };
    for (call, reason) in reach(&stage, &nothing, &stage.caller).await {
        assert_eq!(reason, "NOT_FOUND", "{call}");
    }
    let list = testing::request(ListCustomersRequest::default(), &stranger);
    assert!(
        stage
            .customers()
            .list_customers(list)
            .await
            .unwrap()
            .into_inner()
            .customers
            .is_empty()
    );
    let list = testing::request(ListTemplatesRequest::default(), &stranger);
    assert!(
        stage
            .templates()
            .list_templates(list)
            .await
            .unwrap()
            .into_inner()
            .templates
            .is_empty()
    );
    let list = testing::request(ListSubPartnersRequest::default(), &stranger);
    let subs = stage
        .sub_partners()
        .list_sub_partners(list)
        .await
        .unwrap()
        .into_inner();
    assert!(subs.sub_partners.is_empty());
    // nothing was touched
    let still = stage.get(&goods.customer).await.unwrap();
    assert_eq!(still.packages.len(), 2);
}

#[tokio::test]
async fn r1203_every_call_needs_its_scope() {
    let stage = Stage::new().await;
    let goods = goods(&stage).await;
    let bare = Caller {
        scopes: ["other".to_owned()].into(),
        ..stage.caller.clone()
    };
    let mut answers = reach(&stage, &goods, &bare).await;
    answers.extend(call_lists(&stage, &bare).await);
    assert_eq!(answers.len(), 17);
    for (call, reason) in answers {
        assert_eq!(reason, "SCOPE_MISSING", "{call}");
    }
}

#[tokio::test]
async fn r312_two_partners_may_use_the_same_external_id() {
    let mut stage = Stage::new().await;
    let mine = stage.create(stage.good().await).await.unwrap();
    stage.caller = stage.stranger();
    let theirs = stage.create(stage.good().await).await.unwrap();
    assert_ne!(mine.customer_id, theirs.customer_id);
}

#[tokio::test]
async fn the_feed_is_for_services_only() {
    let stage = Stage::new().await;
    let mut events = EventsClient::new(stage.link.clone());
    let request = stage.request(FollowRequest::default());
    assert_eq!(
        refused(events.follow(request).await).reason,
        "CALLER_NOT_ALLOWED"
    );
    let operator = testing::caller(CallerKind::Operator, stage.caller.partner, &["internal"]);
    let request = testing::request(FollowRequest::default(), &operator);
    assert_eq!(
        refused(events.follow(request).await).reason,
        "CALLER_NOT_ALLOWED"
    );
    let naked = Request::new(FollowRequest::default());
    assert_eq!(refused(events.follow(naked).await).reason, "TOKEN_INVALID");
}
