//! Subscribers. What is removed is seen by nobody but the history.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};

use crate::{
    domain::{
        CustomerId, LocationId, PersonId, SubscriberId,
        seat::Seat,
        subscriber::{Draft, Names, Status, Subscriber},
    },
    error::Error,
    store::assignment::{self, Started},
};

/// A row, as every query below reads it.
pub(crate) struct Row {
    pub(crate) subscriber_id: SubscriberId,
    pub(crate) customer_id: CustomerId,
    pub(crate) external_id: String,
    pub(crate) person_id: PersonId,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) administrator: bool,
    pub(crate) status: String,
    pub(crate) location_id: Option<LocationId>,
    pub(crate) primary_phone_number: Option<String>,
    pub(crate) extension: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) status_changed_at: DateTime<Utc>,
    pub(crate) assigned_at: DateTime<Utc>,
    pub(crate) packages: Vec<String>,
}

impl TryFrom<Row> for Subscriber {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.subscriber_id,
            customer_id: row.customer_id,
            external_customer_id: row.external_id,
            person_id: row.person_id,
            email: row.email,
            names: Names {
                first: row.first_name,
                last: row.last_name,
            },
            administrator: row.administrator,
            packages: row.packages,
            status: Status::named(&row.status).ok_or(Error::Inconsistent("subscriber status"))?,
            seat: Seat {
                location: row.location_id,
                number: row.primary_phone_number,
                extension: row.extension,
            },
            created_at: row.created_at,
            status_changed_at: row.status_changed_at,
            assigned_at: row.assigned_at,
        })
    }
}

/// Reads rows with their packages in one query. What follows `from` is the caller's.
macro_rules! select {
    ($first:literal $(+ $rest:literal)* $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            $crate::store::subscriber::Row,
            r#"select s.subscriber_id "subscriber_id: SubscriberId", s.customer_id "customer_id: CustomerId",
                      c.external_id, s.person_id "person_id: PersonId", s.email, s.first_name,
                      s.last_name, s.administrator, s.status, s.location_id "location_id: LocationId",
                      s.primary_phone_number, s.extension, s.created_at, s.status_changed_at,
                      s.assigned_at,
                      array(select a.package from assignment a
                            where a.partner_id = s.partner_id and a.customer_id = s.customer_id
                              and a.subscriber_id = s.subscriber_id and a.ended_at is null
                            order by a.slot <> 'base', a.slot) "packages!"
               from subscriber s
               join customer c on c.partner_id = s.partner_id and c.customer_id = s.customer_id
               where s.partner_id = $1 and s.removed_at is null "# + $first $(+ $rest)*
            $(, $argument)*
        )
    };
}
pub(crate) use select;

/// Finds one.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    subscriber: SubscriberId,
) -> Result<Option<Subscriber>, Error> {
    select!(
        "and s.subscriber_id = $2",
        partner.uuid(),
        subscriber.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Subscriber::try_from)
    .transpose()
}

/// Finds the one with this e-mail, whichever of the partner's customers it belongs to.
pub(crate) async fn find_by_email(
    tx: &mut Tx,
    partner: PartnerId,
    email: &str,
) -> Result<Option<Subscriber>, Error> {
    select!("and s.email = $2", partner.uuid(), email)
        .fetch_optional(tx.conn())
        .await?
        .map(Subscriber::try_from)
        .transpose()
}

