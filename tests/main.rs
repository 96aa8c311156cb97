//! Whole-system tests: the platform as its users get it, in one process and in six.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper of tests fails the test, or tells how to repeat it"
)]

mod chaos;
mod e2e;
mod rules;
mod stage;
