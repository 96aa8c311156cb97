//! The provisioning context as its callers see it: through gRPC, with a database of its own and
//! fakes for the other contexts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test"
)]

mod it {
    mod attaching;
    mod catalogue;
    mod changes;
    mod creation;
    mod isolation;
    mod lists;
    mod operations;
    mod peers;
    mod prechecks;
    mod providers;
    mod removal;
    mod screening;
    mod stage;
    mod sub_partners;
    mod templates;
    mod validation;
}
