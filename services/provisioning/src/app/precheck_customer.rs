//! Every validation of a creation, all findings at once, nothing changed.

use kit::{auth::Caller, fault::Violations};

use crate::{
    app::{
        App,
        create_customer::{ATTACH_TEXT, Ground, external_id_in_use},
        verdict,
    },
    domain::{
        application::{Application, Strictness},
        text::is_email,
    },
    error::{Error, reason},
};

/// Judges an application as its creation would.
pub(crate) async fn precheck_customer(
    app: &App,
    caller: &Caller,
    application: &Application,
) -> Result<(), Error> {
    let ground = Ground::survey(app, caller.partner, application).await?;
    let mut violations = Violations::default();
    if !application.provisioning_id.trim().is_empty() {
        ground.check_template(application, &mut violations);
    }
    violations.check(
        application.organization_id.trim().is_empty(),
        "orgId",
        reason::ATTACH_NOT_AVAILABLE,
        ATTACH_TEXT,
    );
    let draft = application.checked(&ground.rules(app, Strictness::Precheck), &mut violations);
    if let Some((existing, fingerprint)) = &ground.existing
        && *fingerprint != application.fingerprint
    {
        let text = external_id_in_use(&draft.external_id, *existing).to_string();
        violations.add("externalId", reason::EXTERNAL_ID_IN_USE, text);
    }
    // an address that is none is not worth a question
    if is_email(&draft.primary_email) && app.email_taken(&draft.primary_email, None).await? {
        violations.add(
            "customerInfo.primaryEmail",
            reason::EMAIL_IN_USE,
            "the primary e-mail belongs to another organization",
        );
    }
    verdict(violations)
}
