//! Creates a subscriber.

use kit::{
    audit::{self, Entry},
    auth::Caller,
    boot::Context,
    db::Tx,
    id::PartnerId,
    scope::Scope,
};

use super::{
    event::{self, Holder},
    examine::{self, Demand, Findings},
    limit, named,
    person::{self, Person},
};
use crate::{
    domain::{
        AssignmentId, CustomerId, SubscriberId,
        package::{self, Selection},
        problem::Problems,
        subscriber::{Creation, Draft, Subscriber},
    },
    error::{CUSTOMER, Error, SUBSCRIBER_EXISTS},
    store::{
        assignment::Started,
        customer,
        subscriber::{self, New},
    },
};

/// Examines, makes sure of the person, and writes. The same again answers with what there is.
pub(crate) async fn create(
    context: &Context,
    caller: &Caller,
    request: &Creation,
) -> Result<Subscriber, Error> {
    let partner = caller.partner;
    let mut problems = Problems::default();
    let wanted = examine::read(request, Demand::Everything, &mut problems);
    let Ok(customer) = request.customer_id.trim().parse::<CustomerId>() else {
        problems.check()?;
        return Err(Error::Missing(CUSTOMER));
    };
    let found = examine::examine(context, partner, customer, &wanted, &mut problems).await?;
    let Some(draft) = &found.draft else {
        problems.check()?;
        return Err(Error::Inconsistent("a request without problems"));
    };
    let result = match problems.check() {
        Ok(()) => {
            let act = audit::by(caller, "subscriber.created");
            settle(context, partner, &found, draft, act).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match result {
        Err(error) if error.is_clash() => overtaken(context, partner, customer, draft, error).await,
        result => result,
    }
}

/// Answers with what there is, or makes sure of the person and writes.
async fn settle(
    context: &Context,
    partner: PartnerId,
    found: &Findings,
    draft: &Draft,
    act: Entry,
) -> Result<Subscriber, Error> {
    if let Some(existing) = found.repeated() {
        return Ok(existing.clone());
    }
    let customer = &found.customer;
    let person = person::enrol(context, partner, customer.organization_id, draft).await?;
    let act = act.organization(customer.organization_id.uuid());
    write(context, partner, customer.id, person, draft, act).await
}

/// Writes the subscriber, its assignments and their events.
async fn write(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
    person: Person,
    draft: &Draft,
    act: Entry,
) -> Result<Subscriber, Error> {
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let selection = hold(&mut tx, partner, customer, draft).await?;
    let gained: Vec<String> = selection.slots.values().cloned().collect();
    limit::take(&mut tx, partner, customer, &selection, &gained).await?;

    let at = context.clock.now();
    let id = SubscriberId::new(&context.ids);
    let started: Vec<Started> = selection
        .slots
        .iter()
        .map(|(slot, package)| Started {
            assignment_id: AssignmentId::new(&context.ids),
            slot: slot.clone(),
            package: package.clone(),
        })
        .collect();
    let new = New {
        id,
        customer,
        person: person.person_id,
        administrator: person.administrator,
        draft,
        started: &started,
        at,
    };
    let created = subscriber::insert(&mut tx, partner, new).await?;
    let holder = Holder {
        customer,
        subscriber: id,
        person: person.person_id,
        location: draft.seat.location,
    };
    let events: Vec<_> = started
        .iter()
        .map(|one| event::started(holder, one, at))
        .chain([event::act(act, customer, id)])
        .collect();
    kit::feed::append_all(&mut tx, &context.ids, partner, at, &events).await?;
    tx.commit().await?;
    Ok(created)
}

/// Holds the customer still and makes sure that it may still assign what was examined.
async fn hold(
    tx: &mut Tx,
    partner: PartnerId,
    customer: CustomerId,
    draft: &Draft,
) -> Result<Selection, Error> {
    customer::hold(tx, partner, customer)
        .await?
        .ok_or(Error::Missing(CUSTOMER))?;
    let entitlement = customer::entitlement(tx, partner, customer).await?;
    let wanted: Vec<String> = draft.selection.slots.values().cloned().collect();
    let mut problems = Problems::default();
    let selection = package::choose(&entitlement, &wanted, &mut problems.invalid);
    problems.check()?;
    // the catalogue may ask for another seat than the one that was examined
    selection
        .filter(|now| now.slots == draft.selection.slots && now.calling == draft.selection.calling)
        .ok_or(Error::Busy)
}

/// Somebody has what is asked for, perhaps since a moment ago and by this very request sent twice:
/// then its subscriber is the answer.
async fn overtaken(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
    draft: &Draft,
    error: Error,
) -> Result<Subscriber, Error> {
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let namesake = subscriber::find_by_email(&mut tx, partner, draft.email.as_str()).await?;
    tx.commit().await?;
    match namesake {
        Some(existing) if existing.customer_id == customer && draft.is(&existing) => Ok(existing),
        Some(existing) if existing.customer_id == customer => {
            let text = "the customer has a subscriber with this e-mail address and other content";
            Err(Problems::taken("email", SUBSCRIBER_EXISTS, text).into())
        }
        _ => Err(named(error)),
    }
}
