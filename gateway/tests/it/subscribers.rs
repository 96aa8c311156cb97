//! `/v1/wholesale/subscribers`.

use proto::subscriber::v1::{
    self as pb, CreateSubscriberRequest, ListSubscribersRequest, Subscriber, SubscriberOrder,
    SubscriberStatus,
};

use crate::{
    every_route,
    stage::{Contexts, ID, public},
};

const ALL: &str = "/v1/wholesale/subscribers";

fn subscriber(status: SubscriberStatus) -> Subscriber {
    let pending = status == SubscriberStatus::PendingUserMigration;
    let at = |millis: i32| prost_types::Timestamp {
        seconds: 1_628_215_541,
        nanos: millis * 1_000_000,
    };
    Subscriber {
        subscriber_id: ID.to_owned(),
        customer_id: ID.to_owned(),
        external_customer_id: "c1677a16".to_owned(),
        person_id: if pending {
            String::new()
        } else {
            ID.to_owned()
        },
        email: "john@acme.com".to_owned(),
        packages: vec!["webex_calling".to_owned(), "attendant_console".to_owned()],
        status: status.into(),
        created_at: Some(at(62)),
        status_changed_at: Some(at(791)),
        ..Subscriber::default()
    }
}

fn creating(status: SubscriberStatus) -> Contexts {
    let path = "/entrepot.subscriber.v1.Subscribers/CreateSubscriber";
    Contexts::default().on(path, move |_: &CreateSubscriberRequest| {
        Ok(subscriber(status))
    })
}

#[tokio::test]
async fn r401_a_subscriber_is_created_at_once_and_looks_exactly_as_published() {
    let stage = creating(SubscriberStatus::Provisioned).stage();
    let body = format!(
        r#"{{"customerId": "{}", "email": "john@acme.com", "package": "webex_calling",
            "provisioningParameters": {{"firstName": "John", "lastName": "Andersen",
            "primaryPhoneNumber": "+12405551212", "extension": "51212", "locationId": "{}"}}}}"#,
        public("CUSTOMER"),
        public("LOCATION"),
    );
    let answer = stage.post(ALL, &body).await;
    assert_eq!(answer.status, 200);
    let location = format!("https://api.example.net{ALL}/{}", public("SUBSCRIBER"));
    assert_eq!(answer.header("location"), location);
    let wanted = format!(
        concat!(
            r#"{{"id":"{}","personId":"{}","email":"john@acme.com","customerId":"{}","#,
            r#""externalCustomerId":"c1677a16","package":"webex_calling","#,
            r#""packages":["webex_calling","attendant_console"],"status":"provisioned","#,
            r#""created":"2021-08-06T02:05:41.062Z","lastStatusChange":"2021-08-06T02:05:41.791Z"}}"#
        ),
        public("SUBSCRIBER"),
        public("PEOPLE"),
        public("ENTERPRISE"),
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    let asked: CreateSubscriberRequest = stage.asked();
    assert_eq!(asked.customer_id, ID);
    assert_eq!(asked.packages, ["webex_calling"]);
    assert_eq!(asked.parameters.unwrap().location_id, ID);
}

#[tokio::test]
async fn a_pending_move_is_accepted_without_a_person() {
    let stage = creating(SubscriberStatus::PendingUserMigration).stage();
    let answer = stage
        .post(
            ALL,
            r#"{"packages": ["webex_calling", "attendant_console"]}"#,
        )
        .await;
    assert_eq!(answer.status, 202);
    assert!(!answer.header("location").is_empty());
    let body = answer.json();
    assert_eq!(body["status"], "pending_user_migration");
    assert_eq!(body.get("personId"), None);
}

