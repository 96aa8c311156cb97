//! Changes the packages of a subscriber.

use kit::{
    audit::{self, Entry},
    auth::Caller,
    boot::Context,
    db::Tx,
    fault::reason,
    id::PartnerId,
};

use super::{
    event::{self, Holder},
    limit, named,
};
use crate::{
    domain::{
        AssignmentId, SubscriberId,
        assignment::Change,
        package,
        problem::Problems,
        seat::{Seat, SeatRequest},
        subscriber::{Parameters, Subscriber, instant},
    },
    error::{ADMINISTRATOR_DOWNGRADE, Error, SUBSCRIBER},
    store::{
        assignment::{self, Started},
        customer, subscriber,
    },
};

/// What is held ends and what is wanted starts at the same instant; the same packages and seat as
/// before change nothing. Names are not changed here: `parameters` are read for the seat only.
pub(crate) async fn update(
    context: &Context,
    caller: &Caller,
    subscriber: &str,
    packages: &[String],
    parameters: Option<&Parameters>,
) -> Result<Subscriber, Error> {
    let id: SubscriberId = subscriber.parse().map_err(|_| Error::Missing(SUBSCRIBER))?;
    let partner = caller.partner;
    let mut problems = Problems::default();
    let absent = Parameters::default();
    let given = parameters.unwrap_or(&absent);
    let asked = SeatRequest::parse(
        &mut problems.invalid,
        &given.number,
        &given.extension,
        &given.location_id,
    );

    let mut tx = context.db.begin(caller.scope()).await?;
    let seen = subscriber::find(&mut tx, partner, id)
        .await?
        .ok_or(Error::Missing(SUBSCRIBER))?;
    let customer = customer::hold(&mut tx, partner, seen.customer_id).await?;
    let customer = customer.ok_or(Error::Missing(SUBSCRIBER))?;
    let entitlement = customer::entitlement(&mut tx, partner, seen.customer_id).await?;
    let locked = subscriber::lock(&mut tx, partner, id)
        .await?
        .ok_or(Error::Missing(SUBSCRIBER))?;
    let held = assignment::held(&mut tx, partner, locked.customer_id, id).await?;

    let selection = package::choose(&entitlement, packages, &mut problems.invalid);
    let mut seat = None;
    if let (Some(asked), Some(selection)) = (&asked, &selection) {
        let locations =
            customer::locations(&mut tx, partner, locked.customer_id, asked.location).await?;
        let violations = &mut problems.invalid;
        seat = asked.settle(selection.calling, &locked.seat, locations, violations);
        if locked.administrator && !customer.beginning.keeps_level(selection) {
            let text = "an administrator keeps a package of the level the organization began with";
            problems.precondition(package::field(packages), ADMINISTRATOR_DOWNGRADE, text);
        }
    }
    problems.check()?;
    let (Some(selection), Some(seat)) = (selection, seat) else {
        return Err(Error::Inconsistent(reason::INVALID));
    };

    let change = Change::between(&held, &selection, seat.location);
    if change.is_empty() && seat == locked.seat {
        tx.commit().await?;
        return Ok(locked);
    }
    let gained: Vec<String> = change.gained(&held).map(str::to_owned).collect();
    limit::take(&mut tx, partner, locked.customer_id, &selection, &gained).await?;
    let act = audit::by(caller, "subscriber.updated");
    write(&mut tx, context, partner, &locked, &seat, &change, act)
        .await
        .map_err(named)?;
    let changed = subscriber::find(&mut tx, partner, id).await?;
    tx.commit().await?;
    changed.ok_or(Error::Missing(SUBSCRIBER))
}

async fn write(
    tx: &mut Tx,
    context: &Context,
    partner: PartnerId,
    subscriber: &Subscriber,
    seat: &Seat,
    change: &Change,
    act: Entry,
) -> Result<(), Error> {
    let (customer, id) = (subscriber.customer_id, subscriber.id);
    let at = instant(context.clock.now(), subscriber.assigned_at);
    let assigned_at = if change.is_empty() {
        subscriber.assigned_at
    } else {
        at
    };
    subscriber::set_seat(tx, partner, subscriber, seat, assigned_at).await?;
    let act = event::act(act, customer, id);
    if change.is_empty() {
        return Ok(kit::feed::append(tx, &context.ids, partner, at, &act).await?);
    }
    let started: Vec<Started> = change
        .start
        .iter()
        .map(|(slot, package)| Started {
            assignment_id: AssignmentId::new(&context.ids),
            slot: slot.clone(),
            package: package.clone(),
        })
        .collect();
    assignment::end(tx, partner, customer, id, &change.end, at).await?;
    assignment::start(tx, partner, customer, id, seat.location, &started, at).await?;

    let location = seat.location;
    let holder = Holder {
        customer,
        subscriber: id,
        person: subscriber.person_id,
        location,
    };
    let ended = change
        .end
        .iter()
        .map(|assignment| event::ended(customer, id, *assignment, at));
    let events: Vec<_> = ended
        .chain(started.iter().map(|one| event::started(holder, one, at)))
        .chain([act])
        .collect();
    Ok(kit::feed::append_all(tx, &context.ids, partner, at, &events).await?)
}
