//! The surface with fake contexts behind it: what clients see, and what contexts are asked.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, outside of test functions"
)]

#[path = "it/bodies.rs"]
mod bodies;
#[path = "it/customers.rs"]
mod customers;
#[path = "it/discovery.rs"]
mod discovery;
#[path = "it/every_route.rs"]
mod every_route;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/pages.rs"]
mod pages;
#[path = "it/pages_shown.rs"]
mod pages_shown;
#[path = "it/people.rs"]
mod people;
#[path = "it/platform.rs"]
mod platform;
#[path = "it/published.rs"]
mod published;
#[path = "it/reports.rs"]
mod reports;
#[path = "it/scim.rs"]
mod scim;
#[path = "it/stage.rs"]
mod stage;
#[path = "it/subscribers.rs"]
mod subscribers;
#[path = "it/tokens.rs"]
mod tokens;
