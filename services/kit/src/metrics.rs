//! Names of what is measured, in one place, and the Prometheus text of it.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Requests served; by kind, route, status.
pub const REQUESTS: &str = "entrepot_requests_total";
/// Seconds to serve a request; by kind, route.
pub const REQUEST_SECONDS: &str = "entrepot_request_seconds";
/// The last position that a follower has handled; by context, feed.
pub const FEED_POSITION: &str = "entrepot_feed_position";
/// Whether a context hears at once of tokens that are no longer good: 1 or 0; by context.
pub const REVOCATIONS_STREAM: &str = "entrepot_revocations_stream_up";
/// Steps of operations; by kind, step, outcome.
pub const OPERATION_STEPS: &str = "entrepot_operation_steps_total";
/// Operations that need a person; by kind.
pub const OPERATIONS_STUCK: &str = "entrepot_operations_stuck_total";
/// Database connections in use; by context.
pub const CONNECTIONS: &str = "entrepot_database_connections";
/// Screenings; by decision.
pub const SCREENINGS: &str = "entrepot_screenings_total";

/// Seconds; the buckets of every duration.
const BUCKETS: [f64; 12] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts recording in this process; nothing is recorded before.
pub fn start() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?;
        builder.install_recorder().ok()
    });
}

/// What was recorded, in the Prometheus text format.
pub fn render() -> String {
    match HANDLE.get() {
        Some(Some(handle)) => {
            handle.run_upkeep();
            handle.render()
        }
        _ => String::new(),
    }
}
