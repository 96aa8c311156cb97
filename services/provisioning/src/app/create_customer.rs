//! Accepting a new customer.

use kit::{
    auth::Caller,
    fault::{Violations, reason::MISSING},
    id::PartnerId,
    operation::{self, StartError},
};

use uuid::Uuid;

use crate::{
    app::{
        App,
        attach::{self, Attached},
        invalid,
        provision_customer::{Memory, ProvisionCustomer},
        verdict,
    },
    domain::{
        application::{Application, Draft, Rules, Strictness},
        catalogue::Catalogue,
        country,
        customer::{
            Customer, CustomerId, CustomerStatus, HeldPackage, Location, PackageStatus, Plan, Terms,
        },
        locale,
        template::{Settings, Template},
    },
    error::{Error, reason},
    store::{
        self,
        customer::{Acceptance, Insertion},
    },
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
    shared_subscription: Option<String>,
}

impl Ground {
    pub(crate) async fn survey(
        app: &App,
        partner: PartnerId,
        application: &Application,
    ) -> Result<Self, Error> {
        let mut tx = app
            .context
            .db
            .begin(kit::scope::Scope::Partner(partner))
            .await?;
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
            let text = "no template has this provisioning id";
            violations.add(FIELD, reason::PROVISIONING_ID_UNKNOWN, text);
        }
    }
}

/// Accepts a new customer. Once this returns, the request survives any crash: customer, operation
/// and event are committed together.
pub(crate) async fn create_customer(
    app: &App,
    caller: &Caller,
    application: Application,
) -> Result<Customer, Error> {
    let partner = caller.partner;
    let ground = Ground::survey(app, partner, &application).await?;
    if let Some(existing) = &ground.existing
        && existing.1 == application.fingerprint
    {
        return repeated(app, partner, existing.0).await;
    }
    let mut violations = Violations::default();
    ground.check_template(&application, &mut violations);
    let attached = attach::find(app, partner, &application, &mut violations).await?;
    let draft = application.checked(&ground.rules(app, Strictness::Creation), &mut violations);
    verdict(violations)?;
    if let Some((existing, _)) = ground.existing {
        return Err(external_id_in_use(&draft.external_id, existing));
    }
    if ground.organization_taken {
        return Err(attach::already_wholesale());
    }
    let organization = attached.as_ref().map(|attached| attached.organization_id);
    let asked = !draft.primary_email.is_empty();
    if asked && app.email_taken(&draft.primary_email, organization).await? {
        return Err(Error::conflict(
            reason::EMAIL_IN_USE,
            "the primary e-mail belongs to another organization",
        ));
    }
    accept(app, partner, &application, ground, draft, attached).await
}

/// A repeat of a creation answers with what it made.
async fn repeated(app: &App, partner: PartnerId, id: CustomerId) -> Result<Customer, Error> {
    let mut tx = app
        .context
        .db
        .begin(kit::scope::Scope::Partner(partner))
        .await?;
    store::customer::find(&mut tx, partner, id)
        .await?
        .ok_or(Error::Missing("customer"))
}

/// The external id belongs to another customer, which is named.
pub(crate) fn external_id_in_use(external_id: &str, existing: CustomerId) -> Error {
    Error::conflict(
        reason::EXTERNAL_ID_IN_USE,
        format!("external id {external_id} belongs to customer {existing}"),
    )
}

