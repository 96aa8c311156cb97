//! Accepting new customers.

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use kit::{
    audit::Entry,
    db::Tx,
    fault::Violations,
    group::Grouped,
    id::PartnerId,
    operation::{self, OperationId, StartError, Starting},
    scope::Scope,
    telemetry::Trace,
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
            Plan, SignsIn, Terms,
        },
        locale,
        rules::Strictness,
        template::Settings,
    },
    error::{Error, reason},
    store::{self, customer::Acceptance},
};

/// A customer that is to be made, with its operation.
struct New {
    row: Acceptance,
    memory: Memory,
    trace: Option<Trace>,
    act: Entry,
}

/// Accepts new customers. Once it answers, a request survives any crash: customer, operation and event
/// are committed together. Requests of one partner that arrive together share the transaction: five
/// round trips between its begin and its commit, however many they are.
pub(crate) struct CreateCustomer(pub(crate) App);

/// A request to create a customer.
pub(crate) struct Asked {
    pub(crate) application: Application,
    /// The trace that it belongs to.
    pub(crate) trace: Option<Trace>,
    /// The act, for the audit.
    pub(crate) act: Entry,
}

impl Grouped for CreateCustomer {
    type Item = Asked;
    type Done = Result<Customer, Error>;
    type Error = Error;

    async fn serve(&self, partner: PartnerId, asked: &[Asked]) -> Result<Vec<Self::Done>, Error> {
        let app = &self.0;
        let applications: Vec<_> = asked.iter().map(|asked| &asked.application).collect();
        // other contexts first, so that one transaction is enough for the rest
        let answers = Answers::ask(app, partner, &applications).await?;
        let mut tx = app.context.db.begin_many(Scope::Partner(partner)).await?;
        let grounds = Ground::survey_all(&mut tx, partner, &applications).await?;
        let now = app.now();
        let mut judged = Vec::with_capacity(asked.len());
        for ((asked, answer), ground) in asked.iter().zip(answers).zip(grounds) {
            judged.push(judge(app, asked, answer, ground, now));
        }
        let new: Vec<_> = judged.iter().filter_map(Judgement::customer).collect();
        let rows: Vec<_> = new.iter().map(|new| &new.row).collect();
        let written = store::customer::insert_all(&mut tx, partner, &rows).await?;
        // where others are in the group, each is judged again alone
        let written = written.ok_or_else(unknown_template)?;
        let accepted: Vec<_> = new
            .into_iter()
            .filter(|new| written.contains(&new.row.customer.id))
            .collect();
        start(app, &mut tx, partner, &accepted, now).await?;
        let mut done = Vec::with_capacity(asked.len());
        for (judgement, asked) in judged.into_iter().zip(asked) {
            done.push(match judgement {
                Judgement::Refused(error) => Err(error),
                Judgement::Repeated(id) => repeated(&mut tx, partner, id).await,
                Judgement::New(new) if written.contains(&new.row.customer.id) => {
                    Ok(new.row.customer)
                }
                Judgement::New(_) => taken(&mut tx, partner, &asked.application).await,
            });
        }
        tx.commit().await?;
        Ok(done)
    }
}

/// What becomes of a request.
enum Judgement {
    /// Nothing, and why.
    Refused(Error),
    /// It was made before.
    Repeated(CustomerId),
    /// A customer, unless somebody is quicker.
    New(Box<New>),
}

impl Judgement {
    fn customer(&self) -> Option<&New> {
        match self {
            Self::New(new) => Some(new),
            Self::Refused(_) | Self::Repeated(_) => None,
        }
    }
}

fn judge(
    app: &App,
    asked: &Asked,
    answer: Answers,
    ground: Ground,
    now: DateTime<Utc>,
) -> Judgement {
    let application = &asked.application;
    if let Some((existing, fingerprint)) = &ground.standing.existing
        && *fingerprint == application.fingerprint
    {
        return Judgement::Repeated(*existing);
    }
    checked(app, application, answer, &ground)
        .and_then(|(draft, attached)| accept(app, asked, ground, draft, attached, now))
        .map_or_else(Judgement::Refused, |new| Judgement::New(Box::new(new)))
}

