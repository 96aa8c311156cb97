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
    customer_id: String,
    operation_id: String,
    template_id: String,
    sub_partner_id: String,
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
        customer_id: customer.customer_id,
        operation_id: customer.operation_id,
        template_id: template.template_id,
        sub_partner_id: made.into_inner().organization_id,
    }
}

/// Calls everything that names something, and returns the reasons of the refusals.
async fn reach(stage: &Stage, goods: &Goods, caller: &Caller) -> Vec<(&'static str, String)> {
    fn ask<T>(message: T, caller: &Caller) -> Request<T> {
        testing::request(message, caller)
    }
    let (mut customers, mut templates) = (stage.customers(), stage.templates());
    let mut sub_partners = stage.sub_partners();
    let customer_id = || goods.customer_id.clone();
    let template_id = || goods.template_id.clone();
    let organization_id = || goods.sub_partner_id.clone();
    let update = UpdateCustomerRequest {
        customer_id: customer_id(),
        packages: packages(&["webex_calling"]),
        ..UpdateCustomerRequest::default()
    };
    let settings = Some(TemplateSettings {
        name: "Mine".to_owned(),
        ..Default::default()
    });
    let change = UpdateTemplateRequest {
        template_id: template_id(),
        settings,
    };
    let suspend = SetSubPartnerSuspendedRequest {
        organization_id: organization_id(),
        suspended: true,
    };
    let operation = GetOperationRequest {
        operation_id: goods.operation_id.clone(),
    };
    let get_customer = GetCustomerRequest {
        customer_id: customer_id(),
    };
    let delete_customer = DeleteCustomerRequest {
        customer_id: customer_id(),
    };
    let get_template = GetTemplateRequest {
        template_id: template_id(),
    };
    let delete_template = DeleteTemplateRequest {
        template_id: template_id(),
    };
    let get_sub = GetSubPartnerRequest {
        organization_id: organization_id(),
    };
    vec![
        (
            "get customer",
            refused(customers.get_customer(ask(get_customer, caller)).await).reason,
        ),
        (
            "update customer",
            refused(customers.update_customer(ask(update, caller)).await).reason,
        ),
        (
            "delete customer",
            refused(
                customers
                    .delete_customer(ask(delete_customer, caller))
                    .await,
            )
            .reason,
        ),
        (
            "get operation",
            refused(
                stage
                    .operations()
                    .get_operation(ask(operation, caller))
                    .await,
            )
            .reason,
        ),
        (
            "get template",
            refused(templates.get_template(ask(get_template, caller)).await).reason,
        ),
        (
            "update template",
            refused(templates.update_template(ask(change, caller)).await).reason,
        ),
        (
            "delete template",
            refused(
                templates
                    .delete_template(ask(delete_template, caller))
                    .await,
            )
            .reason,
        ),
        (
            "get sub-partner",
            refused(sub_partners.get_sub_partner(ask(get_sub, caller)).await).reason,
        ),
        (
            "suspend",
            refused(
                sub_partners
                    .set_sub_partner_suspended(ask(suspend, caller))
                    .await,
            )
            .reason,
        ),
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
        customer_id: uuid::Uuid::nil().to_string(),
        operation_id: "nonsense".to_owned(),
        template_id: uuid::Uuid::nil().to_string(),
        sub_partner_id: String::new(),
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
    let still = stage.get(&goods.customer_id).await.unwrap();
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
