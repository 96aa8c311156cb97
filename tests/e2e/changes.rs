//! Changes of a customer, its end, and requests that come twice.

use serde_json::json;

use crate::stage::{Partner, Stage, codes, everything_counted, on_both_stages, subscriber};

on_both_stages!(
    r309_packages_are_always_the_complete_list,
    r403_the_administrator_stays_on_the_level_of_the_beginning,
    r310_delete_removes_the_service_and_frees_the_name,
    r312_a_repeat_is_safe_and_other_content_is_a_conflict,
);

async fn r309_packages_are_always_the_complete_list(stage: &Stage) {
    let partner = stage.partner().await;
    let all = ["webex_calling", "webex_suite", "webex_meetings"];
    let id = partner.provisioned("change-1", &all).await;
    let path = Partner::customer_path(&id);
    let holder = subscriber(&id, "one@change-1.example", "webex_calling", 1);
    let holder = partner.subscribed(&holder).await;
    let body = subscriber(&id, "two@change-1.example", "webex_calling", 2);
    partner.subscribed(&body).await;

    // two hold what would be lost
    let body = json!({ "externalId": "change-1", "packages": ["webex_suite"] });
    let refused = partner.put(&path, &body).await;
    assert!(
        [400, 409].contains(&refused.status.as_u16()),
        "{}",
        refused.text
    );
    assert!(refused.text.contains('2'), "how many: {}", refused.text);
    let same = partner.get(&path).await;
    assert_eq!(same.text_at("/status"), "provisioned");
    assert_eq!(same.body["packages"].as_array().unwrap().len(), 3);

    // nobody holds these two; a new one comes
    let body = json!({ "externalId": "change-1b", "packages": ["webex_calling", "webex_voice"] });
    partner.put(&path, &body).await.expect_status(202).unwrap();
    let done = partner.until(&path, "provisioned").await;
    assert_eq!(done.text_at("/externalId"), "change-1b");
    let mut packages: Vec<_> = done.body["packages"].as_array().unwrap().clone();
    packages.sort_by_key(ToString::to_string);
    assert_eq!(packages, ["webex_calling", "webex_voice"]);
    // entitled at once, and no more
    let holder = Partner::subscriber_path(&holder);
    let gone = partner
        .put(&holder, &json!({ "package": "webex_suite" }))
        .await;
    assert!(gone.status.is_client_error(), "{}", gone.text);
    let new = subscriber(&id, "three@change-1.example", "webex_voice", 3);
    partner.subscribed(&new).await;
    stage.settled().await;
}

async fn r403_the_administrator_stays_on_the_level_of_the_beginning(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("level-1", &["webex_calling"]).await;
    let body = json!({ "packages": ["webex_calling", "webex_meetings"] });
    let path = Partner::customer_path(&id);
    partner.put(&path, &body).await.expect_status(202).unwrap();
    partner.until(&path, "provisioned").await;
    let mut subscribers = Vec::new();
    for number in 0..2 {
        let email = format!("user{number}@level-1.example");
        let body = subscriber(&id, &email, "webex_calling", number);
        subscribers.push(partner.subscribed(&body).await);
    }
    let down = json!({ "package": "webex_meetings" });
    let first = Partner::subscriber_path(&subscribers[0]);
    let refused = partner.put(&first, &down).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    assert_eq!(
        partner.get(&first).await.text_at("/package"),
        "webex_calling"
    );
    let second = Partner::subscriber_path(&subscribers[1]);
    let changed = partner.put(&second, &down).await;
    changed.expect_status(200).unwrap();
    stage.settled().await;
}

async fn r310_delete_removes_the_service_and_frees_the_name(stage: &Stage) {
    let partner = stage.partner().await;
    let id = partner.provisioned("leaving-1", &["webex_calling"]).await;
    let body = subscriber(&id, "one@leaving-1.example", "webex_calling", 1);
    let subscriber_id = partner.subscribed(&body).await;
    let path = Partner::customer_path(&id);
    let deleted = partner.delete(&path).await.expect_status(202).unwrap();
    assert_eq!(deleted.text, "");
    partner.until_gone(&path).await;
    let orphan = Partner::subscriber_path(&subscriber_id);
    partner.get(&orphan).await.expect_status(404).unwrap();
    assert_eq!(partner.count("/v1/wholesale/customers").await, 0);
    stage.settled().await;
    let open: i64 = sqlx::query_scalar("select count(*) from billing.usage_open")
        .fetch_one(&mut stage.sql().await)
        .await
        .unwrap();
    assert_eq!(open, 0, "billing goes on");

    // the external id is free again; the organization stays with its people
    let mut body = partner.customer("leaving-1", &["webex_calling"]);
    body["customerInfo"]["primaryEmail"] = json!("second@leaving-1.example");
    let url = partner.accepted(&body).await;
    let again = partner.until(&url, "provisioned").await;
    assert_ne!(again.text_at("/id"), id);
    stage.settled().await;
}

async fn r312_a_repeat_is_safe_and_other_content_is_a_conflict(stage: &Stage) {
    let partner = stage.partner().await;
    let body = partner.customer("twice-1", &["webex_calling"]);
    // at once, by an impatient client
    let sent: Vec<_> = (0..4).map(|_| partner.create(&body)).collect();
    let answers = futures::future::join_all(sent).await;
    let url = answers[0].header("location").to_owned();
    for answer in answers {
        let answer = answer.expect_status(202).unwrap();
        assert_eq!(answer.header("location"), url);
    }
    let done = partner.until(&url, "provisioned").await;
    // and again when it is done
    let again = partner.create(&body).await.expect_status(202).unwrap();
    assert_eq!(again.header("location"), url);
    assert_eq!(partner.count("/v1/wholesale/customers").await, 1);

    stage.settled().await;
    let before = everything_counted(&mut stage.sql().await).await;
    let mut other = body.clone();
    other["packages"] = json!(["webex_suite"]);
    let conflict = partner.create(&other).await.expect_status(409).unwrap();
    assert!(!codes(&conflict).is_empty(), "{}", conflict.text);
    let id = done.text_at("/id");
    let named = [id.to_owned(), crate::stage::uuid_of(id).to_string()];
    let text = &conflict.text;
    assert!(named.iter().any(|id| text.contains(id)), "names it: {text}");
    assert_eq!(everything_counted(&mut stage.sql().await).await, before);

    // a subscriber twice
    let body = subscriber(id, "one@twice-1.example", "webex_calling", 1);
    let first = partner.subscribed(&body).await;
    let second = partner.subscribe(&body).await;
    assert!(
        [200, 409].contains(&second.status.as_u16()),
        "{}",
        second.text
    );
    if second.status == 200 {
        assert_eq!(second.text_at("/id"), first);
    }
    assert_eq!(partner.count("/v1/wholesale/subscribers").await, 1);

    // another partner may use the same external id, not an address that is taken
    let other = stage.other_partner().await;
    let mut body = other.customer("twice-1", &["webex_calling"]);
    body["customerInfo"]["primaryEmail"] = json!("one@twice-1.example");
    let clash = other.create(&body).await.expect_status(409).unwrap();
    assert_eq!(codes(&clash), [10022]);
    body["customerInfo"]["primaryEmail"] = json!("owner@other-twice-1.example");
    let url = other.accepted(&body).await;
    other.until(&url, "provisioned").await;
    assert_eq!(partner.count("/v1/wholesale/customers").await, 1);
    stage.settled().await;
}
