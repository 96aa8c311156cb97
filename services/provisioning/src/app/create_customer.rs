//! Accepting a new customer.

use chrono::{DateTime, Utc};
use kit::{
    auth::Caller,
    db::Tx,
    fault::Violations,
    id::PartnerId,
    operation::{self, StartError},
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::{
        App,
        attach::{self, Attached},
        ground::{Ground, unknown_template},
        provision_customer::{Memory, ProvisionCustomer},
        verdict,
    },
    domain::{
        application::{Application, Draft},
        country,
        customer::{
            Customer, CustomerId, CustomerStatus, Entitled, HeldPackage, Location, PackageStatus,
            Plan, Terms,
        },
        locale,
        rules::Strictness,
        template::Settings,
        text::is_email,
    },
    error::{Error, reason},
    store::{
        self,
        customer::{Acceptance, Insertion},
    },
};

/// Accepts a new customer. Once this returns, the request survives any crash: customer, operation
/// and event are committed together.
pub(crate) async fn create_customer(
    app: &App,
    caller: &Caller,
    application: Application,
) -> Result<Customer, Error> {
    let partner = caller.partner;
    // other contexts first, so that one transaction is enough for the rest
    let answers = Answers::ask(app, partner, &application).await?;
    let mut tx = app.context.db.begin(Scope::Partner(partner)).await?;
    let ground = Ground::survey(&mut tx, partner, &application).await?;
    if let Some((existing, fingerprint)) = &ground.standing.existing
        && *fingerprint == application.fingerprint
    {
        return repeated(&mut tx, partner, *existing).await;
    }
    let mut violations = Violations::default();
    ground.check_template(&application, &mut violations);
    let attached = answers.organization.check(&mut violations);
    let draft = application.checked(&ground.rules(app, Strictness::Creation), &mut violations);
    verdict(violations)?;
    if let Some((existing, _)) = ground.standing.existing {
        return Err(external_id_in_use(&draft.external_id, existing));
    }
    if ground.standing.organization_taken {
        return Err(attach::already_wholesale());
    }
    if answers.email_taken {
        return Err(Error::conflict(
            reason::EMAIL_IN_USE,
            "the primary e-mail belongs to another organization",
        ));
    }
    accept(app, tx, partner, &application, ground, draft, attached).await
}

/// What other contexts know.
struct Answers {
    organization: attach::Found,
    email_taken: bool,
}

impl Answers {
    async fn ask(app: &App, partner: PartnerId, application: &Application) -> Result<Self, Error> {
        let organization = attach::find(app, partner, application).await?;
        let email = application.primary_email();
        // an address that is none is not worth a question
        let email_taken = is_email(&email) && app.email_taken(&email, organization.id()).await?;
        Ok(Self {
            organization,
            email_taken,
        })
    }
}

/// A repeat of a creation answers with what it made.
async fn repeated(tx: &mut Tx, partner: PartnerId, id: CustomerId) -> Result<Customer, Error> {
    store::customer::find(tx, partner, id)
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
    mut tx: Tx,
    partner: PartnerId,
    application: &Application,
    ground: Ground,
    draft: Draft,
    attached: Option<Attached>,
) -> Result<Customer, Error> {
    let now = app.now();
    let Some(template) = ground.template else {
        return Err(unknown_template());
    };
    let settings = &template.settings;
    let organization_ready = attached.is_some();
    let plan = plan(app, settings, &draft, attached);
    let terms = terms(app, settings, &plan, organization_ready);
    let memory = Memory {
        plan,
        organization_ready,
        ..Memory::default()
    };

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
    let subscription_id = if settings.subscription_id.is_empty() {
        ground.standing.shared_subscription.unwrap_or_default()
    } else {
        settings.subscription_id.clone()
    };
    let customer = Customer {
        organization_ready,
        subscription_id,
        meetings_timezone: draft.meetings_timezone,
        billing_start_date: draft.billing_start_date,
        operation_id: operation_id.uuid(),
        ..accepted(app, customer_id, memory.plan, now)
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
        Insertion::Taken => return taken(tx, partner, &customer, application).await,
    }
    app.tell(&mut tx, partner, customer.clone(), false, now)
        .await?;
    tx.commit().await?;
    Ok(customer)
}

/// Somebody was quicker: with the same request, which is answered alike, or with another one.
async fn taken(
    mut tx: Tx,
    partner: PartnerId,
    customer: &Customer,
    application: &Application,
) -> Result<Customer, Error> {
    let external_id = &customer.external_id;
    match store::customer::find_by_external_id(&mut tx, partner, external_id).await? {
        Some((existing, fingerprint)) if fingerprint == application.fingerprint => {
            repeated(&mut tx, partner, existing).await
        }
        Some((existing, _)) => Err(external_id_in_use(external_id, existing)),
        None => Err(attach::already_wholesale()),
    }
}

/// A customer that is to be set up by a plan.
fn accepted(app: &App, id: CustomerId, plan: Plan, now: DateTime<Utc>) -> Customer {
    Customer {
        id,
        packages: held(app, &plan.packages),
        external_id: plan.external_id,
        organization_id: plan.organization_id,
        organization_ready: false,
        subscription_id: String::new(),
        name: plan.name,
        locale: plan.locale,
        address: plan.address,
        location: plan.location,
        meetings_timezone: String::new(),
        billing_start_date: None,
        status: CustomerStatus::Provisioning,
        errors: Vec::new(),
        operation_id: Uuid::nil(),
        created_at: now,
    }
}

/// What the template says now, kept with the customer.
fn terms(app: &App, settings: &Settings, plan: &Plan, attached: bool) -> Terms {
    let (country, numbers) = (&plan.address.country, &app.config.dial_in_numbers);
    Terms {
        region: settings.region,
        authentication_mode: settings.authentication_mode,
        identity_provider: settings.identity_provider.clone(),
        pstn_provider: settings.pstn_provider.clone(),
        brand_name: settings.brand_name.clone(),
        internal_calls: !settings.internal_calls_disabled,
        // off in an organization that exists
        restricted_by_partner: !settings.unrestricted && !attached,
        call_in: country::call_in(country, settings.region, numbers),
        site_locale: locale::of_site(&plan.locale).to_owned(),
    }
}

/// What the operation will tell other contexts; every id is chosen here, so that its steps can be
/// repeated. An organization that exists keeps its name and its language.
fn plan(app: &App, settings: &Settings, draft: &Draft, attached: Option<Attached>) -> Plan {
    let attached = attached.unwrap_or_else(|| {
        let locale = locale::resolve(&draft.language, &settings.country, &settings.language);
        Attached {
            organization_id: app.uuid(),
            name: draft.name.clone(),
            locale: locale.to_owned(),
        }
    });
    Plan {
        organization_id: attached.organization_id,
        external_id: draft.external_id.clone(),
        name: attached.name,
        locale: attached.locale,
        address: draft.address.clone(),
        packages: draft.packages.clone(),
        location: draft
            .location
            .clone()
            .map(|form| Location::new(app.uuid(), form)),
    }
}

fn held(app: &App, packages: &[Entitled]) -> Vec<HeldPackage> {
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
