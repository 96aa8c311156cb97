//! Readiness from real checks; liveness depends on nothing.

use std::time::Duration;

use crate::{db::Db, metrics, stop::Tasks};

/// Watches a context's database and tells gRPC health checkers.
pub async fn watch(
    db: Db,
    tasks: Tasks,
    reporter: tonic_health::server::HealthReporter,
    service: &'static str,
) {
    loop {
        let status = match check(&db).await {
            Ok(()) => tonic_health::ServingStatus::Serving,
            Err(_) => tonic_health::ServingStatus::NotServing,
        };
        reporter.set_service_status(service, status).await;
        reporter.set_service_status("", status).await;
        if !tasks.sleep(Duration::from_secs(2)).await {
            reporter
                .set_service_status(service, tonic_health::ServingStatus::NotServing)
                .await;
            return;
        }
    }
}

/// Whether a context can work: its database answers.
pub async fn check(db: &Db) -> Result<(), sqlx::Error> {
    let (used, _) = db.usage();
    ::metrics::gauge!(metrics::CONNECTIONS, "context" => db.context()).set(f64::from(used));
    match tokio::time::timeout(Duration::from_secs(3), db.ping()).await {
        Ok(answer) => answer,
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}
