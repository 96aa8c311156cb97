//! What runs in the background: three followers, the report writer, the stamper of our own feed.

use kit::boot::Worker;
use kit::{feed, operation};

use crate::app::App;
use crate::app::write_report::WriteReport;

mod follow_identity;
mod follow_provisioning;
mod follow_subscriber;
mod parse;

/// All workers.
pub(crate) fn all(app: &App) -> Vec<Worker> {
    let context = &app.context;
    vec![
        feed::follow(
            context,
            follow_identity::FollowIdentity {
                context: context.clone(),
            },
        ),
        feed::follow(
            context,
            follow_provisioning::FollowProvisioning {
                context: context.clone(),
            },
        ),
        feed::follow(
            context,
            follow_subscriber::FollowSubscriber {
                context: context.clone(),
            },
        ),
        operation::runner(context, WriteReport::new(app.clone())),
        feed::stamper(context.db.clone(), context.tasks.clone()),
    ]
}
