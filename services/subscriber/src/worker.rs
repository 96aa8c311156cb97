//! What runs in the background: the follower of identity, the stamper of our own feed.

use kit::{
    boot::{Context, Worker},
    feed,
};

mod follow_identity;

/// All workers.
pub(crate) fn all(context: &Context) -> Vec<Worker> {
    vec![
        feed::follow(
            context,
            follow_identity::FollowIdentity {
                context: context.clone(),
            },
        ),
        feed::stamper(context.db.clone(), context.tasks.clone()),
    ]
}
