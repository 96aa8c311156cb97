use kit::{
    auth::Caller,
    fault::{Fault, Kind},
    id::PartnerId,
    testing,
};
use proto::provisioning::v1::{
    CreateSubPartnerRequest, CreateTemplateRequest, ListSubPartnersRequest, ProvisioningState,
    SetSubPartnerSuspendedRequest, SubPartner, TemplateSettings,
};

use super::{
    peers::Strike,
    stage::{Stage, refused, wrong},
};

fn sub(name: &str, key: &str) -> CreateSubPartnerRequest {
    CreateSubPartnerRequest {
        name: name.to_owned(),
        admin_email: format!("{}@example.com", name.to_lowercase()),
        admin_first_name: "Sue".to_owned(),
        admin_last_name: "Sub".to_owned(),
        subscription_id: "Sub77".to_owned(),
        billing_start_date: String::new(),
        idempotency_key: key.to_owned(),
    }
}

async fn create(stage: &Stage, request: CreateSubPartnerRequest) -> Result<SubPartner, Fault> {
    Ok(stage
        .sub_partners()
        .create_sub_partner(stage.request(request))
        .await?
        .into_inner())
}

async fn list(stage: &Stage, wanted: ProvisioningState) -> Vec<SubPartner> {
    let request = ListSubPartnersRequest {
        state: wanted.into(),
        ..Default::default()
    };
    let answer = stage
        .sub_partners()
        .list_sub_partners(stage.request(request))
        .await;
    answer.unwrap().into_inner().sub_partners
}

#[tokio::test]
async fn r1102_a_sub_partner_is_set_up_with_organization_and_administrator() {
    let stage = Stage::new().await;
    let made = create(&stage, sub("North", "")).await.unwrap();
    assert_eq!(made.state(), ProvisioningState::Active);
    assert_eq!(
        made.billing_start_date,
        stage.context.clock.now().date_naive().to_string()
    );
    {
        let told = stage.peers.state();
        let organization = &told.partners[&made.organization_id];
        assert_eq!(
            organization.parent_partner_id,
            stage.caller.partner.to_string()
        );
        assert_eq!(organization.display_name, "North");
        assert_eq!(told.people[0].email, "north@example.com");
        assert_eq!(told.people[0].organization_id, made.organization_id);
    }
    assert_eq!(list(&stage, ProvisioningState::Unspecified).await, [made]);
}

#[tokio::test]
async fn r1102_all_that_is_wrong_is_named_at_once() {
    let stage = Stage::new().await;
    let request = CreateSubPartnerRequest {
        billing_start_date: "tomorrow".to_owned(),
        ..CreateSubPartnerRequest::default()
    };
    assert_eq!(
        wrong(&create(&stage, request).await.unwrap_err()),
        [
            "name MISSING",
            "adminEmail MISSING",
            "adminFirstName MISSING",
            "adminLastName MISSING",
            "billingStartDate INVALID_DATE"
        ]
    );
}

#[tokio::test]
async fn r1102_a_set_up_that_broke_off_goes_on_with_the_same_key() {
    for method in ["create_partner", "enrol_person"] {
        let stage = Stage::new().await;
        let away = Fault::new(Kind::Unavailable, "UNAVAILABLE", "away");
        stage.peers.fail(method, Strike::After, away);
        let fault = create(&stage, sub("North", "key")).await.unwrap_err();
        assert_eq!(fault.kind, Kind::Unavailable);
        assert!(
            list(&stage, ProvisioningState::Unspecified)
                .await
                .is_empty()
        );
        let made = create(&stage, sub("North", "key")).await.unwrap();
        let again = create(&stage, sub("North", "key")).await.unwrap();
        assert_eq!(made, again);
        assert_eq!(stage.peers.state().partners.len(), 1, "{method}");
        assert_eq!(stage.peers.state().people.len(), 1, "{method}");
        assert_eq!(list(&stage, ProvisioningState::Unspecified).await.len(), 1);
        let other = create(&stage, sub("South", "key")).await.unwrap_err();
        assert_eq!(other.reason, "IDEMPOTENCY_KEY_REUSED");
    }
}

