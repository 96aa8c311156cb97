//! What a request about customers is judged on.

use kit::{
    db::Tx,
    fault::{Violations, reason::MISSING},
    id::PartnerId,
};

use crate::{
    app::{App, invalid},
    domain::{
        application::Application,
        catalogue::Catalogue,
        rules::{Rules, Strictness},
        template::Template,
    },
    error::{Error, reason},
    store::{
        self,
        standing::{self, Standing},
    },
};

/// The setting that lets a partner defer billing.
pub(crate) const DELAYED_BILLING: &str = "enable_wholesale_delayed_billing";

/// What the judgement of an application leans on.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) catalogue: Catalogue,
    pub(crate) template: Option<Template>,
    pub(crate) standing: Standing,
}

impl Ground {
    pub(crate) async fn survey(
        tx: &mut Tx,
        partner: PartnerId,
        application: &Application,
    ) -> Result<Self, Error> {
        let catalogue = store::package::catalogue(tx).await?;
        let template = match application.provisioning_id.trim().parse() {
            Ok(id) => store::template::find_by_provisioning_id(tx, partner, id).await?,
            Err(_) => None,
        };
        let external_id = application.external_id.trim();
        let organization_id = application.organization_id.trim().parse().ok();
        let standing =
            standing::find(tx, partner, external_id, organization_id, DELAYED_BILLING).await?;
        Ok(Self {
            catalogue,
            template,
            standing,
        })
    }

    /// The rules that follow from it.
    pub(crate) fn rules(&self, app: &App, strictness: Strictness) -> Rules<'_> {
        Rules {
            catalogue: &self.catalogue,
            today: app.now().date_naive(),
            delayed_billing: self.standing.enabled,
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
