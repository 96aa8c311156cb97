//! The use cases: one function each, one transaction for what it changes. Other contexts are asked
//! before or after, never while a transaction is open.

use chrono::{DateTime, Utc};
use kit::{
    audit::Entry,
    boot::Context,
    db::Tx,
    fault::Violations,
    feed,
    id::PartnerId,
    page::Cursor,
    telemetry::{self, Trace},
};
use uuid::Uuid;

use crate::{
    config::Config,
    domain::customer::{Customer, CustomerId},
    error::{Error, reason},
    message, store,
};

pub(crate) mod announce;
pub(crate) mod attach;
pub(crate) mod block_customer;
pub(crate) mod change_customer;
pub(crate) mod close_case;
pub(crate) mod create_customer;
pub(crate) mod delete_customer;
pub(crate) mod ground;
pub(crate) mod peer;
pub(crate) mod precheck_customer;
pub(crate) mod provision_customer;
pub(crate) mod read;
pub(crate) mod remove_customer;
pub(crate) mod screen;
pub(crate) mod sub_partner;
pub(crate) mod template;
pub(crate) mod update_customer;

/// What every use case gets.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) context: Context,
    pub(crate) config: Config,
}

impl App {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.context.clock.now()
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.context.ids.uuid()
    }

    /// Tells the other contexts what a customer has become, in the transaction that made it so.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        customer: Customer,
        deleted: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let event = message::customer_changed(customer, deleted);
        feed::append(tx, &self.context.ids, partner, now, &event).await?;
        Ok(())
    }

    /// The same for several that have service, each with the trace of what changed it, and by which act
    /// if it was one of a caller.
    pub(crate) async fn tell_all(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        customers: impl Iterator<Item = (Option<Trace>, Customer, Option<Entry>)>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let (traces, events): (Vec<_>, Vec<_>) = customers
            .flat_map(|(trace, customer, act)| {
                let act = act.map(|act| message::act_on(&customer, act));
                let changed = message::customer_changed(customer, false);
                [Some(changed), act]
                    .into_iter()
                    .flatten()
                    .map(move |event| (trace, event))
            })
            .unzip();
        let events: Vec<_> = traces.into_iter().zip(&events).collect();
        feed::append_traced(tx, &self.context.ids, partner, now, &events).await?;
        Ok(())
    }

    /// The same for one, and by which act of a caller.
    pub(crate) async fn tell_act(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        customer: Customer,
        act: Entry,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let told = [(telemetry::current(), customer, Some(act))];
        self.tell_all(tx, partner, told.into_iter(), now).await
    }

    /// Tells of an act that is nobody else's business.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        act: Entry,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        feed::append(tx, &self.context.ids, partner, now, &message::act(act)).await?;
        Ok(())
    }

    /// The same for a customer as its rows stand in this transaction, after they were changed.
    pub(crate) async fn tell_current(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        customer_id: CustomerId,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        match store::customer::find(tx, partner, customer_id).await? {
            Some(customer) => self.tell(tx, partner, customer, false, now).await,
            None => Ok(()),
        }
    }
}

/// A page of something, and where the next one begins.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: String,
}

impl<T> Page<T> {
    /// From one row more than the page holds, if there is one.
    pub(crate) fn new(
        mut items: Vec<T>,
        size: i64,
        key: impl Fn(&T) -> (DateTime<Utc>, Uuid),
    ) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        let next = items
            .last()
            .filter(|_| more)
            .map_or_else(String::new, |last| {
                let (at, id) = key(last);
                Cursor {
                    key: at.timestamp_micros().to_string(),
                    id,
                }
                .token()
            });
        Self { items, next }
    }
}

/// Reads a page token of ours.
pub(crate) fn after(token: &str) -> Result<Option<(DateTime<Utc>, Uuid)>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed = Cursor::parse(token).and_then(|cursor| {
        let micros = cursor.key.parse().ok()?;
        Some((DateTime::from_timestamp_micros(micros)?, cursor.id))
    });
    parsed.map(Some).ok_or_else(|| {
        invalid(
            "cursor",
            reason::INVALID,
            "the cursor is not one that a page ended with",
        )
    })
}

/// An error about one field.
pub(crate) fn invalid(field: &str, reason: &str, description: &str) -> Error {
    let mut violations = Violations::default();
    violations.add(field, reason, description);
    Error::Invalid(violations.into_vec())
}

/// Nothing, or all that is wrong.
pub(crate) fn verdict(violations: Violations) -> Result<(), Error> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(violations.into_vec()))
    }
}
