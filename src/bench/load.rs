//! Load on the public API, as one partner's back office makes it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kit::{BoxError, page::Cursor};
use serde_json::{Value, json};

use super::{
    database::{Known, Owner},
    meter::{Amount, Sample, closed_loop, per_second},
};
use crate::client::Client;

/// Longest wait for customers to be provisioned.
const PATIENCE: Duration = Duration::from_mins(10);

/// What the load is made of.
#[derive(Debug, Clone)]
pub(super) struct Load {
    /// The partner's client.
    pub(super) partner: Client,
    /// Its template.
    pub(super) provisioning_id: String,
    /// Its customers' packages: one with calling, one without.
    pub(super) packages: Arc<[String; 2]>,
    /// How many clients.
    pub(super) clients: usize,
}

/// Customers accepted, and then provisioned.
#[derive(Debug)]
pub(super) struct Onboarding {
    /// POST until 202.
    pub(super) accepted: Sample,
    /// Customers a second, from the first POST until the last is `provisioned`.
    pub(super) provisioned: u64,
}

/// Reads of one and of a hundred.
#[derive(Debug)]
pub(super) struct Reads {
    /// GET of one customer, one client.
    pub(super) get_one: Sample,
    /// The same from many clients.
    pub(super) get_many: Sample,
    /// A page of a hundred from anywhere in the list, one client.
    pub(super) list_one: Sample,
    /// The same from many clients.
    pub(super) list_many: Sample,
}

impl Load {
    /// With what the catalogue offers.
    pub(super) async fn new(
        partner: Client,
        provisioning_id: String,
        clients: usize,
    ) -> Result<Self, BoxError> {
        let catalogue = partner.get("/platform/v1/catalog/packages").await?;
        let catalogue = catalogue.expect_status(200)?.body;
        let items = catalogue.pointer("/items").and_then(Value::as_array);
        let base = |calling: bool| {
            let mut found = items.into_iter().flatten().filter(|item| {
                let free = item["requiresAny"].as_array().is_none_or(Vec::is_empty);
                item["kind"] == "base" && item["calling"] == calling && free
            });
            let name = found.next().and_then(|item| item["name"].as_str());
            name.map(str::to_owned).ok_or("no such base package")
        };
        Ok(Self {
            packages: Arc::new([base(true)?, base(false)?]),
            partner,
            provisioning_id,
            clients,
        })
    }

    /// Creates customers and waits until all are provisioned.
    pub(super) async fn customers(
        &self,
        owner: &mut Owner,
        first: u64,
        count: u64,
    ) -> Result<Onboarding, BoxError> {
        let before = owner.provisioned().await?;
        let began = Instant::now();
        let load = self.clone();
        let accepted = closed_loop(self.clients, Amount::Count(count), move |_, n| {
            let load = load.clone();
            async move {
                let body = load.customer(first + n);
                let answer = load.partner.post("/v1/wholesale/customers", &body).await?;
                answer.expect_status(202).map(drop)
            }
        })
        .await?;
        while owner.busy().await? {
            if began.elapsed() > PATIENCE {
                return Err("customers are not provisioned in time".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = began.elapsed();
        let provisioned = owner.provisioned().await? - before;
        if provisioned != count {
            return Err(format!("{provisioned} of {count} customers are provisioned").into());
        }
        Ok(Onboarding {
            accepted,
            provisioned: per_second(count, took),
        })
    }

    fn customer(&self, n: u64) -> Value {
        let address = json!({
            "addressLine1": format!("{} Harbor Drive", 1 + n % 900),
            "city": "Austin",
            "stateOrProvince": "TX",
            "zipOrPostalCode": "78701",
            "country": "US",
        });
        json!({
            "provisioningId": self.provisioning_id,
            "packages": *self.packages,
            "externalId": format!("bench-{n:07}"),
            "address": address,
            "customerInfo": {
                "name": format!("Lakeside Bakery {n:07} LLC"),
                "primaryEmail": format!("admin@customer-{n:07}.example"),
                "language": "en_US",
            },
            "provisioningParameters": {
                "calling": { "location": {
                    "name": "Headquarters",
                    "address": address,
                    "timezone": "America/Chicago",
                    "language": "en_us",
                }},
                "meetings": { "timezone": "America/Chicago" },
            },
        })
    }

    /// Creates subscribers, in turn with the one package and the other, over all known customers.
    pub(super) async fn subscribers(&self, known: &Known, count: u64) -> Result<Sample, BoxError> {
        let (load, known) = (self.clone(), known.clone());
        closed_loop(self.clients, Amount::Count(count), move |_, n| {
            let (load, known) = (load.clone(), known.clone());
            async move {
                let calling = n % 2 == 0;
                let mut parameters = json!({ "firstName": "Emily", "lastName": "Carter" });
                if calling {
                    parameters["extension"] = json!((1000 + n).to_string());
                }
                let [with_calling, without] = &*load.packages;
                let body = json!({
                    "customerId": known.customer(n)?.0,
                    "email": format!("user-{n}@bench.example"),
                    "package": if calling { with_calling } else { without },
                    "provisioningParameters": parameters,
                });
                let answer = load
                    .partner
                    .post("/v1/wholesale/subscribers", &body)
                    .await?;
                answer.expect_status(200).map(drop)
            }
        })
        .await
    }

    /// Reads single customers and pages of them, anywhere in the list.
    pub(super) async fn reads(&self, known: &Known, count: u64) -> Result<Reads, BoxError> {
        let get = |n: u64, known: &Known| {
            let path = format!("/v1/wholesale/customers/{}", known.customer(n)?.0);
            Ok::<_, BoxError>(path)
        };
        let list = |n: u64, known: &Known| {
            let (id, at) = known.customer(n)?;
            let key = at.timestamp_micros().to_string();
            let cursor = Cursor { key, id }.token();
            Ok::<_, BoxError>(format!("/v1/wholesale/customers?max=100&cursor={cursor}"))
        };
        // the first ones warm the caches up
        self.read(known, self.clients, count / 4, get).await?;
        self.read(known, self.clients, count / 4, list).await?;
        Ok(Reads {
            get_one: self.read(known, 1, count, get).await?,
            get_many: self.read(known, self.clients, count, get).await?,
            list_one: self.read(known, 1, count / 4, list).await?,
            list_many: self.read(known, self.clients, count / 4, list).await?,
        })
    }

    async fn read<P>(
        &self,
        known: &Known,
        clients: usize,
        count: u64,
        path: P,
    ) -> Result<Sample, BoxError>
    where
        P: Fn(u64, &Known) -> Result<String, BoxError> + Copy + Send + Sync + 'static,
    {
        let (partner, known) = (self.partner.clone(), known.clone());
        closed_loop(clients, Amount::Count(count), move |_, n| {
            let (partner, known) = (partner.clone(), known.clone());
            async move {
                let answer = partner.get(&path(n, &known)?).await?;
                answer.expect_status(200).map(drop)
            }
        })
        .await
    }
}
