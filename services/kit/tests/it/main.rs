//! Kit against a private PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use sqlx::migrate::Migrator;

mod feed;
mod fetch;
mod idempotency;
mod operation;
mod tenancy;
mod tokens;

/// A context without tables of its own.
static NO_MIGRATIONS: Migrator = Migrator {
    table_name: std::borrow::Cow::Borrowed("migration"),
    ..Migrator::DEFAULT
};
