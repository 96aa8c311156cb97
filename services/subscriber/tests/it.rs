//! The subscriber context through its gRPC services, with a fake identity context behind it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of tests fails the test"
)]

mod it {
    mod create;
    mod delete;
    mod entitlements;
    mod feed;
    mod groups;
    mod history;
    mod isolation;
    mod list;
    mod precheck;
    mod races;
    mod update;
    mod validation;
    mod world;
}
