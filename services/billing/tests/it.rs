//! Billing through its gRPC services, on a real database, with fakes of the feeds it follows.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test"
)]

mod it {
    mod feeds;
    mod files;
    pub(crate) mod world;

    mod isolation;
    mod lifecycle;
    mod links;
    mod metering;
    mod quantities;
    mod roll_up;
    mod subscriptions;
    mod sums;
}
