//! What a request about customers is judged on.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use kit::{
    db::Tx,
    fault::{Violations, reason::MISSING},
    id::PartnerId,
};
use uuid::Uuid;

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
        standing::{self, Named, Standing},
    },
};

/// The setting that lets a partner defer billing.
pub(crate) const DELAYED_BILLING: &str = "enable_wholesale_delayed_billing";

/// What the judgement of an application leans on.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) template: Option<Arc<Template>>,
    pub(crate) standing: Standing,
}

impl Ground {
    /// For several applications of one partner: three round trips, however many they are.
    pub(crate) async fn survey_all(
        tx: &mut Tx,
        partner: PartnerId,
        applications: &[&Application],
    ) -> Result<Vec<Self>, Error> {
        let catalogue = Arc::new(store::package::catalogue(tx).await?);
        let wanted: BTreeSet<Uuid> = applications.iter().copied().filter_map(named).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let templates: HashMap<Uuid, Arc<Template>> =
            store::template::find_by_provisioning_ids(tx, partner, &wanted)
                .await?
                .into_iter()
                .map(|template| (template.provisioning_id, Arc::new(template)))
                .collect();
        let subjects: Vec<_> = applications
            .iter()
            .map(|application| Named {
                external_id: application.external_id.trim().to_owned(),
                organization_id: application.organization_id.trim().parse().ok(),
            })
            .collect();
        let standings = standing::find_all(tx, partner, &subjects, DELAYED_BILLING).await?;
        Ok(applications
            .iter()
            .zip(standings)
            .map(|(application, standing)| Self {
                catalogue: Arc::clone(&catalogue),
                template: named(application).and_then(|id| templates.get(&id).cloned()),
                standing,
            })
            .collect())
    }

    /// For one application.
    pub(crate) async fn survey(
        tx: &mut Tx,
        partner: PartnerId,
        application: &Application,
    ) -> Result<Self, Error> {
        let grounds = Self::survey_all(tx, partner, &[application]).await?;
        grounds.into_iter().next().ok_or(Error::Inconsistent {
            table: "customer",
            detail: "an application stands nowhere".to_owned(),
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

/// The provisioning id that an application names.
fn named(application: &Application) -> Option<Uuid> {
    application.provisioning_id.trim().parse().ok()
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
