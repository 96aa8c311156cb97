//! Every validation of a creation, all findings at once, nothing changed.

use kit::{auth::Caller, fault::Violations};

use crate::{
    app::{App, attach, create_customer::external_id_in_use, ground::Ground, verdict},
    domain::{application::Application, rules::Strictness, text::is_email},
    error::{Error, reason},
};

/// Judges an application as its creation would.
pub(crate) async fn precheck_customer(
    app: &App,
    caller: &Caller,
    application: &Application,
) -> Result<(), Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let ground = Ground::survey(&mut tx, caller.partner, application).await?;
    // others are asked below
    drop(tx);
    let mut violations = Violations::default();
    if !application.provisioning_id.trim().is_empty() {
        ground.check_template(application, &mut violations);
    }
    let attached = attach::find(app, caller.partner, application).await?;
    let attached = attached.check(&mut violations);
    if ground.standing.organization_taken {
        let text = attach::already_wholesale().to_string();
        violations.add("orgId", reason::ORGANIZATION_ALREADY_WHOLESALE, text);
    }
    let draft = application.checked(&ground.rules(app, Strictness::Precheck), &mut violations);
    if let Some((existing, fingerprint)) = &ground.standing.existing
        && *fingerprint != application.fingerprint
    {
        let text = external_id_in_use(&draft.external_id, *existing).to_string();
        violations.add("externalId", reason::EXTERNAL_ID_IN_USE, text);
    }
    let organization = attached.map(|attached| attached.organization_id);
    // an address that is none is not worth a question
    if is_email(&draft.primary_email) && app.email_taken(&draft.primary_email, organization).await?
    {
        violations.add(
            "customerInfo.primaryEmail",
            reason::EMAIL_IN_USE,
            "the primary e-mail belongs to another organization",
        );
    }
    verdict(violations)
}
