use proto::provisioning::v1::{
    CustomerStatus, ListCustomersRequest, ListCustomersResponse, TemplateSettings,
};

use super::stage::{Stage, good, wrong};

/// Customers `c-0`, `c-1` and so on, oldest first.
async fn customers(stage: &Stage, count: usize) -> Vec<String> {
    let template = stage.template(TemplateSettings::default()).await;
    let mut made = Vec::new();
    for n in 0..count {
        let mut request = good(&template.provisioning_id);
        request.external_id = format!("c-{n}");
        made.push(stage.create(request).await.unwrap().customer_id);
    }
    for id in &made {
        stage.until(id, CustomerStatus::Provisioned).await;
    }
    made
}

async fn list(stage: &Stage, request: ListCustomersRequest) -> ListCustomersResponse {
    stage
        .customers()
        .list_customers(stage.request(request))
        .await
        .unwrap()
        .into_inner()
}

fn ids(page: &ListCustomersResponse) -> Vec<String> {
    page.customers
        .iter()
        .map(|customer| customer.customer_id.clone())
        .collect()
}

#[tokio::test]
async fn r310_pages_by_offset_and_by_cursor_never_repeat() {
    let stage = Stage::new().await;
    let made = customers(&stage, 7).await;
    let mut by_cursor = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCustomersRequest {
            page_size: 3,
            page_token,
            ..Default::default()
        };
        let page = list(&stage, request).await;
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
    let request = ListCustomersRequest {
        page_size: 3,
        offset: 2,
        ..Default::default()
    };
    let page = list(&stage, request).await;
    assert_eq!(ids(&page), made[2..5]);
    // a page that was found by offset names its next one as well
    let request = ListCustomersRequest {
        page_token: page.next_page_token,
        ..Default::default()
    };
    assert_eq!(ids(&list(&stage, request).await), made[5..]);
    let request = stage.request(ListCustomersRequest {
        page_token: "nonsense".to_owned(),
        ..Default::default()
    });
    let fault = stage
        .customers()
        .list_customers(request)
        .await
        .unwrap_err()
        .into();
    assert_eq!(wrong(&fault), ["cursor INVALID"]);
}

#[tokio::test]
async fn r310_filters_are_exact() {
    let stage = Stage::new().await;
    let made = customers(&stage, 3).await;
    let by_external_id = |external_id: &str| ListCustomersRequest {
        external_id: external_id.to_owned(),
        ..Default::default()
    };
    let one = list(&stage, by_external_id("c-1")).await;
    assert_eq!(ids(&one), made[1..2]);
    assert!(ids(&list(&stage, by_external_id("c-")).await).is_empty());

    let by_organization = |organization_id: &str| ListCustomersRequest {
        organization_id: organization_id.to_owned(),
        ..Default::default()
    };
    let found = list(&stage, by_organization(&one.customers[0].organization_id)).await;
    assert_eq!(ids(&found), made[1..2]);
    assert!(ids(&list(&stage, by_organization("nonsense")).await).is_empty());

    let by_status = |statuses: &[CustomerStatus]| ListCustomersRequest {
        statuses: statuses.iter().map(|status| (*status).into()).collect(),
        ..Default::default()
    };
    let busy = by_status(&[CustomerStatus::Error, CustomerStatus::Updating]);
    assert!(ids(&list(&stage, busy).await).is_empty());
    let done = by_status(&[CustomerStatus::Error, CustomerStatus::Provisioned]);
    assert_eq!(ids(&list(&stage, done).await), made);
}
