//! A service provider's back office.

use std::time::Duration;

use entrepot::client::{Answer, Client};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{customer, eventually, public_id};

/// Longest wait for what is not synchronous.
const PATIENCE: Duration = Duration::from_mins(1);
const CUSTOMERS: &str = "/v1/wholesale/customers";
const SUBSCRIBERS: &str = "/v1/wholesale/subscribers";
const REPORTS: &str = "/v1/wholesale/billing/reports";

/// A partner that has signed in.
pub(crate) struct Partner {
    pub(crate) api: Client,
    pub(crate) id: Uuid,
    pub(crate) provisioning_id: String,
    pub(crate) subscription_id: String,
    /// The sub-partner that it acts for.
    pub(crate) behalf: Option<String>,
}

impl Partner {
    /// The same partner, acting for one of its sub-partners.
    pub(crate) async fn for_sub_partner(&self, org: &str) -> Self {
        let mut acting = Self {
            api: self.api.clone(),
            id: super::uuid_of(org),
            provisioning_id: String::new(),
            subscription_id: self.subscription_id.clone(),
            behalf: Some(org.to_owned()),
        };
        acting.provisioning_id = acting.template("Sub-partner template").await;
        acting
    }

    fn url(&self, path: &str) -> String {
        let sign = if path.contains('?') { '&' } else { '?' };
        match &self.behalf {
            Some(org) => format!("{path}{sign}onBehalfOfSubPartnerOrgId={org}"),
            None => path.to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.api.get(&self.url(path)).await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let url = self.url(path);
        self.api.post(&url, body).await.expect("an answer")
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        let url = self.url(path);
        self.api.put(&url, body).await.expect("an answer")
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.api.delete(&self.url(path)).await.expect("an answer")
    }

    /// Makes a template; its provisioning id.
    pub(crate) async fn template(&self, name: &str) -> String {
        let body = json!({
            "name": name,
            "country": "US",
            "language": "en_US",
            "subscriptionId": self.subscription_id,
            "serviceProviderAdmin": "admin@telecom.example",
        });
        let made = self.post("/platform/v1/onboarding-templates", &body).await;
        let made = made.expect_status(201).unwrap();
        made.text_at("/provisioningId").to_owned()
    }

    /// A good body for a customer of this partner.
    pub(crate) fn customer(&self, external_id: &str, packages: &[&str]) -> Value {
        customer(&self.provisioning_id, external_id, packages)
    }

    pub(crate) async fn create(&self, body: &Value) -> Answer {
        self.post(CUSTOMERS, body).await
    }

    /// Sends a customer that is accepted; where it can be looked at.
    pub(crate) async fn accepted(&self, body: &Value) -> String {
        let accepted = self.create(body).await.expect_status(202).unwrap();
        let url = accepted.header("location").to_owned();
        assert_eq!(accepted.text_at("/url"), url);
        url
    }

    /// A customer that is provisioned; its id.
    pub(crate) async fn provisioned(&self, external_id: &str, packages: &[&str]) -> String {
        let url = self.accepted(&self.customer(external_id, packages)).await;
        let done = self.until(&url, "provisioned").await;
        done.text_at("/id").to_owned()
    }

    pub(crate) fn customer_path(id: &str) -> String {
        format!("{CUSTOMERS}/{id}")
    }

    /// Looks at a customer until it has a status, and nothing else that is final.
    pub(crate) async fn until(&self, url: &str, status: &str) -> Answer {
        let passing = ["provisioning", "updating", "deleting", "pending_rpl_review"];
        eventually(&format!("{url} {status}"), PATIENCE, async || {
            let answer = self.get(url).await.expect_status(200).unwrap();
            let found = answer.text_at("/status");
            if found == status {
                return Some(answer);
            }
            assert!(passing.contains(&found), "{}", answer.text);
            None
        })
        .await
    }

    /// Looks at a customer until it is gone.
    pub(crate) async fn until_gone(&self, url: &str) {
        eventually(&format!("{url} gone"), PATIENCE, async || {
            let answer = self.get(url).await;
            (answer.status == 404).then_some(())
        })
        .await;
    }

    pub(crate) async fn subscribe(&self, body: &Value) -> Answer {
        self.post(SUBSCRIBERS, body).await
    }

    /// A subscriber that is provisioned; its id.
    pub(crate) async fn subscribed(&self, body: &Value) -> String {
        let made = self.subscribe(body).await.expect_status(200).unwrap();
        assert_eq!(made.text_at("/status"), "provisioned");
        made.text_at("/id").to_owned()
    }

    pub(crate) fn subscriber_path(id: &str) -> String {
        format!("{SUBSCRIBERS}/{id}")
    }

    /// The first page of a list, and the next ones by their links.
    pub(crate) async fn pages(&self, path: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut answer = self.get(path).await.expect_status(200).unwrap();
        loop {
            pages.push(answer.body["items"].as_array().cloned().unwrap_or_default());
            assert!(pages.len() < 100, "endless: {path}");
            let Some(next) = next_link(answer.header("link")) else {
                return pages;
            };
            answer = self.api.get(&next).await.unwrap();
            answer = answer.expect_status(200).unwrap();
        }
    }

    /// How many entries a list has.
    pub(crate) async fn count(&self, path: &str) -> usize {
        self.pages(path).await.iter().map(Vec::len).sum()
    }

    /// Makes a report and waits for it; its id and its link.
    pub(crate) async fn report(&self, level: &str, first: &str, last: &str) -> (String, String) {
        let body = json!({ "billingStartDate": first, "billingEndDate": last, "type": level });
        let made = self.api.post(REPORTS, &body).await.unwrap();
        let made = made.expect_status(200).unwrap();
        assert_eq!(made.text_at("/type"), level);
        let path = format!("{REPORTS}/{}", made.text_at("/id"));
        let done = eventually(&path, PATIENCE, async || {
            let report = self.api.get(&path).await.unwrap();
            let report = report.expect_status(200).unwrap();
            match report.text_at("/status") {
                "COMPLETED" => Some(report),
                "IN_PROGRESS" => None,
                _ => panic!("{}", report.text),
            }
        })
        .await;
        (path, done.text_at("/tempDownloadURL").to_owned())
    }

    /// The file of a new report.
    pub(crate) async fn csv(&self, level: &str, first: &str, last: &str) -> String {
        let (_, link) = self.report(level, first, last).await;
        let file = Client::new("").get(&link).await.unwrap();
        file.expect_status(200).unwrap().text
    }

    /// This partner as others name it.
    pub(crate) fn org(&self) -> String {
        public_id("ORGANIZATION", self.id)
    }
}

/// The next page of a `Link` header.
fn next_link(header: &str) -> Option<String> {
    let link = header
        .split(", ")
        .find_map(|link| link.strip_suffix("; rel=\"next\""))?;
    Some(link.trim_matches(['<', '>']).to_owned())
}