#[tokio::test]
async fn package_and_packages_must_agree() {
    let stage = every_route::contexts().stage();
    let both =
        r#"{"package": "webex_calling", "packages": ["webex_calling", "attendant_console"]}"#;
    assert_eq!(
        stage.call("PUT", &format!("{ALL}/{ID}"), both).await.status,
        200
    );
    let asked: pb::UpdateSubscriberRequest = stage.asked();
    assert_eq!(asked.packages, ["webex_calling", "attendant_console"]);
    let body = r#"{"package": "webex_calling", "packages": ["webex_suite"]}"#;
    for (method, uri) in [
        ("POST", ALL.to_owned()),
        ("PUT", format!("{ALL}/{ID}")),
        ("POST", format!("{ALL}/validate")),
    ] {
        let answer = stage.call(method, &uri, body).await;
        assert_eq!(answer.status, 400, "{method} {uri}");
        assert!(answer.errors().contains_key("packages"));
    }
}

#[tokio::test]
async fn every_filter_and_order_arrives() {
    let stage = every_route::contexts().stage();
    let uri = format!(
        "{ALL}?customerId={}&personId={}&externalCustomerId=x&email=a%2Bb%40c.d&status=provisioned\
         &after=1628215541000&lastStatusChange=2021-08-06T02:05:41Z&sortBy=lastStatusChange\
         &sortOrder=DESC&offset=10&max=1000",
        public("ENTERPRISE"),
        public("PEOPLE"),
    );
    assert_eq!(stage.get(&uri).await.status, 200);
    let at = Some(prost_types::Timestamp {
        seconds: 1_628_215_541,
        nanos: 0,
    });
    let wanted = ListSubscribersRequest {
        customer_id: ID.to_owned(),
        external_customer_id: "x".to_owned(),
        person_id: ID.to_owned(),
        email: "a+b@c.d".to_owned(),
        status: SubscriberStatus::Provisioned.into(),
        created_after: at,
        status_changed_after: at,
        order: SubscriberOrder::StatusChanged.into(),
        descending: true,
        page_size: 100,
        page_token: String::new(),
        offset: 10,
    };
    assert_eq!(stage.asked::<ListSubscribersRequest>(), wanted);
    stage.get(ALL).await;
    assert_eq!(stage.asked::<ListSubscribersRequest>().page_size, 50);
    for query in [
        "sortBy=email",
        "sortOrder=up",
        "after=soon",
        "status=gone",
        "customerId=x",
        "personId=x",
    ] {
        let answer = stage.get(&format!("{ALL}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        answer.errors();
    }
}

#[tokio::test]
async fn deletion_and_consent_answer_with_nothing() {
    let stage = every_route::contexts().stage();
    let answer = stage
        .call("DELETE", &format!("{ALL}/{}", public("SUBSCRIBER")), "")
        .await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(
        stage.asked::<pb::DeleteSubscriberRequest>().subscriber_id,
        ID
    );
    let uri = format!(
        "/v1/subscribers/{}/emails/consentMove",
        public("SUBSCRIBER")
    );
    let answer = stage.call("POST", &uri, "").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(stage.asked::<pb::ResendConsentRequest>().subscriber_id, ID);
}

#[tokio::test]
async fn r408_a_precheck_takes_all_three_forms() {
    let stage = every_route::contexts().stage();
    let uri = format!("{ALL}/validate");
    for body in [
        r#"{"email": "a@b.c"}"#.to_owned(),
        format!(r#"{{"email": "a@b.c", "customerId": "{ID}", "package": "webex_suite"}}"#),
        format!(
            r#"{{"email": "a@b.c", "provisioningId": "{ID}", "customerInfo": {{"primaryEmail": "x@y.z"}}}}"#
        ),
    ] {
        let answer = stage.post(&uri, &body).await;
        assert_eq!(answer.json()["message"], "success");
        assert_eq!(answer.json()["info"][0]["infoCode"], 100);
        let asked: pb::PrecheckSubscriberRequest = stage.asked();
        assert_eq!(asked.subscriber.unwrap().email, "a@b.c");
        assert_eq!(
            asked.provisioning_id.is_empty(),
            !body.contains("provisioningId")
        );
        assert_eq!(
            asked.customer_primary_email.is_empty(),
            !body.contains("customerInfo")
        );
    }
}
