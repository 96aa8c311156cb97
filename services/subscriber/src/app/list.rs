//! Lists subscribers.

use kit::{auth::Caller, boot::Context, page::Cursor};

use crate::{
    domain::subscriber::Subscriber,
    error::Error,
    store::list::{self, Order, Query},
};

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    /// What is on it.
    pub(crate) subscribers: Vec<Subscriber>,
    /// Where the next one begins.
    pub(crate) next: Option<Cursor>,
}

/// One page, and whether there is another.
pub(crate) async fn list(context: &Context, caller: &Caller, query: &Query) -> Result<Page, Error> {
    let mut tx = context.db.begin(caller.scope()).await?;
    let ahead = Query {
        size: query.size.saturating_add(1),
        ..query.clone()
    };
    let mut subscribers = list::page(&mut tx, caller.partner, &ahead).await?;
    tx.commit().await?;
    let size = usize::try_from(query.size).unwrap_or(0);
    let more = subscribers.len() > size;
    subscribers.truncate(size);
    let next = subscribers.last().filter(|_| more).map(|last| {
        let at = match query.order {
            Order::Created => last.created_at,
            Order::StatusChanged => last.status_changed_at,
        };
        cursor(query, at, last.id.uuid())
    });
    Ok(Page { subscribers, next })
}

/// A cursor belongs to an order: in another it would skip or repeat rows.
fn cursor(query: &Query, at: chrono::DateTime<chrono::Utc>, id: uuid::Uuid) -> Cursor {
    Cursor {
        key: format!(
            "{}{}",
            order_key(query.order, query.descending),
            at.timestamp_micros()
        ),
        id,
    }
}

/// What the key of a cursor of this order begins with.
pub(crate) fn order_key(order: Order, descending: bool) -> &'static str {
    match (order, descending) {
        (Order::Created, false) => "created+",
        (Order::Created, true) => "created-",
        (Order::StatusChanged, false) => "changed+",
        (Order::StatusChanged, true) => "changed-",
    }
}
