//! Billing: what was used, by whom, for how long, and the reports about it.
//!
//! # Usage
//!
//! Usage is metered in intervals, not in events per day: the subscriber context tells when an
//! assignment of a package began and when it ended, and between the two nothing happens. A live
//! assignment is a row of `usage_open`, one per slot of a subscriber; its end moves it to
//! `usage_closed`, which only grows. Instants are whole UTC seconds, intervals half-open, a day
//! always 86,400 seconds: sums are integers and nothing is lost however a period is cut up (R-1402,
//! R-1403). A customer's deferred billing start clips usage when it is reported; what happened is
//! never rewritten.
//!
//! Partners, customers and packages are remembered from the feeds of identity and provisioning. A
//! report shows what they are called when it is written.
//!
//! # Reports
//!
//! A report covers whole days that are over (R-1405). It is written by a durable operation: wait
//! until everything that happened before the request has been heard of, then read all intervals of
//! the partner and its sub-partners through a cursor in one fixed order, clip them, add them up per
//! row, print. Quantities are allocated by a running carry in that same order, so that printed USER
//! rows sum to CUSTOMER rows and those to PARTNER rows, to the last digit (R-1409).
//!
//! A parent's report rolls up the usage of its sub-partners, at every level under the parent's own
//! name; a report about one sub-partner carries the sub-partner's name and is the same that the
//! sub-partner gets when it asks.
//!
//! The file lies in the database in packed pieces and goes when the report is deleted. A link to it
//! is signed, works for half an hour and dies with the report (R-1406, R-1407).
//!
//! # Later
//!
//! Prices, invoices and frozen segments of closed months stand on the same rows: an invoice line is
//! a PARTNER row times a price, and a segment is the cursor's output, kept.

use std::sync::Arc;

use kit::boot::{Context, Parts};
use sqlx::migrate::Migrator;

mod app;
mod config;
mod domain;
mod error;
mod grpc;
mod store;
mod worker;

use app::App;
pub use config::Config;

/// The tables of this context.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What this context is made of.
pub fn parts(context: Context, config: Config) -> Parts {
    let app = App {
        context,
        config: Arc::new(config),
    };
    Parts {
        workers: worker::all(&app),
        routes: grpc::routes(app),
        open: grpc::OPEN,
    }
}
