//! Onboarding templates.

use kit::{
    audit::{self, Entry},
    auth::Caller,
    fault::Violations,
    idempotency::{self, Claim},
    page,
};

use crate::{
    app::{App, Page, after, verdict},
    domain::template::{AuthenticationMode, Settings, SettingsForm, Template, TemplateId},
    error::{Error, reason},
    store::{self, template::Deletion},
};

/// Templates of a page when nothing else is asked for, and at most.
const PAGE: (i64, i64) = (100, 1000);

/// Creates one; a sub-partner's takes its parent's shared subscription unless it names one.
pub(crate) async fn create_template(
    app: &App,
    caller: &Caller,
    form: &SettingsForm,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<Template, Error> {
    let mut violations = Violations::default();
    let mut settings = form.checked(&mut violations);
    verdict(violations)?;
    provider_in_use(app, caller, &settings).await?;
    let now = app.now();
    let template_id = TemplateId::new(&app.context.ids);
    let mut tx = app.context.db.begin(caller.scope()).await?;
    if !key.is_empty() {
        let reference = template_id.uuid();
        let claim =
            idempotency::claim(&mut tx, caller.partner, key, fingerprint, reference, now).await?;
        match claim {
            Claim::New => {}
            Claim::Same(made) => {
                let made = TemplateId::from_uuid(made);
                return store::template::find(&mut tx, caller.partner, made)
                    .await?
                    .ok_or(Error::Missing("template"));
            }
            Claim::Different => return Err(key_reused()),
        }
    }
    if settings.subscription_id.is_empty() {
        settings.subscription_id = store::sub_partner::shared_subscription(&mut tx, caller.partner)
            .await?
            .unwrap_or_default();
    }
    let template = Template {
        id: template_id,
        provisioning_id: app.uuid(),
        settings,
        created_at: now,
        changed_at: now,
    };
    store::template::insert(&mut tx, caller.partner, &template).await?;
    let act = on(audit::by(caller, "template.created"), template_id);
    let act = act.detail("name", &template.settings.name);
    app.note(&mut tx, caller.partner, act, now).await?;
    tx.commit().await?;
    Ok(template)
}

/// Fails when customers would be sent to a provider that the partner has not got in use.
async fn provider_in_use(app: &App, caller: &Caller, settings: &Settings) -> Result<(), Error> {
    let (mode, provider) = (settings.authentication_mode, &settings.identity_provider);
    if mode == AuthenticationMode::Platform {
        return Ok(());
    }
    let mut violations = Violations::default();
    violations.check(
        app.provider_in_use(caller.partner, mode, provider).await?,
        "identityProvider",
        reason::IDENTITY_PROVIDER_UNKNOWN,
        "no identity provider of yours that is in use",
    );
    verdict(violations)
}

/// An act on a template.
fn on(act: Entry, template: TemplateId) -> Entry {
    act.target("template", template)
}

/// An idempotency key that came with another request.
pub(crate) fn key_reused() -> Error {
    Error::conflict(
        reason::IDEMPOTENCY_KEY_REUSED,
        "the idempotency key was used for another request",
    )
}

/// Reads one.
pub(crate) async fn get_template(
    app: &App,
    caller: &Caller,
    template_id: TemplateId,
) -> Result<Template, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::template::find(&mut tx, caller.partner, template_id)
        .await?
        .ok_or(Error::Missing("template"))
}

/// A page, newest first.
pub(crate) async fn list_templates(
    app: &App,
    caller: &Caller,
    size: i32,
    token: &str,
) -> Result<Page<Template>, Error> {
    let size = page::size(size, PAGE.0, PAGE.1);
    let before = after(token)?;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let templates = store::template::list(&mut tx, caller.partner, before, size + 1).await?;
    Ok(Page::new(templates, size, |template| {
        (template.created_at, template.id.uuid())
    }))
}

/// Replaces the settings; customers keep what they were onboarded with.
pub(crate) async fn update_template(
    app: &App,
    caller: &Caller,
    template_id: TemplateId,
    form: &SettingsForm,
) -> Result<Template, Error> {
    let mut violations = Violations::default();
    let settings = form.checked(&mut violations);
    let now = app.now();
    let partner = caller.partner;
    get_template(app, caller, template_id).await?;
    verdict(violations)?;
    provider_in_use(app, caller, &settings).await?;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::template::update(&mut tx, partner, template_id, &settings, now).await?;
    let template = store::template::find(&mut tx, partner, template_id)
        .await?
        .ok_or(Error::Missing("template"))?;
    let act = on(audit::by(caller, "template.updated"), template_id);
    let act = act.detail("name", &template.settings.name);
    app.note(&mut tx, partner, act, now).await?;
    tx.commit().await?;
    Ok(template)
}

/// Deletes one that was never used.
pub(crate) async fn delete_template(
    app: &App,
    caller: &Caller,
    template_id: TemplateId,
) -> Result<(), Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    match store::template::delete(&mut tx, caller.partner, template_id).await? {
        Deletion::Done => {
            let act = on(audit::by(caller, "template.deleted"), template_id);
            app.note(&mut tx, caller.partner, act, app.now()).await?;
            Ok(tx.commit().await?)
        }
        Deletion::Missing => Err(Error::Missing("template")),
        Deletion::InUse => Err(Error::conflict(
            reason::TEMPLATE_IN_USE,
            "customers were created with this template",
        )),
    }
}