/// What is to be made, if nothing stands against it.
fn checked(
    app: &App,
    application: &Application,
    answer: Answers,
    ground: &Ground,
) -> Result<(Draft, Option<Attached>), Error> {
    let mut violations = Violations::default();
    ground.check_template(application, &mut violations);
    let attached = answer.organization.check(&mut violations);
    let draft = application.checked(&ground.rules(app, Strictness::Creation), &mut violations);
    verdict(violations)?;
    if let Some((existing, _)) = ground.standing.existing {
        return Err(external_id_in_use(&draft.external_id, existing));
    }
    if ground.standing.organization_taken {
        return Err(attach::already_wholesale());
    }
    if answer.email_taken {
        return Err(Error::conflict(
            reason::EMAIL_IN_USE,
            "the primary e-mail belongs to another organization",
        ));
    }
    Ok((draft, attached))
}

/// What other contexts know.
struct Answers {
    organization: attach::Found,
    email_taken: bool,
}

impl Answers {
    /// For several applications; the e-mail addresses in one call.
    async fn ask(
        app: &App,
        partner: PartnerId,
        applications: &[&Application],
    ) -> Result<Vec<Self>, Error> {
        let organizations = applications
            .iter()
            .map(|application| attach::find(app, partner, application));
        let organizations = try_join_all(organizations).await?;
        let emails: Vec<_> = applications
            .iter()
            .zip(&organizations)
            .map(|(application, organization)| (application.primary_email(), organization.id()))
            .collect();
        let taken = app.emails_taken(&emails).await?;
        let answers = organizations.into_iter().zip(taken);
        Ok(answers
            .map(|(organization, email_taken)| Self {
                organization,
                email_taken,
            })
            .collect())
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

/// The customer as it will be written, with its operation.
fn accept(
    app: &App,
    asked: &Asked,
    ground: Ground,
    draft: Draft,
    attached: Option<Attached>,
    now: DateTime<Utc>,
) -> Result<New, Error> {
    let template = ground.template.ok_or_else(unknown_template)?;
    let settings = &template.settings;
    let organization_ready = attached.is_some();
    let plan = plan(app, settings, &draft, attached);
    let terms = terms(app, settings, &plan, organization_ready);
    let memory = Memory {
        plan: plan.clone(),
        organization_ready,
        ..Memory::default()
    };
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
        operation_id: app.uuid(),
        ..accepted(app, plan, now)
    };
    let row = Acceptance {
        customer,
        template_id: template.id,
        primary_email: draft.primary_email,
        sub_partner_admin_email: draft.sub_partner_admin_email,
        terms,
        fingerprint: asked.application.fingerprint,
    };
    Ok(New {
        row,
        memory,
        trace: asked.trace,
        act: asked.act.clone(),
    })
}

/// Starts the operations of customers that were written, and tells the other contexts.
async fn start(
    app: &App,
    tx: &mut Tx,
    partner: PartnerId,
    accepted: &[&New],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let starting: Vec<_> = accepted
        .iter()
        .map(|new| Starting {
            operation_id: OperationId::from_uuid(new.row.customer.operation_id),
            subject: new.row.customer.id.uuid(),
            memory: &new.memory,
            trace: new.trace,
        })
        .collect();
    operation::start_all::<ProvisionCustomer>(tx, partner, &starting, now)
        .await
        .map_err(not_started)?;
    let customers = accepted
        .iter()
        .map(|new| (new.trace, new.row.customer.clone(), Some(new.act.clone())));
    app.tell_all(tx, partner, customers, now).await
}

/// Somebody was quicker: with the same request, which is answered alike, or with another one.
async fn taken(
    tx: &mut Tx,
    partner: PartnerId,
    application: &Application,
) -> Result<Customer, Error> {
    let external_id = application.external_id.trim();
    match store::customer::find_by_external_id(tx, partner, external_id).await? {
        Some((existing, fingerprint)) if fingerprint == application.fingerprint => {
            repeated(tx, partner, existing).await
        }
        Some((existing, _)) => Err(external_id_in_use(external_id, existing)),
        None => Err(attach::already_wholesale()),
    }
}

/// A customer that is to be set up by a plan.
fn accepted(app: &App, plan: Plan, now: DateTime<Utc>) -> Customer {
    Customer {
        id: CustomerId::new(&app.context.ids),
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
        unrestricted: settings.unrestricted,
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
        authentication: SignsIn {
            mode: settings.authentication_mode,
            provider: settings.identity_provider.clone(),
        },
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
