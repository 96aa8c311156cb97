//! Rows of `federated_identity`: who is who at a provider.

use chrono::{DateTime, Utc};
use kit::{db::Tx, email::Email, id::PartnerId};

use crate::{
    domain::{
        linking::Candidate, organization::OrganizationId, person::PersonId, provider::ConnectionId,
        sign_in::Account,
    },
    error::Error,
};

/// Forgets whom a provider knows.
pub(crate) async fn forget_all(
    tx: &mut Tx,
    partner: PartnerId,
    provider: ConnectionId,
) -> Result<(), Error> {
    sqlx::query!(
        "delete from federated_identity where partner_id = $1 and connection_id = $2",
        partner.uuid(),
        provider.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How somebody signs in who has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Routed {
    /// The provider of its organization.
    pub(crate) connection: ConnectionId,
    /// It is in use.
    pub(crate) active: bool,
}

/// The provider through which somebody with this address signs in: that of its organization.
/// None for people who keep a password, and where nobody is known.
pub(crate) async fn route(tx: &mut Tx, email: &Email) -> Result<Option<Routed>, Error> {
    let row = sqlx::query!(
        r#"select c.connection_id as "connection: ConnectionId", c.state = 'active' as "active!"
           from person p
           join organization o using (partner_id, organization_id)
           join identity_provider c
               on (c.partner_id, c.connection_id) = (o.partner_id, o.connection_id)
           where p.email = $1 and not p.local_sign_in"#,
        email.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Routed {
        connection: row.connection,
        active: row.active,
    }))
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not depend on each other"
)]
struct Row {
    partner: PartnerId,
    organization: OrganizationId,
    person: PersonId,
    enabled: bool,
    staff: bool,
    roles_elsewhere: bool,
    linked: bool,
}

impl From<Row> for Candidate {
    fn from(row: Row) -> Self {
        Self {
            account: Account {
                partner: row.partner,
                organization: row.organization,
                person: row.person,
            },
            enabled: row.enabled,
            staff: row.staff,
            roles_elsewhere: row.roles_elsewhere,
            linked: row.linked,
        }
    }
}

/// Who a connection knows by this subject, or has this address, among the people of the organizations that
/// are bound to it.
pub(crate) async fn candidate(
    tx: &mut Tx,
    partner: PartnerId,
    connection: ConnectionId,
    by: By<'_>,
) -> Result<Option<Candidate>, Error> {
    let (subject, email) = match by {
        By::Subject(subject) => (Some(subject), None),
        By::Address(email) => (None, Some(email.as_str())),
    };
    let row = sqlx::query_as!(
        Row,
        r#"select p.partner_id as "partner: PartnerId",
                  p.organization_id as "organization: OrganizationId",
                  p.person_id as "person: PersonId",
                  p.state <> 'disabled' as "enabled!",
                  p.organization_id = p.partner_id as "staff!",
                  exists (select from role_grant g
                          where g.person_id = p.person_id
                            and (g.partner_id, g.organization_id)
                                <> (p.partner_id, p.organization_id)) as "roles_elsewhere!",
                  exists (select from federated_identity f
                          where f.person_id = p.person_id
                            and f.connection_id = $2) as "linked!"
           from person p
           join organization o using (partner_id, organization_id)
           where o.partner_id = $1
             and o.connection_id = $2
             and ($3::text is null
                  or p.person_id = (select f.person_id from federated_identity f
                                    where f.partner_id = $1
                                      and f.connection_id = $2
                                      and f.subject = $3))
             and ($4::text is null or p.email = $4)"#,
        partner.uuid(),
        connection.uuid(),
        subject,
        email,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Candidate::from))
}

/// How somebody is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    /// By what its provider calls it.
    Subject(&'a str),
    /// By its address, which the provider has verified.
    Address(&'a Email),
}

/// Remembers somebody by its subject, or that it was here again. False when another was faster.
pub(crate) async fn remember(
    tx: &mut Tx,
    whose: Account,
    connection: ConnectionId,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into federated_identity
             (partner_id, organization_id, connection_id, subject, person_id, linked_at, seen_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (partner_id, connection_id, subject) do update
         set seen_at = excluded.seen_at
         where federated_identity.person_id = excluded.person_id",
        whose.partner.uuid(),
        whose.organization.uuid(),
        connection.uuid(),
        subject,
        whose.person.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
