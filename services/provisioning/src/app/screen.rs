//! Screening as a step of an operation.

use kit::operation::{Problem, Run, StepError};
use proto::compliance::v1::ScreeningDecision;
use uuid::Uuid;

use crate::{
    app::App,
    config::Policy,
    domain::customer::{CustomerId, Plan},
    store::screening_outcome,
};

/// What is known of a customer's screening.
#[derive(Debug)]
pub(crate) enum Screened {
    /// No match, or approved, or the policy is not to wait.
    GoOn,
    /// Reviewers have it.
    Waiting,
    /// The customer cannot have the service.
    Refused(Problem),
}

/// Screens, or looks what became of the case that an earlier try opened. No failure is a clear: it
/// is tried again, whatever it was.
pub(crate) async fn screen(
    app: &App,
    run: &Run,
    key: String,
    plan: &Plan,
    case: &mut Option<Uuid>,
) -> Result<Screened, StepError> {
    let customer_id = CustomerId::from_uuid(run.subject);
    if case.is_none() {
        let result = app
            .screen_customer(run.partner, customer_id, plan, key)
            .await
            .map_err(StepError::Retry)?;
        if result.decision() == ScreeningDecision::Clear {
            return Ok(Screened::GoOn);
        }
        *case = result.case_id.parse().ok();
        if case.is_none() {
            let message = "screening found a match and opened no case";
            return Err(StepError::Retry(internal(message)));
        }
    }
    Ok(match refusal(app, run, *case).await? {
        Decision::Approved => Screened::GoOn,
        Decision::Refused(problem) => Screened::Refused(problem),
        Decision::Open if app.config.screening == Policy::Concurrent => Screened::GoOn,
        Decision::Open => Screened::Waiting,
    })
}

/// The decision on the operation's case.
#[derive(Debug)]
pub(crate) enum Decision {
    /// There is none yet.
    Open,
    /// The customer may have the service.
    Approved,
    /// It may not.
    Refused(Problem),
}

/// Looks what the follower of the compliance feed has written down. A decision that arrives after
/// this look takes the operation's lease away, so that the step is run again and sees it.
pub(crate) async fn refusal(
    app: &App,
    run: &Run,
    case: Option<Uuid>,
) -> Result<Decision, StepError> {
    let Some(case) = case else {
        return Ok(Decision::Approved);
    };
    let customer_id = CustomerId::from_uuid(run.subject);
    let mut tx = app
        .context
        .db
        .begin(kit::scope::Scope::Partner(run.partner))
        .await?;
    let verdict = screening_outcome::find(&mut tx, run.partner, customer_id, case)
        .await
        .map_err(|error| StepError::Retry(internal(&kit::fault::chain(&error))))?;
    Ok(match verdict {
        None => Decision::Open,
        Some(verdict) => verdict.refusal().map_or(Decision::Approved, |problem| {
            Decision::Refused(Problem::new(&problem.reason, problem.description))
        }),
    })
}

fn internal(message: &str) -> kit::fault::Fault {
    kit::fault::Fault::new(
        kit::fault::Kind::Internal,
        kit::fault::reason::INTERNAL,
        message,
    )
}
