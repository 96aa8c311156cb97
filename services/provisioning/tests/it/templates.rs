use kit::testing;
use proto::provisioning::v1::{
    AuthenticationMode, CreateTemplateRequest, DeleteTemplateRequest, GetTemplateRequest,
    ListTemplatesRequest, TemplateSettings, UpdateTemplateRequest,
};

use super::stage::{Stage, refused, wrong};

fn settings(name: &str) -> TemplateSettings {
    TemplateSettings {
        name: name.to_owned(),
        ..TemplateSettings::default()
    }
}

#[tokio::test]
async fn r204_a_template_has_a_provisioning_id_and_defaults() {
    let stage = Stage::new().await;
    stage.peers.provider("saml", "https://idp.example/saml");
    let settings = TemplateSettings {
        country: "de".to_owned(),
        language: "de".to_owned(),
        authentication_mode: AuthenticationMode::PartnerSaml.into(),
        identity_provider: "https://idp.example/saml".to_owned(),
        ..TemplateSettings::default()
    };
    let made = stage.template(settings).await;
    assert!(made.provisioning_id.parse::<uuid::Uuid>().is_ok());
    let kept = made.settings.clone().unwrap();
    assert_eq!(
        (kept.country.as_str(), kept.region.as_str()),
        ("DE", "EURO")
    );
    assert_eq!(kept.language, "de_DE");
    let request = GetTemplateRequest {
        template_id: made.template_id.clone(),
    };
    let read = stage
        .templates()
        .get_template(stage.request(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read, made);
}

#[tokio::test]
async fn r202_all_that_is_wrong_with_a_template_is_named_at_once() {
    let stage = Stage::new().await;
    let settings = TemplateSettings {
        country: "ZZ".to_owned(),
        region: "MOON".to_owned(),
        authentication_mode: AuthenticationMode::PartnerOidc.into(),
        ..TemplateSettings::default()
    };
    let request = CreateTemplateRequest {
        settings: Some(settings),
        idempotency_key: String::new(),
    };
    let fault = refused(
        stage
            .templates()
            .create_template(stage.request(request))
            .await,
    );
    assert_eq!(
        wrong(&fault),
        [
            "name MISSING",
            "country UNKNOWN_COUNTRY",
            "identityProvider MISSING",
            "region UNKNOWN_REGION"
        ]
    );
}

#[tokio::test]
async fn the_same_key_makes_one_template() {
    let stage = Stage::new().await;
    let request = |name: &str| {
        stage.request(CreateTemplateRequest {
            settings: Some(settings(name)),
            idempotency_key: "key".to_owned(),
        })
    };
    let first = stage
        .templates()
        .create_template(request("Gold"))
        .await
        .unwrap()
        .into_inner();
    let again = stage
        .templates()
        .create_template(request("Gold"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = refused(stage.templates().create_template(request("Silver")).await);
    assert_eq!(other.reason, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn r205_changing_a_template_changes_no_customer_and_a_used_one_stays() {
    let stage = Stage::new().await;
    let template = stage
        .template(TemplateSettings {
            subscription_id: "Sub1".to_owned(),
            ..Default::default()
        })
        .await;
    let before = stage
        .create(super::stage::good(&template.provisioning_id))
        .await
        .unwrap();
    let changed = UpdateTemplateRequest {
        template_id: template.template_id.clone(),
        settings: Some(TemplateSettings {
            name: "Other".to_owned(),
            country: "DE".to_owned(),
            subscription_id: "Sub2".to_owned(),
            ..TemplateSettings::default()
        }),
    };
    let changed = stage
        .templates()
        .update_template(stage.request(changed))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(changed.provisioning_id, template.provisioning_id);
    assert_eq!(changed.settings.unwrap().name, "Other");
    let after = stage.get(&before.customer_id).await.unwrap();
    assert_eq!(after.name, before.name);

    let delete = || {
        stage.request(DeleteTemplateRequest {
            template_id: template.template_id.clone(),
        })
    };
    assert_eq!(
        refused(stage.templates().delete_template(delete()).await).reason,
        "TEMPLATE_IN_USE"
    );
}

#[tokio::test]
async fn r205_an_unused_template_can_be_deleted() {
    let stage = Stage::new().await;
    let template = stage.template(TemplateSettings::default()).await;
    let delete = || {
        stage.request(DeleteTemplateRequest {
            template_id: template.template_id.clone(),
        })
    };
    stage.templates().delete_template(delete()).await.unwrap();
    assert_eq!(
        refused(stage.templates().delete_template(delete()).await).reason,
        "NOT_FOUND"
    );
}

#[tokio::test]
async fn templates_are_paged_newest_first_without_repeats() {
    let stage = Stage::new().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(
            stage
                .template(TemplateSettings::default())
                .await
                .template_id,
        );
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListTemplatesRequest {
            page_size: 2,
            page_token: page_token.clone(),
        };
        let page = stage
            .templates()
            .list_templates(stage.request(request))
            .await
            .unwrap()
            .into_inner();
        seen.extend(
            page.templates
                .into_iter()
                .map(|template| template.template_id),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, made);
    let request = ListTemplatesRequest {
        page_size: 2,
        page_token: "nonsense".to_owned(),
    };
    let fault = refused(
        stage
            .templates()
            .list_templates(stage.request(request))
            .await,
    );
    assert_eq!(wrong(&fault), ["cursor INVALID"]);
}

#[tokio::test]
async fn r1106_a_suspended_partner_reads_templates_but_makes_none() {
    let mut stage = Stage::new().await;
    stage.caller.suspended = true;
    let list = stage.request(ListTemplatesRequest::default());
    stage.templates().list_templates(list).await.unwrap();
    let create = testing::request(
        CreateTemplateRequest {
            settings: Some(settings("x")),
            ..Default::default()
        },
        &stage.caller,
    );
    assert_eq!(
        refused(stage.templates().create_template(create).await).reason,
        "TENANT_SUSPENDED"
    );
}
