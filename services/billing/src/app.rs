//! Use cases: one function, one transaction each.

use std::sync::Arc;

use kit::boot::Context;

use crate::config::Config;

pub(crate) mod caught_up;
pub(crate) mod create_report;
pub(crate) mod create_subscription;
pub(crate) mod delete_report;
pub(crate) mod download_report;
pub(crate) mod get_report;
pub(crate) mod list_reports;
pub(crate) mod list_subscriptions;
pub(crate) mod meter;
pub(crate) mod remember;
mod report_file;
pub(crate) mod tell;
pub(crate) mod write_report;

/// What every use case may need.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// Database, clock, ids, links.
    pub(crate) context: Context,
    /// Settings.
    pub(crate) config: Arc<Config>,
}
