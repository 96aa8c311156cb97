//! Compliance through its gRPC services, on a real database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so may what it calls"
)]

mod it {
    mod feeds;
    mod world;

    mod audit;
    mod audit_list;
    mod decisions;
    mod groups;
    mod honest;
    mod isolation;
    mod lists;
    mod names;
    mod records;
}
