//! Onboards the generated customers through the public API, as a partner's back office would.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use kit::BoxError;
use serde_json::{Value, json};

use super::data::{Customer, Expectation, File, User};
use crate::client::{Answer, Client};

/// Customers in work at the same time.
const AT_ONCE: usize = 16;
/// Longest wait for a customer.
const PATIENCE: Duration = Duration::from_mins(2);

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<String, usize>,
    /// Rows that did not end as they should.
    pub(super) unexpected: usize,
    took: Duration,
    customers: usize,
    users: usize,
}

impl Tally {
    /// For people.
    pub(super) fn summary(&self) -> String {
        let mut lines = vec![format!(
            "{} customers and {} users in {:.1?}: {} a second",
            self.customers,
            self.users,
            self.took,
            rate(self.customers + self.users, self.took),
        )];
        lines.extend(
            self.counts
                .iter()
                .map(|(what, count)| format!("  {count:>6}  {what}")),
        );
        lines.join("\n")
    }
}

fn rate(count: usize, took: Duration) -> u128 {
    let count = u128::try_from(count).unwrap_or(0);
    count * 1000 / took.as_millis().max(1)
}

/// What all share.
struct Desk<'a> {
    partner: &'a Client,
    reviewer: &'a Client,
    provisioning_id: &'a str,
    packages: Vec<Package>,
    tally: Mutex<Tally>,
    progress: ProgressBar,
}

/// A base package that the demo's customers get.
struct Package {
    name: String,
    calling: bool,
}

/// Onboards everybody.
pub(super) async fn run(
    partner: &Client,
    reviewer: &Client,
    file: &File,
    provisioning_id: &str,
) -> Result<Tally, BoxError> {
    let packages = base_packages(partner).await?;
    let rows = u64::try_from(file.customers.len() + file.users())?;
    let progress = ProgressBar::new(rows);
    let style = "{bar:40} {pos}/{len} ({per_sec}) {msg}";
    progress.set_style(ProgressStyle::with_template(style)?);
    let desk = Desk {
        partner,
        reviewer,
        provisioning_id,
        packages,
        tally: Mutex::default(),
        progress,
    };
    let began = Instant::now();
    let mut work = stream::iter(&file.customers)
        .map(|customer| desk.customer(customer))
        .buffer_unordered(AT_ONCE);
    while let Some(outcome) = work.next().await {
        outcome?;
    }
    drop(work);
    desk.progress.finish_and_clear();
    let mut tally = desk
        .tally
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    tally.took = began.elapsed();
    Ok(tally)
}

/// Base packages that a person can have, from the catalogue.
async fn base_packages(partner: &Client) -> Result<Vec<Package>, BoxError> {
    let answer = partner
        .get("/platform/v1/catalog/packages")
        .await?
        .expect_status(200)?;
    let items = answer
        .body
        .pointer("/items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(items
        .iter()
        .filter(|item| {
            item["kind"] == "base" && item["requiresAny"].as_array().is_none_or(Vec::is_empty)
        })
        .map(|item| Package {
            name: item["name"].as_str().unwrap_or_default().to_owned(),
            calling: item["calling"] == true,
        })
        .collect())
}

