//! Rows of `session`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId, page::Cursor};

use crate::{
    domain::{
        organization::OrganizationId,
        person::PersonId,
        provider::ConnectionId,
        secret::SecretHash,
        session::{IDLE, Session, SessionId},
        sign_in::Account,
    },
    error::Error,
};

/// Adds one.
pub(crate) async fn insert(tx: &mut Tx, new: &Session, secret: SecretHash) -> Result<(), Error> {
    sqlx::query!(
        "insert into session (partner_id, organization_id, session_id, person_id, secret_hash,
                              methods, authenticated_at, created_at, seen_at, ends_at,
                              address, agent)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11)",
        new.account.partner.uuid(),
        new.account.organization.uuid(),
        new.id.uuid(),
        new.person().uuid(),
        secret.as_bytes(),
        &new.methods,
        new.authenticated_at,
        new.seen_at,
        new.ends_at,
        new.address,
        new.agent,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes through which provider one came, and how it is called there.
pub(crate) async fn came_through(
    tx: &mut Tx,
    session: &Session,
    provider: ConnectionId,
    upstream: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "update session set connection_id = $4, upstream = $5::text::jsonb
         where partner_id = $1 and organization_id = $2 and session_id = $3",
        session.account.partner.uuid(),
        session.account.organization.uuid(),
        session.id.uuid(),
        provider.uuid(),
        upstream,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    partner_id: PartnerId,
    organization_id: OrganizationId,
    session_id: SessionId,
    person_id: PersonId,
    methods: Vec<String>,
    authenticated_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    address: String,
    agent: String,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.session_id,
            account: Account {
                partner: row.partner_id,
                organization: row.organization_id,
                person: row.person_id,
            },
            methods: row.methods,
            authenticated_at: row.authenticated_at,
            seen_at: row.seen_at,
            ends_at: row.ends_at,
            address: row.address,
            agent: row.agent,
        }
    }
}

/// Finds a live one by its cookie, whosever it is.
pub(crate) async fn find(
    tx: &mut Tx,
    secret: SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<Session>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  session_id as "session_id: SessionId",
                  person_id as "person_id: PersonId",
                  methods, authenticated_at, seen_at, ends_at, address, agent
           from session
           where secret_hash = $1
             and exists (select from person
                         where (person.partner_id, person.organization_id, person.person_id)
                               = (session.partner_id, session.organization_id, session.person_id)
                           and person.state <> 'disabled')"#,
        secret.as_bytes(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row
        .map(Session::from)
        .filter(|session| session.is_live(now)))
}

/// Notes that one is in use.
pub(crate) async fn note(tx: &mut Tx, session: &Session, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update session set seen_at = $4
         where partner_id = $1 and organization_id = $2 and session_id = $3",
        session.account.partner.uuid(),
        session.account.organization.uuid(),
        session.id.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The live ones of a person, newest first, after the one that a page ended with.
pub(crate) async fn list(
    tx: &mut Tx,
    whose: Account,
    after: Option<&Cursor>,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Session>, Error> {
    // ids are in the order of time
    let rows = sqlx::query_as!(
        Row,
        r#"select partner_id as "partner_id: PartnerId",
                  organization_id as "organization_id: OrganizationId",
                  session_id as "session_id: SessionId",
                  person_id as "person_id: PersonId",
                  methods, authenticated_at, seen_at, ends_at, address, agent
           from session
           where partner_id = $1 and organization_id = $2 and person_id = $3
             and ends_at > $4 and seen_at > $5
             and ($6::uuid is null or session_id < $6)
           order by session_id desc
           limit $7"#,
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        now,
        now - IDLE,
        after.map(|cursor| cursor.id),
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// Ends one by its cookie, whosever it is.
pub(crate) async fn end_by_secret(tx: &mut Tx, secret: SecretHash) -> Result<(), Error> {
    sqlx::query!(
        "delete from session where secret_hash = $1",
        secret.as_bytes()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends one of a person; false when it has none such.
pub(crate) async fn end_own(tx: &mut Tx, whose: Account, id: SessionId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "delete from session
         where partner_id = $1 and organization_id = $2 and person_id = $3 and session_id = $4",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        id.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose one is.
pub(crate) async fn person_of(tx: &mut Tx, id: SessionId) -> Result<Option<PersonId>, Error> {
    Ok(sqlx::query_scalar!(
        r#"select person_id as "person_id: PersonId" from session where session_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Ends all of a person; how many there were.
pub(crate) async fn end_all(tx: &mut Tx, whose: Account) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from session
         where partner_id = $1 and organization_id = $2 and person_id = $3",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Ends all that came through a provider of a tenant.
pub(crate) async fn end_through(
    tx: &mut Tx,
    partner: PartnerId,
    provider: ConnectionId,
) -> Result<Vec<SessionId>, Error> {
    Ok(sqlx::query_scalar!(
        r#"delete from session
           where partner_id = $1 and connection_id = $2
           returning session_id as "session_id: SessionId""#,
        partner.uuid(),
        provider.uuid(),
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Forgets those that ended, some at a time.
pub(crate) async fn prune(tx: &mut Tx, now: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from session
         where session_id in (
             select session_id from session where ends_at <= $1 or seen_at <= $2 limit $3)",
        now,
        now - IDLE,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