#[tokio::test]
async fn r407_an_administrator_of_somebody_else_is_a_conflict() {
    let stage = Stage::new().await;
    stage
        .peers
        .state()
        .emails
        .insert("north@example.com".to_owned());
    assert_eq!(
        create(&stage, sub("North", "")).await.unwrap_err().reason,
        "EMAIL_IN_USE"
    );
    assert!(stage.peers.state().partners.is_empty());
}

#[tokio::test]
async fn r1101_there_is_one_level_and_r206_the_subscription_is_shared() {
    let mut stage = Stage::new().await;
    let made = create(&stage, sub("North", "")).await.unwrap();
    let parent = stage.caller.clone();
    let partner: PartnerId = made.organization_id.parse().unwrap();
    stage.caller = Caller { partner, ..parent };
    let fault = create(&stage, sub("Deeper", "")).await.unwrap_err();
    assert_eq!(fault.reason, "NESTED_SUB_PARTNER");
    assert!(
        list(&stage, ProvisioningState::Unspecified)
            .await
            .is_empty()
    );
    let template = stage.template(TemplateSettings::default()).await;
    assert_eq!(template.settings.unwrap().subscription_id, "Sub77");
    let named = TemplateSettings {
        subscription_id: "Own".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        stage
            .template(named)
            .await
            .settings
            .unwrap()
            .subscription_id,
        "Own"
    );
}

#[tokio::test]
async fn r1106_suspending_and_resuming_show_in_the_list() {
    let stage = Stage::new().await;
    let north = create(&stage, sub("North", "")).await.unwrap();
    create(&stage, sub("South", "")).await.unwrap();
    let set = |suspended| {
        let organization_id = north.organization_id.clone();
        stage.request(SetSubPartnerSuspendedRequest {
            organization_id,
            suspended,
        })
    };
    let now = stage
        .sub_partners()
        .set_sub_partner_suspended(set(true))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(now.state(), ProvisioningState::Suspended);
    assert!(
        stage
            .peers
            .state()
            .suspended
            .contains(&north.organization_id)
    );
    let suspended = list(&stage, ProvisioningState::Suspended).await;
    assert_eq!(suspended.len(), 1);
    assert_eq!(suspended[0].organization_id, north.organization_id);
    assert_eq!(list(&stage, ProvisioningState::Active).await.len(), 1);
    stage
        .sub_partners()
        .set_sub_partner_suspended(set(false))
        .await
        .unwrap();
    assert!(stage.peers.state().suspended.is_empty());
    assert_eq!(list(&stage, ProvisioningState::Active).await.len(), 2);
}

#[tokio::test]
async fn r1103_lists_page_by_offset_and_by_cursor() {
    let stage = Stage::new().await;
    let mut made = Vec::new();
    for name in ["A", "B", "C"] {
        made.push(create(&stage, sub(name, "")).await.unwrap().organization_id);
    }
    let page = |page_token: String, offset: i32| {
        let request = ListSubPartnersRequest {
            page_size: 2,
            page_token,
            offset,
            ..Default::default()
        };
        let request = stage.request(request);
        let mut client = stage.sub_partners();
        async move {
            let page = client
                .list_sub_partners(request)
                .await
                .unwrap()
                .into_inner();
            let ids: Vec<String> = page
                .sub_partners
                .into_iter()
                .map(|it| it.organization_id)
                .collect();
            (ids, page.next_page_token)
        }
    };
    let (first, next) = page(String::new(), 0).await;
    assert_eq!(first, made[..2]);
    let (second, end) = page(next, 0).await;
    assert_eq!((second.as_slice(), end.as_str()), (&made[2..], ""));
    assert_eq!(page(String::new(), 1).await.0, made[1..]);
}

#[tokio::test]
async fn r1106_a_suspended_sub_partner_makes_nothing() {
    let mut stage = Stage::new().await;
    stage.caller.suspended = true;
    assert_eq!(
        create(&stage, sub("North", "")).await.unwrap_err().reason,
        "TENANT_SUSPENDED"
    );
    let settings = Some(TemplateSettings {
        name: "x".to_owned(),
        ..Default::default()
    });
    let request = testing::request(
        CreateTemplateRequest {
            settings,
            ..Default::default()
        },
        &stage.caller,
    );
    assert_eq!(
        refused(stage.templates().create_template(request).await).reason,
        "TENANT_SUSPENDED"
    );
}