impl Desk<'_> {
    fn count(&self, what: &str, expected: bool) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        *tally.counts.entry(what.to_owned()).or_default() += 1;
        tally.unexpected += usize::from(!expected);
        let live: Vec<_> = tally
            .counts
            .iter()
            .map(|(what, n)| format!("{what}: {n}"))
            .collect();
        self.progress.set_message(live.join(", "));
    }

    async fn customer(&self, customer: &Customer) -> Result<(), BoxError> {
        let rows = u64::try_from(customer.users.len())?;
        let answer = self
            .partner
            .post("/v1/wholesale/customers", &self.body(customer))
            .await?;
        self.progress.inc(1);
        if answer.status != 202 {
            self.progress.inc(rows);
            let expected = customer.expectation == Expectation::Bad;
            self.count(
                &format!("customers refused: {}", first_error(&answer)),
                expected,
            );
            return Ok(());
        }
        let url = answer.header("location").to_owned();
        let ended = self.ended(&url).await?;
        let status = ended.text_at("/status").to_owned();
        let expected = match customer.expectation {
            Expectation::Clear | Expectation::Review => "provisioned",
            Expectation::Listed => "error",
            Expectation::Bad => "refused",
        };
        self.count(&format!("customers {status}"), status == expected);
        self.tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .customers += 1;
        if status != "provisioned" {
            self.progress.inc(rows);
            return Ok(());
        }
        for user in &customer.users {
            self.user(ended.text_at("/id"), user).await?;
            self.progress.inc(1);
        }
        Ok(())
    }

    fn body(&self, customer: &Customer) -> Value {
        let address = json!({
            "addressLine1": customer.line1,
            "city": customer.city,
            "stateOrProvince": customer.state,
            "zipOrPostalCode": customer.postal_code,
            "country": customer.country,
        });
        let packages: Vec<_> = self.packages.iter().map(|package| &package.name).collect();
        json!({
            "provisioningId": self.provisioning_id,
            "packages": packages,
            "externalId": customer.external_id,
            "address": address,
            "customerInfo": {
                "name": customer.name,
                "primaryEmail": customer.email,
                "language": customer.language,
            },
            "provisioningParameters": {
                "calling": { "location": {
                    "name": "Headquarters",
                    "address": address,
                    "timezone": customer.timezone,
                    "language": customer.language.to_lowercase(),
                }},
                "meetings": { "timezone": customer.timezone },
            },
        })
    }

    /// Follows a customer to its end; the reviewer decides on the way where it has to be.
    async fn ended(&self, url: &str) -> Result<Answer, BoxError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(15);
        let mut decided = false;
        loop {
            let answer = self.partner.get(url).await?.expect_status(200)?;
            match answer.text_at("/status") {
                "provisioning" | "updating" => {}
                "pending_rpl_review" if decided => {}
                "pending_rpl_review" => {
                    self.decide(answer.text_at("/id")).await?;
                    decided = true;
                }
                _ => return Ok(answer),
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{url} is still {}", answer.text_at("/status")).into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(Duration::from_millis(250));
        }
    }

    /// The reviewer approves what no list names, and rejects what one does.
    async fn decide(&self, customer_id: &str) -> Result<(), BoxError> {
        let cases = "/platform/v1/screening/cases";
        let query = format!("{cases}?customerId={customer_id}&status=open");
        let found = self.reviewer.get(&query).await?.expect_status(200)?;
        let Some(case) = found.body.pointer("/items/0") else {
            return Ok(());
        };
        let id = case["id"].as_str().unwrap_or_default();
        let listed = case["hits"].as_array().is_some_and(|hits| {
            hits.iter()
                .any(|hit| !hit["entryId"].as_str().unwrap_or_default().is_empty())
        });
        let decision = if listed { "reject" } else { "approve" };
        let reason = if listed {
            "is the listed party"
        } else {
            "read by a person: not listed"
        };
        self.count(&format!("cases: {decision}"), true);
        let body = json!({ "decision": decision, "reason": reason });
        self.reviewer
            .post(&format!("{cases}/{id}/decide"), &body)
            .await?
            .expect_status(200)?;
        Ok(())
    }

    async fn user(&self, customer_id: &str, user: &User) -> Result<(), BoxError> {
        let Some(package) = self.packages.get(user.package % self.packages.len().max(1)) else {
            return Err("the catalogue has no base package".into());
        };
        let mut parameters = json!({ "firstName": user.first_name, "lastName": user.last_name });
        if package.calling {
            parameters["extension"] = json!(user.extension);
        }
        let body = json!({
            "customerId": customer_id,
            "email": user.email,
            "package": package.name,
            "provisioningParameters": parameters,
        });
        let answer = self
            .partner
            .post("/v1/wholesale/subscribers", &body)
            .await?;
        if answer.status == 200 {
            self.count("users provisioned", true);
            self.tally
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .users += 1;
        } else {
            self.count(&format!("users refused: {}", first_error(&answer)), false);
        }
        Ok(())
    }
}

fn first_error(answer: &Answer) -> String {
    let description = answer.text_at("/errors/0/description");
    if description.is_empty() {
        answer.text_at("/message").to_owned()
    } else {
        description.to_owned()
    }
}