async fn accept(
    app: &App,
    partner: PartnerId,
    application: &Application,
    ground: Ground,
    mut draft: Draft,
    attached: Option<Attached>,
) -> Result<Customer, Error> {
    let now = app.now();
    let Some(template) = ground.template else {
        return Err(unknown_template());
    };
    let settings = &template.settings;
    let organization_ready = attached.is_some();
    let (organization_id, locale) = if let Some(attached) = attached {
        draft.name = attached.name;
        (attached.organization_id, attached.locale)
    } else {
        let locale = locale::resolve(&draft.language, &settings.country, &settings.language);
        (app.uuid(), locale.to_owned())
    };
    let mut terms = terms(app, settings, &draft.address.country, &locale);
    // in an organization that exists the restriction is off
    terms.restricted_by_partner &= !organization_ready;
    let plan = plan(app, organization_id, &draft, locale);
    let memory = Memory {
        plan,
        organization_ready,
        ..Memory::default()
    };

    let mut tx = app
        .context
        .db
        .begin(kit::scope::Scope::Partner(partner))
        .await?;
    let customer_id = CustomerId::new(&app.context.ids);
    let operation_id = operation::start::<ProvisionCustomer>(
        &mut tx,
        &app.context.ids,
        partner,
        customer_id.uuid(),
        &memory,
        now,
    )
    .await
    .map_err(not_started)?;
    let plan = memory.plan;
    let subscription_id = if settings.subscription_id.is_empty() {
        ground.shared_subscription.unwrap_or_default()
    } else {
        settings.subscription_id.clone()
    };
    let customer = Customer {
        id: customer_id,
        external_id: plan.external_id,
        organization_id: plan.organization_id,
        organization_ready,
        subscription_id,
        name: plan.name,
        locale: plan.locale,
        address: plan.address,
        location: plan.location,
        meetings_timezone: draft.meetings_timezone,
        billing_start_date: draft.billing_start_date,
        status: CustomerStatus::Provisioning,
        errors: Vec::new(),
        packages: held(app, &draft.packages),
        operation_id: operation_id.uuid(),
        created_at: now,
    };
    let acceptance = Acceptance {
        template_id: template.id,
        primary_email: &draft.primary_email,
        sub_partner_admin_email: &draft.sub_partner_admin_email,
        terms: &terms,
        fingerprint: &application.fingerprint,
    };
    match store::customer::insert(&mut tx, partner, &customer, &acceptance).await? {
        Insertion::Done => {}
        Insertion::TemplateGone => return Err(unknown_template()),
        Insertion::Taken => {
            let external_id = &customer.external_id;
            return match store::customer::find_by_external_id(&mut tx, partner, external_id).await?
            {
                Some((existing, fingerprint)) if fingerprint == application.fingerprint => {
                    store::customer::find(&mut tx, partner, existing)
                        .await?
                        .ok_or(Error::Missing("customer"))
                }
                Some((existing, _)) => Err(external_id_in_use(external_id, existing)),
                None => Err(attach::already_wholesale()),
            };
        }
    }
    app.tell(&mut tx, partner, customer.clone(), false, now)
        .await?;
    tx.commit().await?;
    Ok(customer)
}

/// What the template says now, kept with the customer.
fn terms(app: &App, settings: &Settings, country: &str, locale: &str) -> Terms {
    Terms {
        region: settings.region,
        authentication_mode: settings.authentication_mode,
        identity_provider: settings.identity_provider.clone(),
        pstn_provider: settings.pstn_provider.clone(),
        brand_name: settings.brand_name.clone(),
        internal_calls: !settings.internal_calls_disabled,
        restricted_by_partner: !settings.unrestricted,
        call_in: country::call_in(country, settings.region, &app.config.dial_in_numbers),
        site_locale: locale::of_site(locale).to_owned(),
    }
}

/// What the operation will tell other contexts; every id is chosen here, so that its steps can be
/// repeated.
fn plan(app: &App, organization_id: Uuid, draft: &Draft, locale: String) -> Plan {
    Plan {
        organization_id,
        external_id: draft.external_id.clone(),
        name: draft.name.clone(),
        locale,
        address: draft.address.clone(),
        packages: draft.packages.clone(),
        location: draft
            .location
            .clone()
            .map(|form| Location::new(app.uuid(), form)),
    }
}

fn held(app: &App, packages: &[crate::domain::customer::Entitled]) -> Vec<HeldPackage> {
    packages
        .iter()
        .map(|package| HeldPackage {
            name: package.name.clone(),
            status: PackageStatus::Provisioning,
            license_id: app.uuid(),
            limit: package.limit,
            warnings: Vec::new(),
            errors: Vec::new(),
        })
        .collect()
}

fn unknown_template() -> Error {
    let text = "no template has this provisioning id";
    invalid("provisioningId", reason::PROVISIONING_ID_UNKNOWN, text)
}

/// Why an operation was not started.
pub(crate) fn not_started(error: StartError) -> Error {
    match error {
        StartError::Busy => Error::busy(),
        StartError::Database(error) => Error::Database(error),
        StartError::Memory(error) => Error::Inconsistent {
            table: "operation",
            detail: error.to_string(),
        },
    }
}
