//! Holds a creation against the rules, the customer and all other subscribers. Changes nothing, so
//! that creation and precheck find the same.

use kit::email::Email;
use kit::{boot::Context, fault::reason, id::PartnerId, scope::Scope};

use super::{EMAIL_TAKEN, EXTENSION_TAKEN, NUMBER_TAKEN, limit};
use crate::{
    domain::{
        CustomerId,
        package::{self, Selection},
        problem::Problems,
        seat::{EXTENSION_FIELD, NUMBER_FIELD, Seat, SeatRequest},
        subscriber::{Creation, Draft, LONGEST_NAME, Names, Parameters, Subscriber},
    },
    error::{CUSTOMER, EMAIL_IN_USE, EXTENSION_IN_USE, Error, NUMBER_IN_USE, SUBSCRIBER_EXISTS},
    store::{
        customer::{self, Customer, Sight},
        subscriber,
    },
};

/// How much of a request has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// All that a creation needs.
    Everything,
    /// The e-mail; of the rest, what is there is checked.
    Email,
}

/// What a request says, read but not yet held against anything.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) email: Option<Email>,
    names: Option<Names>,
    /// `None` when they are not to be checked.
    packages: Option<Vec<String>>,
    pub(super) seat: Option<SeatRequest>,
}

/// What is there for a request that may be right.
#[derive(Debug)]
pub(super) struct Findings {
    /// The customer.
    pub(super) customer: Customer,
    /// What would be created, when all of it is known and right.
    pub(super) draft: Option<Draft>,
    /// The customer's subscriber with this e-mail.
    pub(super) existing: Option<Subscriber>,
}

impl Findings {
    /// The subscriber that a repeated creation made before.
    pub(super) fn repeated(&self) -> Option<&Subscriber> {
        let draft = self.draft.as_ref()?;
        self.existing.as_ref().filter(|existing| draft.is(existing))
    }
}

/// Reads a request; what is wrong in itself is noted.
pub(super) fn read(request: &Creation, demand: Demand, problems: &mut Problems) -> Wanted {
    let all = demand == Demand::Everything;
    let violations = &mut problems.invalid;
    if all && request.customer_id.trim().is_empty() {
        violations.add("customerId", reason::MISSING, "customerId is required");
    }
    let email = Email::required(violations, "email", &request.email);
    let absent = Parameters::default();
    let parameters = request.parameters.as_ref().or(all.then_some(&absent));
    Wanted {
        email,
        names: parameters.map(|given| Names {
            first: violations.text(
                "provisioningParameters.firstName",
                &given.first_name,
                LONGEST_NAME,
            ),
            last: violations.text(
                "provisioningParameters.lastName",
                &given.last_name,
                LONGEST_NAME,
            ),
        }),
        packages: (all || !request.packages.is_empty()).then(|| request.packages.clone()),
        seat: parameters.and_then(|given| {
            SeatRequest::parse(
                violations,
                &given.number,
                &given.extension,
                &given.location_id,
            )
        }),
    }
}

/// Holds it against the customer and its subscribers, then against everybody's. Two transactions.
pub(super) async fn examine(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
    wanted: &Wanted,
    problems: &mut Problems,
) -> Result<Findings, Error> {
    let mut tx = context.db.begin(Scope::Partner(partner)).await?;
    let asked = wanted.seat.as_ref().and_then(|request| request.location);
    let found = customer::look(&mut tx, partner, customer, asked).await?;
    let Sight {
        customer,
        entitlement,
        locations,
    } = found.ok_or(Error::Missing(CUSTOMER))?;
    let id = customer.id;

    let mut selection = None;
    if let Some(packages) = &wanted.packages {
        selection = package::choose(&entitlement, packages, &mut problems.invalid);
    }
    let mut seat = None;
    if let (Some(request), Some(selection)) = (&wanted.seat, &selection) {
        let current = Seat::default();
        seat = request.settle(
            selection.calling,
            &current,
            locations,
            &mut problems.invalid,
        );
    }
    let mut namesake = None;
    if let Some(email) = &wanted.email {
        namesake = subscriber::find_by_email(&mut tx, partner, email.as_str()).await?;
    }
    let (existing, elsewhere) = match namesake {
        Some(namesake) if namesake.customer_id == id => (Some(namesake), false),
        other => (None, other.is_some()),
    };
    if let (None, Some(selection)) = (&existing, &selection) {
        let gained: Vec<String> = selection.slots.values().cloned().collect();
        limit::note(&mut tx, partner, id, selection, &gained, problems).await?;
    }
    tx.commit().await?;

    let draft = complete(wanted, selection, seat.clone());
    let findings = Findings {
        customer,
        draft,
        existing,
    };
    if findings.existing.is_some() {
        if findings.repeated().is_none() {
            let text = "the customer has a subscriber with this e-mail address and other content";
            problems.conflict("email", SUBSCRIBER_EXISTS, text);
        }
    } else {
        let seat = seat.unwrap_or_else(|| as_asked(wanted));
        let email = wanted.email.as_ref().filter(|_| !elsewhere);
        if elsewhere {
            problems.conflict("email", EMAIL_IN_USE, EMAIL_TAKEN);
        }
        note_taken(context, partner, id, email, &seat, problems).await?;
    }
    Ok(findings)
}

/// Notes what others have, whichever partner they are of.
pub(super) async fn note_taken(
    context: &Context,
    partner: PartnerId,
    customer: CustomerId,
    email: Option<&Email>,
    seat: &Seat,
    problems: &mut Problems,
) -> Result<(), Error> {
    let why = "e-mails and numbers are unique across partners";
    let mut tx = context.db.begin(Scope::Whole(why)).await?;
    let email = email.map(Email::as_str);
    let taken = subscriber::taken(&mut tx, partner, customer, email, seat).await?;
    tx.commit().await?;
    if taken.email {
        problems.conflict("email", EMAIL_IN_USE, EMAIL_TAKEN);
    }
    if taken.number {
        problems.conflict(NUMBER_FIELD, NUMBER_IN_USE, NUMBER_TAKEN);
    }
    if taken.extension {
        problems.conflict(EXTENSION_FIELD, EXTENSION_IN_USE, EXTENSION_TAKEN);
    }
    Ok(())
}

/// A seat with nothing added to what was asked for.
pub(super) fn as_asked(wanted: &Wanted) -> Seat {
    wanted
        .seat
        .as_ref()
        .map_or_else(Seat::default, |request| Seat {
            location: request.location,
            number: request.number.clone(),
            extension: request.extension.clone(),
        })
}

fn complete(wanted: &Wanted, selection: Option<Selection>, seat: Option<Seat>) -> Option<Draft> {
    Some(Draft {
        email: wanted.email.clone()?,
        names: wanted.names.clone()?,
        selection: selection?,
        seat: seat?,
    })
}
