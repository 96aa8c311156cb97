//! Compliance: restricted-party screening, the cases it opens, the lists it reads.
//!
//! # Screening
//!
//! A name is brought into a comparable form, in ASCII and in its own script, and looked up in an
//! index of all listed names ([`domain::index`]): a dictionary of their words that finds misspellings,
//! and from each word the names that hold it. What could reach a threshold is scored
//! ([`domain::score`]) by whole numbers only, so that a score can be computed again years later. Every
//! hit says why it is one.
//!
//! Failing open is the one thing this context must never do. No list loaded, a database away, a name
//! without letters, a script whose transliteration says too little: each is an error or a review,
//! never a clear. A list file that is empty, cut off, of another format, or that lost more than a
//! twentieth of its entries is refused, and the version in use stays.
//!
//! The index is built in the background from the files in the database, at start and after each
//! import, and replaces the old one in one step; screenings under way finish on the old one. Replicas
//! find out by polling.
//!
//! Clears that one partner asks for at the same time are recorded together, by one insert and one
//! commit; each is answered only then.
//!
//! # Cases
//!
//! A match opens a case with a deadline of 72 hours, or adds to the customer's open one, in the
//! transaction that records the screening. A reviewer decides, or time does: one
//! statement compares state and deadline, closes, and writes the decision down, so of two deciders
//! one wins, and a late one never does. The end of a case goes out on the feed, once.
//!
//! Screenings, decisions and list versions are only ever added: the service's role has no
//! right to change them. Their `entry` numbers are the order in which a chain of hashes can be laid
//! over them.

use std::sync::Arc;

use kit::boot::{Context, Parts};
use sqlx::migrate::Migrator;

mod app;
mod config;
mod domain;
mod engine;
mod error;
mod grpc;
mod store;
mod worker;

pub use config::Config;

/// The tables of this context.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// What this context is made of.
pub fn parts(context: Context, config: Config) -> Parts {
    let app = app::App {
        context,
        engine: Arc::default(),
    };
    Parts {
        routes: grpc::routes(&app),
        workers: worker::all(&app, &Arc::new(config)),
        open: &[],
    }
}
