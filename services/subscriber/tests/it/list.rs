//! Lists.

use chrono::TimeDelta;
use kit::{fault::Fault, testing};
use proto::subscriber::v1::{
    ListSubscribersRequest, ListSubscribersResponse, Subscriber, SubscriberOrder, SubscriberStatus,
};
use uuid::Uuid;

use super::world::{World, packages, violations};

impl World {
    async fn list(
        &self,
        request: ListSubscribersRequest,
    ) -> Result<ListSubscribersResponse, Fault> {
        let request = testing::request(request, &self.partner);
        Ok(self
            .subscribers()
            .list_subscribers(request)
            .await?
            .into_inner())
    }

    async fn emails(&self, request: ListSubscribersRequest) -> Vec<String> {
        emails(&self.list(request).await.unwrap())
    }

    /// Two at the first customer, one at the second, one at the first again; two at the same instant.
    async fn populate(&self) -> (Uuid, Vec<Subscriber>) {
        let second = Uuid::from_u128(0xc2);
        self.entitle(self.entitlement(second, packages()))
            .await
            .unwrap();
        let mut made = Vec::new();
        for (email, customer, wait) in [
            ("a", self.customer, 1),
            ("b", self.customer, 1),
            ("c", second, 0),
            ("d", self.customer, 1),
        ] {
            self.clock.advance(TimeDelta::seconds(wait));
            let mut request = self.calling(&format!("{email}@example.com"), &["suite", "desk"], "");
            request.parameters.as_mut().unwrap().extension = format!("10{}", made.len());
            request.customer_id = customer.to_string();
            made.push(self.create(request).await.unwrap());
        }
        (second, made)
    }
}

fn emails(page: &ListSubscribersResponse) -> Vec<String> {
    page.subscribers
        .iter()
        .map(|one| one.email.chars().take(1).collect())
        .collect()
}

#[tokio::test]
async fn filters_are_exact() {
    let world = World::new().await;
    let (second, made) = world.populate().await;
    let all = ListSubscribersRequest::default;
    let cases = [
        (
            ListSubscribersRequest {
                customer_id: second.to_string(),
                ..all()
            },
            "c",
        ),
        (
            ListSubscribersRequest {
                external_customer_id: "external-c1".into(),
                ..all()
            },
            "abd",
        ),
        (
            ListSubscribersRequest {
                external_customer_id: "external".into(),
                ..all()
            },
            "",
        ),
        (
            ListSubscribersRequest {
                person_id: made[1].person_id.clone(),
                ..all()
            },
            "b",
        ),
        (
            ListSubscribersRequest {
                email: "D@example.com".into(),
                ..all()
            },
            "d",
        ),
        (
            ListSubscribersRequest {
                email: "example.com".into(),
                ..all()
            },
            "",
        ),
        (
            ListSubscribersRequest {
                status: SubscriberStatus::Provisioned.into(),
                ..all()
            },
            "abcd",
        ),
        (
            ListSubscribersRequest {
                status: SubscriberStatus::PendingUserMigration.into(),
                ..all()
            },
            "",
        ),
        (
            ListSubscribersRequest {
                created_after: made[0].created_at,
                ..all()
            },
            "bcd",
        ),
        (
            ListSubscribersRequest {
                status_changed_after: made[1].created_at,
                ..all()
            },
            "d",
        ),
        (
            ListSubscribersRequest {
                created_after: made[0].created_at,
                customer_id: world.customer.to_string(),
                ..all()
            },
            "bd",
        ),
    ];
    for (request, expected) in cases {
        let mut found = world.emails(request.clone()).await;
        found.sort();
        assert_eq!(found.concat(), expected, "{request:?}");
    }
    let page = world.list(all()).await.unwrap();
    assert_eq!(page.subscribers[0], made[0]);
    assert_eq!(page.next_page_token, "");
}

#[tokio::test]
async fn pages_hold_everything_once_in_either_order_and_by_cursor_or_offset() {
    let world = World::new().await;
    let (_, made) = world.populate().await;
    world.delete(&made[0].subscriber_id).await.unwrap();
    for order in [SubscriberOrder::Created, SubscriberOrder::StatusChanged] {
        for descending in [false, true] {
            let request = ListSubscribersRequest {
                order: order.into(),
                descending,
                ..ListSubscribersRequest::default()
            };
            let whole = world.emails(request.clone()).await;
            assert_eq!(whole.len(), 3);
            assert_eq!(whole[if descending { 0 } else { 2 }], "d");

            let mut paged = Vec::new();
            let mut next = ListSubscribersRequest {
                page_size: 1,
                ..request.clone()
            };
            loop {
                let page = world.list(next.clone()).await.unwrap();
                paged.extend(emails(&page));
                next.page_token = page.next_page_token;
                if next.page_token.is_empty() {
                    break;
                }
            }
            assert_eq!(paged, whole);

            let mut skipped = Vec::new();
            for offset in 0..4 {
                let next = ListSubscribersRequest {
                    page_size: 1,
                    offset,
                    ..request.clone()
                };
                skipped.extend(world.emails(next).await);
            }
            assert_eq!(skipped, whole);
        }
    }
}

#[tokio::test]
async fn a_cursor_goes_with_its_order_only_and_nonsense_is_told() {
    let world = World::new().await;
    world.populate().await;
    let first = ListSubscribersRequest {
        page_size: 1,
        ..ListSubscribersRequest::default()
    };
    let token = world.list(first).await.unwrap().next_page_token;
    let other = ListSubscribersRequest {
        page_token: token.clone(),
        descending: true,
        ..ListSubscribersRequest::default()
    };
    assert_eq!(
        violations(&world.list(other).await.unwrap_err()),
        [("cursor", "INVALID")]
    );
    let nonsense = ListSubscribersRequest {
        customer_id: "x".to_owned(),
        person_id: "y".to_owned(),
        page_token: token,
        offset: 1,
        ..ListSubscribersRequest::default()
    };
    let fault = world.list(nonsense).await.unwrap_err();
    let fields: Vec<&str> = violations(&fault)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["offset", "customerId", "personId"]);
}

#[tokio::test]
async fn a_page_has_fifty_and_never_more_than_a_hundred() {
    let world = World::new().await;
    for n in 0..102 {
        let email = format!("user{n}@example.com");
        world
            .create(world.creation(&email, &["meet"]))
            .await
            .unwrap();
    }
    for (asked, size) in [(0, 50), (7, 7), (100, 100), (5000, 100)] {
        let request = ListSubscribersRequest {
            page_size: asked,
            ..ListSubscribersRequest::default()
        };
        let page = world.list(request).await.unwrap();
        assert_eq!(page.subscribers.len(), size);
        assert_ne!(page.next_page_token, "");
    }
}