/// Locks one and reads it as it is once locked.
pub(crate) async fn lock(
    tx: &mut Tx,
    partner: PartnerId,
    subscriber: SubscriberId,
) -> Result<Option<Subscriber>, Error> {
    sqlx::query!(
        "select subscriber_id
         from subscriber
         where partner_id = $1 and subscriber_id = $2 and removed_at is null
         for update",
        partner.uuid(),
        subscriber.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    // A second statement, because one that waits for a lock sees other tables as they were before.
    find(tx, partner, subscriber).await
}

/// One to write.
#[derive(Debug)]
pub(crate) struct New<'a> {
    /// Id.
    pub(crate) id: SubscriberId,
    /// The customer.
    pub(crate) customer: CustomerId,
    /// The person.
    pub(crate) person: PersonId,
    /// The organization's full administrator.
    pub(crate) administrator: bool,
    /// What is asked for.
    pub(crate) draft: &'a Draft,
    /// What it holds.
    pub(crate) started: &'a [Started],
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// Writes a new one, which is thereby locked, with what it holds. The customer is locked.
pub(crate) async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    new: New<'_>,
) -> Result<Subscriber, sqlx::Error> {
    let New { draft, at, .. } = new;
    let (ids, slots, packages) = assignment::columns(new.started);
    let written = sqlx::query!(
        r#"with written as (
               insert into subscriber (partner_id, customer_id, subscriber_id, person_id, email,
                                       first_name, last_name, administrator, status, location_id,
                                       primary_phone_number, extension, created_at,
                                       status_changed_at, assigned_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13)
           ), given as (
               select *
               from unnest($14::uuid[], $15::text[], $16::text[])
                   as given (assignment_id, slot, package)
           ), started as (
               insert into assignment (partner_id, customer_id, subscriber_id, assignment_id, slot,
                                       package, location_id, started_at)
               select $1, $2, $3, assignment_id, slot, package, $10, $13
               from given
           )
           select external_id,
                  array(select package from given order by slot <> 'base', slot) "packages!"
           from customer
           where partner_id = $1 and customer_id = $2"#,
        partner.uuid(),
        new.customer.uuid(),
        new.id.uuid(),
        new.person.uuid(),
        draft.email.as_str(),
        draft.names.first,
        draft.names.last,
        new.administrator,
        Status::Provisioned.name(),
        draft.seat.location.map(LocationId::uuid),
        draft.seat.number,
        draft.seat.extension,
        at,
        &ids,
        &slots,
        &packages,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Subscriber {
        id: new.id,
        customer_id: new.customer,
        external_customer_id: written.external_id,
        person_id: new.person,
        email: draft.email.as_str().to_owned(),
        names: draft.names.clone(),
        administrator: new.administrator,
        packages: written.packages,
        status: Status::Provisioned,
        seat: draft.seat.clone(),
        created_at: at,
        status_changed_at: at,
        assigned_at: at,
    })
}

/// Changes the seat, and notes when assignments changed.
pub(crate) async fn set_seat(
    tx: &mut Tx,
    partner: PartnerId,
    subscriber: &Subscriber,
    seat: &Seat,
    assigned_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update subscriber
         set location_id = $4, primary_phone_number = $5, extension = $6, assigned_at = $7
         where partner_id = $1 and customer_id = $2 and subscriber_id = $3",
        partner.uuid(),
        subscriber.customer_id.uuid(),
        subscriber.id.uuid(),
        seat.location.map(LocationId::uuid),
        seat.number,
        seat.extension,
        assigned_at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Removes one: its e-mail, number and extension become free.
pub(crate) async fn remove(
    tx: &mut Tx,
    partner: PartnerId,
    subscriber: &Subscriber,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update subscriber
         set removed_at = $4, assigned_at = $4
         where partner_id = $1 and customer_id = $2 and subscriber_id = $3",
        partner.uuid(),
        subscriber.customer_id.uuid(),
        subscriber.id.uuid(),
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// Removes all of a customer's.
pub(crate) async fn remove_all(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update subscriber
         set removed_at = greatest($3, assigned_at), assigned_at = greatest($3, assigned_at)
         where partner_id = $1 and customer_id = $2 and removed_at is null",
        partner.uuid(),
        customer.uuid(),
        at,
    )
    .execute(tx.conn())
    .await
    .map(drop)
}

/// What of a draft somebody else has. Runs in whole scope: e-mail and number are unique across
/// partners, and nothing but yes or no is read.
pub(crate) async fn taken(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    email: Option<&str>,
    seat: &Seat,
) -> Result<Taken, sqlx::Error> {
    sqlx::query_as!(
        Taken,
        r#"select
               exists (select from subscriber
                       where email = $3 and removed_at is null) "email!",
               exists (select from subscriber
                       where primary_phone_number = $4 and removed_at is null) "number!",
               exists (select from subscriber
                       where partner_id = $1 and customer_id = $2 and location_id = $5
                         and extension = $6 and removed_at is null) "extension!""#,
        partner.uuid(),
        customer.uuid(),
        email,
        seat.number,
        seat.location.map(LocationId::uuid),
        seat.extension,
    )
    .fetch_one(tx.conn())
    .await
}

/// See [`taken`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// The e-mail address.
    pub(crate) email: bool,
    /// The number.
    pub(crate) number: bool,
    /// The extension, at its location.
    pub(crate) extension: bool,
}

/// Writes the address that a person has now.
pub(crate) async fn set_email(
    tx: &mut Tx,
    partner: PartnerId,
    person: PersonId,
    email: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update subscriber
         set email = $3
         where partner_id = $1 and person_id = $2 and removed_at is null",
        partner.uuid(),
        person.uuid(),
        email,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The subscriber that a person is.
pub(crate) async fn of_person(
    tx: &mut Tx,
    partner: PartnerId,
    person: PersonId,
) -> Result<Option<SubscriberId>, Error> {
    Ok(sqlx::query_scalar!(
        r#"select subscriber_id as "subscriber_id: SubscriberId"
           from subscriber
           where partner_id = $1 and person_id = $2 and removed_at is null"#,
        partner.uuid(),
        person.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?)
}
