//! Onboarding templates.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use super::named;
use crate::{
    domain::template::{Settings, Template, TemplateId},
    error::Error,
};

struct Row {
    template_id: TemplateId,
    provisioning_id: Uuid,
    name: String,
    country: String,
    region: String,
    service_provider_admin: String,
    language: String,
    subscription_id: String,
    pstn_provider: String,
    authentication_mode: String,
    identity_provider: String,
    brand_name: String,
    allow_admin_invite_emails: bool,
    internal_calls_disabled: bool,
    unrestricted: bool,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

impl TryFrom<Row> for Template {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.template_id,
            provisioning_id: row.provisioning_id,
            settings: Settings {
                region: named("template", &row.region)?,
                authentication_mode: named("template", &row.authentication_mode)?,
                name: row.name,
                country: row.country,
                service_provider_admin: row.service_provider_admin,
                language: row.language,
                subscription_id: row.subscription_id,
                pstn_provider: row.pstn_provider,
                identity_provider: row.identity_provider,
                brand_name: row.brand_name,
                allow_admin_invite_emails: row.allow_admin_invite_emails,
                internal_calls_disabled: row.internal_calls_disabled,
                unrestricted: row.unrestricted,
            },
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

/// The columns once, with what follows them.
macro_rules! templates {
    ($rest:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            "select template_id as \"template_id: TemplateId\", provisioning_id, name, country, region,
                    service_provider_admin, language, subscription_id, pstn_provider,
                    authentication_mode, identity_provider, brand_name, allow_admin_invite_emails,
                    internal_calls_disabled, unrestricted, created_at, changed_at
             from template " + $rest,
            $($argument),+
        )
    };
}

/// Writes a new one.
pub(crate) async fn insert(
    tx: &mut Tx,
    partner: PartnerId,
    template: &Template,
) -> Result<(), Error> {
    let settings = &template.settings;
    sqlx::query!(
        "insert into template
             (partner_id, template_id, provisioning_id, name, country, region,
              service_provider_admin, language, subscription_id, pstn_provider,
              authentication_mode, identity_provider, brand_name, allow_admin_invite_emails,
              internal_calls_disabled, unrestricted, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        partner.uuid(),
        template.id.uuid(),
        template.provisioning_id,
        settings.name,
        settings.country,
        settings.region.name(),
        settings.service_provider_admin,
        settings.language,
        settings.subscription_id,
        settings.pstn_provider,
        settings.authentication_mode.name(),
        settings.identity_provider,
        settings.brand_name,
        settings.allow_admin_invite_emails,
        settings.internal_calls_disabled,
        settings.unrestricted,
        template.created_at,
        template.changed_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Replaces the settings; false when there is no such template.
pub(crate) async fn update(
    tx: &mut Tx,
    partner: PartnerId,
    template_id: TemplateId,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let updated = sqlx::query!(
        "update template
         set name = $3, country = $4, region = $5, service_provider_admin = $6, language = $7,
             subscription_id = $8, pstn_provider = $9, authentication_mode = $10,
             identity_provider = $11, brand_name = $12, allow_admin_invite_emails = $13,
             internal_calls_disabled = $14, unrestricted = $15, changed_at = $16
         where partner_id = $1 and template_id = $2",
        partner.uuid(),
        template_id.uuid(),
        settings.name,
        settings.country,
        settings.region.name(),
        settings.service_provider_admin,
        settings.language,
        settings.subscription_id,
        settings.pstn_provider,
        settings.authentication_mode.name(),
        settings.identity_provider,
        settings.brand_name,
        settings.allow_admin_invite_emails,
        settings.internal_calls_disabled,
        settings.unrestricted,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// What a deletion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It is gone.
    Done,
    /// There was none.
    Missing,
    /// A customer was created with it.
    InUse,
}

/// Deletes one that no customer was ever created with. The foreign key is the judge, so that no
/// customer slips in between a check and the deletion.
pub(crate) async fn delete(
    tx: &mut Tx,
    partner: PartnerId,
    template_id: TemplateId,
) -> Result<Deletion, Error> {
    let deleted = sqlx::query!(
        "delete from template where partner_id = $1 and template_id = $2",
        partner.uuid(),
        template_id.uuid(),
    )
    .execute(tx.conn())
    .await;
    match deleted {
        Ok(done) if done.rows_affected() == 0 => Ok(Deletion::Missing),
        Ok(_) => Ok(Deletion::Done),
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            Ok(Deletion::InUse)
        }
        Err(error) => Err(error.into()),
    }
}

/// One by its id.
pub(crate) async fn find(
    tx: &mut Tx,
    partner: PartnerId,
    template_id: TemplateId,
) -> Result<Option<Template>, Error> {
    templates!(
        "where partner_id = $1 and template_id = $2",
        partner.uuid(),
        template_id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Template::try_from)
    .transpose()
}

/// Those that creations of customers name.
pub(crate) async fn find_by_provisioning_ids(
    tx: &mut Tx,
    partner: PartnerId,
    provisioning_ids: &[Uuid],
) -> Result<Vec<Template>, Error> {
    templates!(
        "where partner_id = $1 and provisioning_id = any($2)",
        partner.uuid(),
        provisioning_ids
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Template::try_from)
    .collect()
}

/// A page, newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Template>, Error> {
    let (at, id) = before.unzip();
    templates!(
        "where partner_id = $1
           and ($2::timestamptz is null or (created_at, template_id) < ($2, $3))
         order by created_at desc, template_id desc
         limit $4",
        partner.uuid(),
        at,
        id,
        most,
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(Template::try_from)
    .collect()
}
