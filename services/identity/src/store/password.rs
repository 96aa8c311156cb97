//! Rows of `password`.

use chrono::{DateTime, Utc};
use kit::{db::Tx, email::Email, id::PartnerId};

use crate::{
    domain::{organization::OrganizationId, person::PersonId, phc::Phc, sign_in::Account},
    error::Error,
};

/// What a person can be recognised by.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// Who.
    pub(crate) account: Account,
    /// The password, if there is one.
    pub(crate) phc: Option<Phc>,
    /// Hash of the one that is good once, if there is one and it is still good.
    pub(crate) one_time: Option<Vec<u8>>,
}

/// What there is for an address, in one read whoever has it.
pub(crate) async fn credentials(
    tx: &mut Tx,
    email: &Email,
    now: DateTime<Utc>,
) -> Result<Option<Credentials>, Error> {
    let row = sqlx::query!(
        r#"select p.partner_id as "partner: PartnerId",
                  p.organization_id as "organization: OrganizationId",
                  p.person_id as "person: PersonId",
                  w.phc as "phc?",
                  o.secret_hash as "one_time?"
           from person p
           left join password w using (partner_id, organization_id, person_id)
           left join one_time_password o
               on (o.partner_id, o.organization_id, o.person_id)
                  = (p.partner_id, p.organization_id, p.person_id)
              and o.ends_at > $2
           where p.email = $1 and p.state <> 'disabled'"#,
        email.as_str(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let phc = row.phc.map(|text| Phc::parse(&text));
    Ok(Some(Credentials {
        account: Account {
            partner: row.partner,
            organization: row.organization,
            person: row.person,
        },
        phc: phc
            .map(|read| read.ok_or(Error::Impossible("password.phc")))
            .transpose()?,
        one_time: row.one_time,
    }))
}

/// Gives a person a password, whether it has one or not.
pub(crate) async fn set(
    tx: &mut Tx,
    whose: Account,
    phc: &Phc,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into password (partner_id, organization_id, person_id, phc, changed_at)
         values ($1, $2, $3, $4, $5)
         on conflict (partner_id, organization_id, person_id) do update
         set phc = excluded.phc, changed_at = excluded.changed_at",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        phc.to_string(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes the same password down at another cost, unless it was changed meanwhile.
pub(crate) async fn rehash(tx: &mut Tx, whose: Account, old: &Phc, new: &Phc) -> Result<(), Error> {
    sqlx::query!(
        "update password set phc = $5
         where partner_id = $1 and organization_id = $2 and person_id = $3 and phc = $4",
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
        old.to_string(),
        new.to_string(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a person has a password.
pub(crate) async fn exists(tx: &mut Tx, whose: Account) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from password
               where partner_id = $1 and organization_id = $2 and person_id = $3) as "exists!""#,
        whose.partner.uuid(),
        whose.organization.uuid(),
        whose.person.uuid(),
    )
    .fetch_one(tx.conn())
    .await?)
}
