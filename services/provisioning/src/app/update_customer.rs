//! Accepting a change of a customer.

use chrono::{DateTime, Utc};
use kit::{
    audit::{self, Entry},
    auth::Caller,
    fault::Violations,
    id::PartnerId,
    operation,
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::{
        App,
        change_customer::{ChangeCustomer, Memory},
        create_customer::{external_id_in_use, not_started},
        ground::DELAYED_BILLING,
        verdict,
    },
    domain::{
        catalogue::Catalogue,
        change::{Change, Target},
        customer::{Customer, Entitled, Location, Plan, SignsIn},
        rules::{Rules, Strictness},
    },
    error::{Error, reason},
    store::{
        self,
        customer_change::{self, Accepted},
    },
};

/// Accepts a change; a customer has one operation at a time.
pub(crate) async fn update_customer(
    app: &App,
    caller: &Caller,
    change: &Change,
) -> Result<Customer, Error> {
    let partner = caller.partner;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let current = store::customer::find(&mut tx, partner, change.customer_id)
        .await?
        .ok_or(Error::Missing("customer"))?;
    check_state(&current)?;
    let catalogue = store::package::catalogue(&mut tx).await?;
    let delayed_billing = !change.billing_start_date.is_empty()
        && store::sub_partner::setting(&mut tx, partner, DELAYED_BILLING).await?;
    let wanted = change.external_id.trim();
    let other = store::customer::find_by_external_id(&mut tx, partner, wanted).await?;
    drop(tx);

    let rules = Rules {
        catalogue: &catalogue,
        today: app.now().date_naive(),
        delayed_billing,
        strictness: Strictness::Creation,
    };
    let mut violations = Violations::default();
    let target = change.checked(&current, &rules, &mut violations);
    verdict(violations)?;
    if let Some((other, _)) = other
        && other != current.id
    {
        return Err(external_id_in_use(wanted, other));
    }
    check_holders(app, partner, &current, &target).await?;
    let act = audit::by(caller, "customer.updated");
    accept(app, partner, &catalogue, change, &target, act).await
}

/// Only a settled, provisioned customer can be changed.
fn check_state(customer: &Customer) -> Result<(), Error> {
    if !customer.status.is_settled() {
        return Err(Error::busy());
    }
    if !customer.status.is_provisioned() {
        return Err(Error::precondition(
            reason::CUSTOMER_NOT_PROVISIONED,
            "the customer has no service that could be changed; remove it and create it again",
        ));
    }
    Ok(())
}

/// Refuses to take a package away that subscribers hold, naming how many. The subscriber
/// context judges once more when the change takes effect.
async fn check_holders(
    app: &App,
    partner: PartnerId,
    current: &Customer,
    target: &Target,
) -> Result<(), Error> {
    let lost: Vec<&str> = current
        .packages
        .iter()
        .map(|held| held.name.as_str())
        .filter(|held| target.packages.iter().all(|wanted| wanted.name != *held))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let holders = app.count_holders(partner, current.id).await?;
    let used: Vec<String> = lost
        .iter()
        .filter_map(|name| {
            holders
                .get(*name)
                .filter(|count| **count > 0)
                .map(|count| (name, count))
        })
        .map(|(name, count)| format!("{name} is held by {count} subscribers"))
        .collect();
    if used.is_empty() {
        return Ok(());
    }
    Err(Error::conflict(reason::PACKAGE_IN_USE, used.join("; ")))
}

async fn accept(
    app: &App,
    partner: PartnerId,
    catalogue: &Catalogue,
    change: &Change,
    target: &Target,
    act: Entry,
) -> Result<Customer, Error> {
    let now = app.now();
    let mut tx = app.context.db.begin(Scope::Partner(partner)).await?;
    let current = store::customer::lock(&mut tx, partner, change.customer_id)
        .await?
        .ok_or(Error::Missing("customer"))?;
    check_state(&current)?;
    let memory = remember(app, catalogue, &current, target, now);
    let operation_id = operation::start::<ChangeCustomer>(
        &mut tx,
        &app.context.ids,
        partner,
        current.id.uuid(),
        &memory,
        now,
    )
    .await
    .map_err(not_started)?;
    let held = |name: &str| current.packages.iter().find(|held| held.name == name);
    let packages: Vec<(String, Uuid)> = memory
        .plan
        .packages
        .iter()
        .map(|wanted| {
            let license_id = held(&wanted.name).map_or_else(|| app.uuid(), |held| held.license_id);
            (wanted.name.clone(), license_id)
        })
        .collect();
    let accepted = Accepted {
        operation_id: operation_id.uuid(),
        external_id: target.external_id.as_deref(),
        billing_start_date: target.billing_start_date,
        sub_partner_admin_email: target.sub_partner_admin_email.as_deref(),
        location: memory.plan.location.as_ref(),
        packages: &packages,
    };
    let customer_id = current.id;
    if !customer_change::accept(&mut tx, partner, customer_id, &accepted, now).await? {
        let text = "the external id was given to another customer meanwhile";
        return Err(Error::conflict(reason::EXTERNAL_ID_IN_USE, text));
    }
    let updated = store::customer::find(&mut tx, partner, customer_id)
        .await?
        .ok_or(Error::Missing("customer"))?;
    app.tell_act(&mut tx, partner, updated.clone(), act, now)
        .await?;
    tx.commit().await?;
    Ok(updated)
}

/// What the operation needs to know.
fn remember(
    app: &App,
    catalogue: &Catalogue,
    current: &Customer,
    target: &Target,
    now: DateTime<Utc>,
) -> Memory {
    let new_location = || {
        target
            .location
            .clone()
            .map(|form| Location::new(app.uuid(), form))
    };
    let external_id = target.external_id.as_ref().unwrap_or(&current.external_id);
    Memory {
        plan: Plan {
            // told when the organization was made
            unrestricted: false,
            organization_id: current.organization_id,
            external_id: external_id.clone(),
            name: current.name.clone(),
            locale: current.locale.clone(),
            address: target.address.as_ref().unwrap_or(&current.address).clone(),
            packages: target.packages.clone(),
            location: current.location.clone().or_else(new_location),
            // the organization is there
            authentication: SignsIn::default(),
        },
        former: former(catalogue, current),
        screened: target.address.is_some(),
        meetings_timezone: target.meetings_timezone.clone(),
        case_id: None,
        accepted_at: now,
    }
}

/// What the customer is entitled to now, to come back to when the change fails.
fn former(catalogue: &Catalogue, current: &Customer) -> Vec<Entitled> {
    current
        .packages
        .iter()
        .filter_map(|held| {
            catalogue
                .find(&held.name)
                .map(|package| Entitled::of(package, held.limit))
        })
        .collect()
}
