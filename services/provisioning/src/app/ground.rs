//! What a request about customers is judged on.

use kit::{
    fault::{Violations, reason::MISSING},
    id::PartnerId,
    scope::Scope,
};

use crate::{
    app::{App, invalid},
    domain::{
        application::Application,
        catalogue::Catalogue,
        customer::CustomerId,
        rules::{Rules, Strictness},
        template::Template,
    },
    error::{Error, reason},
    store,
};

/// The setting that lets a partner defer billing.
pub(crate) const DELAYED_BILLING: &str = "enable_wholesale_delayed_billing";

/// What the judgement of an application leans on, read in one short transaction.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) catalogue: Catalogue,
    pub(crate) template: Option<Template>,
    /// The live customer with the same external id, and what it was created from.
    pub(crate) existing: Option<(CustomerId, Vec<u8>)>,
    /// The organization to attach to has the service.
    pub(crate) organization_taken: bool,
    pub(crate) delayed_billing: bool,
    pub(crate) shared_subscription: Option<String>,
}

impl Ground {
    pub(crate) async fn survey(
        app: &App,
        partner: PartnerId,
        application: &Application,
    ) -> Result<Self, Error> {
        let mut tx = app.context.db.begin(Scope::Partner(partner)).await?;
        let catalogue = store::package::catalogue(&mut tx).await?;
        let template = match application.provisioning_id.trim().parse() {
            Ok(id) => store::template::find_by_provisioning_id(&mut tx, partner, id).await?,
            Err(_) => None,
        };
        let external_id = application.external_id.trim();
        let existing = store::customer::find_by_external_id(&mut tx, partner, external_id).await?;
        let organization_taken = match application.organization_id.trim().parse() {
            Ok(id) => store::customer::has_organization(&mut tx, partner, id).await?,
            Err(_) => false,
        };
        let delayed_billing = !application.billing_start_date.is_empty()
            && store::sub_partner::setting(&mut tx, partner, DELAYED_BILLING).await?;
        let named = template
            .as_ref()
            .is_some_and(|t| !t.settings.subscription_id.is_empty());
        let shared_subscription = if named {
            None
        } else {
            store::sub_partner::shared_subscription(&mut tx, partner).await?
        };
        Ok(Self {
            catalogue,
            template,
            existing,
            organization_taken,
            delayed_billing,
            shared_subscription,
        })
    }

    /// The rules that follow from it.
    pub(crate) fn rules(&self, app: &App, strictness: Strictness) -> Rules<'_> {
        Rules {
            catalogue: &self.catalogue,
            today: app.now().date_naive(),
            delayed_billing: self.delayed_billing,
            strictness,
        }
    }

    /// Notes a provisioning id that names no template of the partner.
    pub(crate) fn check_template(&self, application: &Application, violations: &mut Violations) {
        const FIELD: &str = "provisioningId";
        if application.provisioning_id.trim().is_empty() {
            violations.add(FIELD, MISSING, "provisioningId is required");
        } else if self.template.is_none() {
            violations.add(FIELD, reason::PROVISIONING_ID_UNKNOWN, UNKNOWN_TEMPLATE);
        }
    }
}

const UNKNOWN_TEMPLATE: &str = "no template has this provisioning id";

/// The template is not there, or not any more.
pub(crate) fn unknown_template() -> Error {
    invalid(
        "provisioningId",
        reason::PROVISIONING_ID_UNKNOWN,
        UNKNOWN_TEMPLATE,
    )
}
