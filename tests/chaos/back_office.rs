//! A back office that does not give up: it repeats what was not answered, with the same external id
//! and the same address, and remembers what it was promised.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use entrepot::client::Answer;
use futures::{StreamExt as _, stream};
use kit::BoxError;
use serde_json::json;

use crate::stage::{Partner, listed_customer, subscriber};

const PACKAGES: [&str; 2] = ["webex_calling", "webex_suite"];
const USERS: usize = 3;
/// Customers in work at the same time.
const AT_ONCE: usize = 8;
/// Between the steps of a customer: load, not overload.
const PACE: Duration = Duration::from_millis(150);

/// What was promised.
#[derive(Debug, Default)]
pub(super) struct Promises {
    /// External id, and where the customer is.
    pub(super) customers: BTreeMap<String, String>,
    /// E-mail, and the package at the end; none when removed.
    pub(super) subscribers: BTreeMap<String, Option<&'static str>>,
}

/// The work of a partner with many customers.
pub(super) struct BackOffice<'a> {
    pub(super) partner: &'a Partner,
    pub(super) promises: Mutex<Promises>,
    /// Set when nobody answers any more and nobody will.
    pub(super) closed: AtomicBool,
    pub(super) patience: Duration,
}

impl<'a> BackOffice<'a> {
    pub(super) fn new(partner: &'a Partner, patience: Duration) -> Self {
        Self {
            partner,
            promises: Mutex::default(),
            closed: AtomicBool::new(false),
            patience,
        }
    }

    fn note(&self, note: impl FnOnce(&mut Promises)) {
        note(&mut self.promises.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Onboards customers with their users while it is asked to, but so many at least; each tenth
    /// is on a list, and waits for a reviewer.
    pub(super) async fn onboard(&self, least: usize, go_on: impl Fn() -> bool) {
        stream::iter(0..)
            .take_while(|n| futures::future::ready(*n < least || go_on()))
            .for_each_concurrent(AT_ONCE, |n| async move {
                // none when everything was closed in the middle of it
                let _ = self.customer(n).await;
            })
            .await;
    }

    async fn customer(&self, n: usize) -> Option<()> {
        let external_id = format!("storm-{n}");
        let body = if n % 10 == 9 {
            listed_customer(&self.partner.provisioning_id, &external_id)
        } else {
            self.partner.customer(&external_id, &PACKAGES)
        };
        let path = "/v1/wholesale/customers";
        let accepted = self
            .answer(async || self.partner.api.post(path, &body).await)
            .await?;
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        let url = accepted.header("location").to_owned();
        self.note(|promises| {
            promises.customers.insert(external_id.clone(), url.clone());
        });
        if n % 10 == 9 {
            return Some(());
        }
        tokio::time::sleep(PACE).await;
        let done = self.provisioned(&url).await?;
        for user in 0..USERS {
            self.user(done.text_at("/id"), &external_id, user).await?;
        }
        Some(())
    }

    async fn provisioned(&self, url: &str) -> Option<Answer> {
        let began = Instant::now();
        loop {
            let answer = self
                .answer(async || self.partner.api.get(url).await)
                .await?;
            assert_eq!(answer.status, 200, "{}", answer.text);
            match answer.text_at("/status") {
                "provisioned" => return Some(answer),
                "provisioning" => tokio::time::sleep(Duration::from_millis(100)).await,
                _ => panic!("{}", answer.text),
            }
            assert!(began.elapsed() < self.patience, "{}", answer.text);
        }
    }

    /// One stays, one changes its package, one is removed.
    async fn user(&self, customer_id: &str, external_id: &str, user: usize) -> Option<()> {
        let api = &self.partner.api;
        let email = format!("user{user}@{external_id}.example");
        let body = subscriber(customer_id, &email, "webex_calling", user);
        let all = "/v1/wholesale/subscribers";
        let made = self.answer(async || api.post(all, &body).await).await?;
        let id = if made.status == 409 {
            // the answer to an earlier try was lost: it must be there, once
            let found = format!("{all}?email={email}");
            let found = self.answer(async || api.get(&found).await).await?;
            let items = found.body["items"].as_array().map_or(0, Vec::len);
            assert_eq!(items, 1, "{} {}", made.text, found.text);
            found.text_at("/items/0/id").to_owned()
        } else {
            assert_eq!(made.status, 200, "{}", made.text);
            made.text_at("/id").to_owned()
        };
        let mut holds = Some("webex_calling");
        self.note(|promises| {
            promises.subscribers.insert(email.clone(), holds);
        });
        let path = Partner::subscriber_path(&id);
        match user {
            1 => {
                let body = json!({ "package": "webex_suite" });
                let changed = self.answer(async || api.put(&path, &body).await).await?;
                assert_eq!(changed.status, 200, "{}", changed.text);
                holds = Some("webex_suite");
            }
            2 => {
                let removed = self.answer(async || api.delete(&path).await).await?;
                let ended = [204, 404].contains(&removed.status.as_u16());
                assert!(ended, "{} {}", removed.status, removed.text);
                holds = None;
            }
            _ => {}
        }
        self.note(|promises| {
            promises.subscribers.insert(email, holds);
        });
        Some(())
    }

    /// Tries until there is an answer: no connection, and 503, mean that it is not there yet.
    /// Anything else that is the platform's own fault is an error.
    pub(super) async fn answer(
        &self,
        ask: impl AsyncFn() -> Result<Answer, BoxError>,
    ) -> Option<Answer> {
        let began = Instant::now();
        let mut last = String::new();
        while began.elapsed() < self.patience {
            if self.closed.load(Ordering::Relaxed) {
                return None;
            }
            match ask().await {
                Ok(answer) if answer.status == 503 => {
                    let wait = answer.header("retry-after").parse::<u64>();
                    assert!(
                        wait.is_ok(),
                        "503 says when to come back: {:?}",
                        answer.headers
                    );
                    last = answer.text;
                }
                Ok(answer) => {
                    assert!(
                        !answer.status.is_server_error(),
                        "{} {}",
                        answer.status,
                        answer.text
                    );
                    return Some(answer);
                }
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        panic!("no answer: {last}")
    }
}
